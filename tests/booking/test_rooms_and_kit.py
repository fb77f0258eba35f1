"""Tables, kit and what a client needs of a room: offered, booked, and kept apart by the database (cases C03, C05)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.practice import queries as practices
from unknot.practice.models import Kit, Room
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
WEDNESDAY = date(2026, 11, 18)  # noor 8-16, ivan 12-20, celeste 9-15, dev 10-18


@pytest.fixture
def hold(hills: Stage, facts: Facts, now: datetime) -> Callable[..., queries.Hold]:
    """`hold("10:00", "noor-haddad")`: keeps an hour at Foothills on the Wednesday."""

    def kept(at: str, therapist: str | None = None, service: str = "therapeutic-60", **more: Any) -> queries.Hold:
        return actions.hold_slot(
            by=Actor(),
            practice=facts(hills),
            service_slug=service,
            therapist_slug=therapist,
            place_slug="clinic",
            local_start=f"{WEDNESDAY}T{at}",
            now=now,
            **more,
        )

    return kept


@pytest.fixture
def one_big_room(hills: Stage) -> Room:
    """Foothills with a single room that has two tables, and no buffers."""
    first, *others = hills.rooms["clinic"]
    Room.objects.filter(pk__in=[one.pk for one in others]).update(active=False)
    first.capacity = 2
    first.save()
    for row in hills.services.values():
        row.buffer_before = row.buffer_after = 0
        row.save()
    return first


def offered(
    stage: Stage, facts: Facts, now: datetime, service: str = "therapeutic-60", needs: Sequence[str] = ()
) -> set[str]:
    found = queries.open_slots(
        practice=facts(stage),
        service=practices.service_at(service),
        first=WEDNESDAY,
        last=WEDNESDAY,
        now=now,
        needs=needs,
    )
    return {one.local_start[11:] for one in found}


def test_a_room_with_two_tables_takes_two_at_every_minute(
    one_big_room: Room, hills: Stage, facts: Facts, hold: Callable[..., queries.Hold], now: datetime
) -> None:
    hold("13:00", "noor-haddad")
    hold("13:30", "ivan-petrov", "therapeutic-90")
    free = offered(hills, facts, now)
    assert "12:00" in free, "only Noor's visit from 13:00, and that begins as this one ends"
    assert "12:30" in free, "one other at every minute until 13:30"
    assert "12:45" not in free, "two others from 13:30 to 13:45"
    assert "14:00" in free
    with pytest.raises(actions.SlotTakenError) as refused:
        hold("13:15", "celeste-arsenault")
    assert refused.value.extra["reason"] == "no-room"
    hold("14:00", "celeste-arsenault")
    assert sorted(Appointment.objects.values_list("room_unit", flat=True)) == [0, 0, 1]


def test_a_visit_changes_tables_when_that_makes_room(
    one_big_room: Room, hold: Callable[..., queries.Hold], hills: Stage, facts: Facts, now: datetime
) -> None:
    """Neither table is free from 13:00 to 14:00, though at every minute only one is used."""
    first, second = hold("12:30", "noor-haddad"), hold("13:30", "ivan-petrov")
    Appointment.objects.filter(pk=second.id).update(room_unit=1)
    assert "13:00" in offered(hills, facts, now)
    third = hold("13:00", "dev-malhotra")
    tables = dict(Appointment.objects.values_list("pk", "room_unit"))
    assert (tables[first.id], tables[third.id], tables[second.id]) == (0, 1, 0)
    assert "13:00" not in offered(hills, facts, now)


def test_the_database_keeps_tables_apart(one_big_room: Room, hold: Callable[..., queries.Hold]) -> None:
    hold("12:30", "noor-haddad")
    second = hold("13:00", "ivan-petrov")
    with pytest.raises(IntegrityError, match="diary_room"), transaction.atomic():
        Appointment.objects.filter(pk=second.id).update(room_unit=0)


def sticks(stage: Stage, count: int, place: str | None = None) -> None:
    """That many sets of bamboo sticks, needed by every relaxation massage."""
    where = stage.places[place] if place else None
    for _ in range(count):
        Kit.objects.create(practice=stage.practice, kind="bamboo", name="bamboo sticks", place=where)
    row = stage.services["relaxation-60"]
    row.kit = ["bamboo"]
    row.save()


def test_kit_is_had_by_one_visit_at_a_time(
    hills: Stage, facts: Facts, hold: Callable[..., queries.Hold], now: datetime
) -> None:
    sticks(hills, 1)
    kept = hold("13:00", "noor-haddad", "relaxation-60")
    assert len(Appointment.objects.get(pk=kept.id).kit_units) == 1
    free = offered(hills, facts, now, "relaxation-60")
    assert not free & {"12:30", "13:00", "13:30", "14:00"}
    assert {"11:45", "14:15"} <= free
    assert "13:00" in offered(hills, facts, now), "a massage that needs no sticks"
    with pytest.raises(actions.SlotTakenError) as refused:
        hold("13:30", "celeste-arsenault", "relaxation-60")
    assert refused.value.extra["reason"] == "no-kit"
    reason = queries.why_not(
        practice=facts(hills),
        service=practices.service_at("relaxation-60"),
        wall=datetime(2026, 11, 18, 13, 30),  # noqa: DTZ001 - a wall time
        now=now,
        therapist_slug="celeste-arsenault",
    )
    assert reason is not None
    assert (reason.code, reason.sentence) == ("no-kit", "In use by other visits then: bamboo sticks.")


def test_kit_of_another_place_is_not_here(hills: Stage, hold: Callable[..., queries.Hold]) -> None:
    sticks(hills, 1)
    Kit.objects.update(kind="something-else")
    with pytest.raises(actions.KitMissingError):
        hold("13:00", "noor-haddad", "relaxation-60")


def test_two_sets_serve_two_and_moving_gives_one_back(
    hills: Stage, facts: Facts, hold: Callable[..., queries.Hold], now: datetime
) -> None:
    sticks(hills, 2, "clinic")
    first = hold("13:00", "noor-haddad", "relaxation-60")
    second = hold("13:30", "celeste-arsenault", "relaxation-60")
    used = [Appointment.objects.get(pk=one.id).kit_units for one in (first, second)]
    assert used[0] != used[1]
    assert "13:30" not in offered(hills, facts, now, "relaxation-60")
    actions.release_hold(by=Actor(), hold_id=first.id, secret=first.secret, now=now)
    assert "13:30" in offered(hills, facts, now, "relaxation-60")


def test_the_database_keeps_kit_apart(hills: Stage, hold: Callable[..., queries.Hold]) -> None:
    sticks(hills, 2)
    first = hold("13:00", "noor-haddad", "relaxation-60")
    second = hold("13:30", "celeste-arsenault", "relaxation-60")
    both = [*Appointment.objects.get(pk=first.id).kit_units, *Appointment.objects.get(pk=second.id).kit_units]
    with pytest.raises(IntegrityError, match="diary_kit"), transaction.atomic():
        Appointment.objects.filter(pk=second.id).update(kit_units=both)


def test_only_rooms_that_fit_the_client_are_offered(
    hills: Stage, facts: Facts, hold: Callable[..., queries.Hold], now: datetime
) -> None:
    """Aspen is quiet, Cedar has a low table, Dogwood both; the whole clinic is step-free."""
    both = ("quiet", "low_table", "step_free", "companion")
    kept = hold("13:00", "noor-haddad", needs=both)
    assert (kept.visit.room_name, kept.visit.need_slugs) == (
        "Dogwood",
        ("step_free", "low_table", "quiet", "companion"),
    )
    assert "13:30" not in offered(hills, facts, now, needs=both)
    assert "13:30" in offered(hills, facts, now, needs=("quiet",))
    assert hold("13:30", "ivan-petrov", needs=("quiet",)).visit.room_name == "Aspen"
    with pytest.raises(actions.SlotTakenError) as refused:
        hold("14:00", "celeste-arsenault", needs=("quiet",))
    assert refused.value.extra["reason"] == "no-room"
    starts = {one["local_start"][11:] for one in refused.value.extra["alternatives"]}
    assert starts <= offered(hills, facts, now, needs=("quiet",))


def test_no_room_fits(hills: Stage, facts: Facts, hold: Callable[..., queries.Hold], now: datetime) -> None:
    hills.places["clinic"].access = []
    hills.places["clinic"].save()
    assert offered(hills, facts, now, needs=("step_free",)) == set()
    with pytest.raises(actions.NoFittingRoomError):
        hold("13:00", "noor-haddad", needs=("step_free",))
    assert hold("13:00", "noor-haddad", needs=("companion",)).visit.needs == ("Somebody comes with me",)


def test_moving_keeps_to_rooms_that_fit(
    hills: Stage, hold: Callable[..., queries.Hold], client_of: Callable[..., Actor], now: datetime
) -> None:
    maya = client_of(hills, "maya@clients.example")
    kept = hold("13:00", "noor-haddad", needs=("low_table", "quiet"))
    by = system(hills.practice.id)
    actions.book(by=by, hold_id=kept.id, secret=kept.secret, client_id=maya.client_id, intake_id=None, now=now)
    moved = actions.reschedule(by=by, appointment_id=kept.id, local_start=f"{WEDNESDAY}T10:00", now=now)
    assert moved.visit.room_name == "Dogwood"
