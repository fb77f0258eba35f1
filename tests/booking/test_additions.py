"""Other additions for a booked visit: asked of the diary again, priced before, all or nothing, told by mail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.kernel.errors import UnknotError
from unknot.notifications.models import Message
from unknot.practice.models import Kit, Offer, Service, Therapist
from unknot.practice.queries import PracticeFacts

THURSDAY = "2026-11-19"


@pytest.fixture
def maya(foothills: Stage, client_of: Callable[..., Actor]) -> Actor:
    return client_of(foothills, "maya@clients.example")


@pytest.fixture
def desk(foothills: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(foothills, "front_desk")


@pytest.fixture
def booked(
    hills: Stage, facts: Callable[[Stage], PracticeFacts], maya: Actor, now: datetime, answered: Any
) -> Callable[..., queries.VisitFacts]:
    """`booked("10:00", by=maya, add=...)`: an hour with Noor, who gives cupping too, on the Thursday."""
    noor = hills.therapists["noor-haddad"]
    Offer.objects.create(practice=hills.practice, therapist=noor, service=hills.services["cupping"])

    def made(at: str = "10:00", **more: Any) -> queries.VisitFacts:
        by = more.pop("by", maya)
        usual = {"therapist_slug": "noor-haddad", "place_slug": "clinic", "service_slug": "therapeutic-60"}
        return actions.book_directly(
            by=by,
            practice=facts(hills),
            local_start=f"{THURSDAY}T{at}",
            intake_id=answered(hills, by.client_id, now=now),
            now=now,
            **(usual | more),
        )

    return made


def row_of(visit: queries.VisitFacts) -> Any:
    return Appointment.objects.get(pk=visit.id)


def change(by: Actor, visit: queries.VisitFacts, now: datetime, *add: str, **more: Any) -> actions.AdditionsOutcome:
    return actions.change_additions(by=by, appointment_id=visit.id, add=add, now=now, **more)


def test_an_addition_makes_it_longer_and_dearer_and_is_told(booked: Any, maya: Actor, now: datetime) -> None:
    visit = booked()
    shown = change(maya, visit, now, "cupping", preview=True)
    assert (shown.visit.minutes, shown.visit.price.minor, shown.before.minor) == (75, 13500, 11000)
    assert row_of(visit).sequence == 0
    done = change(maya, visit, now, "cupping", sequence=0)
    row = row_of(visit)
    assert done.visit.what == "Therapeutic massage, 60 minutes, with cupping"
    assert (row.local_start, row.price_minor, row.sequence) == (visit.local_start, 13500, 1)
    assert row.ends_at - row.starts_at == timedelta(minutes=75)
    assert row.blocked.upper == row.ends_at + timedelta(minutes=15)
    waiting = Message.objects.filter(appointment_id=visit.id, state="waiting").order_by("kind")
    assert [one.kind for one in waiting] == ["booking_changed", "booking_reminder"]
    assert {one.facts["sequence"] for one in waiting} == {1}
    entry = Entry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.verb, entry.facts["minutes"]) == ("visit.additions-changed", 75)
    assert change(maya, visit, now, "cupping").visit.sequence == 1, "the same again changes nothing"
    back = change(maya, visit, now)
    assert (back.visit.minutes, back.visit.price.minor, row_of(visit).sequence) == (60, 11000, 2)


def test_what_does_not_fit_is_refused_whole_and_fits_when_there_is_room(
    booked: Any, maya: Actor, now: datetime, client_of: Any, foothills: Stage
) -> None:
    visit = booked("08:00")
    next_one = booked("09:15", by=client_of(foothills, "anders@clients.example"))
    before = row_of(visit).__dict__ | {"_state": 0}
    with pytest.raises(actions.SlotTakenError):
        change(maya, visit, now, "cupping")
    assert row_of(visit).__dict__ | {"_state": 0} == before
    Appointment.objects.filter(pk=next_one.id).update(state="cancelled")
    assert change(maya, visit, now, "cupping").visit.minutes == 75


def test_its_own_room_stays_where_it_can(booked: Any, maya: Actor, now: datetime, hills: Stage) -> None:
    visit = booked()
    third = hills.rooms["clinic"][2]
    Appointment.objects.filter(pk=visit.id).update(room=third)
    assert change(maya, visit, now, "cupping").visit.room_name == third.name


def test_kit_is_taken_and_given_back(booked: Any, maya: Actor, now: datetime, hills: Stage) -> None:
    Service.objects.filter(slug="cupping").update(kit=["hot-stones"])
    (stones,) = Kit.objects.filter(kind="hot-stones")
    visit = booked()
    change(maya, visit, now, "cupping")
    assert row_of(visit).kit_units == [stones.pk]
    change(maya, visit, now)
    assert row_of(visit).kit_units == []


@pytest.mark.parametrize(
    ("add", "error"),
    [
        (("no-such-thing",), "unknown-service"),
        (("therapeutic-60",), "unknown-service"),
        (("cupping", "cupping"), "added-twice"),
    ],
)
def test_what_can_not_be_added(booked: Any, maya: Actor, now: datetime, add: tuple[str, ...], error: str) -> None:
    visit = booked()
    with pytest.raises(UnknotError) as refused:
        change(maya, visit, now, *add)
    assert refused.value.code == error
    assert row_of(visit).sequence == 0


def test_inside_the_change_window_only_the_desk_may(booked: Any, maya: Actor, desk: Actor, now: datetime) -> None:
    visit = booked()
    late = visit.starts_at - timedelta(hours=23)
    with pytest.raises(actions.AskDeskError):
        change(maya, visit, late, "cupping")
    assert change(desk, visit, late, "cupping").visit.minutes == 75
    with pytest.raises(actions.NotMovableError):
        change(desk, visit, visit.starts_at + timedelta(minutes=1))


def test_a_line_with_rules_of_its_own(booked: Any, maya: Actor, desk: Actor, now: datetime) -> None:
    visit = booked()
    Service.objects.filter(slug="cupping").update(approval=True)
    with pytest.raises(actions.AskDeskError):
        change(maya, visit, now, "cupping")
    Service.objects.filter(slug="cupping").update(approval=False, new_clients="no")
    with pytest.raises(actions.NotForNewError):
        change(maya, visit, now, "cupping")
    assert change(desk, visit, now, "cupping").visit.minutes == 75


def test_only_what_its_therapist_gives(booked: Any, maya: Actor, now: datetime) -> None:
    visit = booked()
    with pytest.raises(actions.NotGivenError):
        change(maya, visit, now, "hot-stones")


def test_the_limit_of_the_day_holds_unless_staff_say_why(booked: Any, desk: Actor, now: datetime) -> None:
    visit = booked()
    Therapist.objects.filter(slug="noor-haddad").update(most_minutes=60)
    with pytest.raises(actions.SlotTakenError) as refused:
        change(desk, visit, now, "cupping")
    assert refused.value.extra["reason"] == "day-full"
    done = change(desk, visit, now, "cupping", override_reason="she asked for it")
    assert done.visit.minutes == 75
    assert row_of(visit).override_reason == "she asked for it"


def test_a_page_that_is_older_than_the_visit(booked: Any, maya: Actor, desk: Actor, now: datetime) -> None:
    visit = booked()
    change(desk, visit, now, "cupping")
    with pytest.raises(actions.SeenOtherwiseError):
        change(maya, visit, now, sequence=0)


def test_a_visit_on_an_old_grid_can_still_be_changed(booked: Any, desk: Actor, now: datetime, hills: Stage) -> None:
    visit = booked("10:15")
    type(hills.practice).objects.filter(pk=hills.practice.id).update(grid_minutes=60)
    assert change(desk, visit, now, "cupping").visit.local_start.endswith("10:15")
