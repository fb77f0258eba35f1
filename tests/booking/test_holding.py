"""Keeping a time: for whom, for how long, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
Answered = Callable[..., UUID]
THURSDAY = "2026-11-19"
WISH: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": "maren-oduya", "place_slug": "studio"}


def test_a_hold_becomes_a_visit(river: Stage, facts: Facts, tomasz: Actor, now: datetime, answered: Answered) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    assert (hold.visit.state, hold.expires_at) == ("held", now + timedelta(minutes=10))
    intake_id = answered(river, tomasz.client_id, now=now)
    visit = actions.book(by=tomasz, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=now)
    assert (visit.id, visit.state, visit.client_id) == (hold.id, "confirmed", tomasz.client_id)
    assert visit.starts_at == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    assert (visit.price.minor, visit.tiers, visit.room_name) == (11000, [[24, 50], [4, 100]], "Studio")
    assert [entry.verb for entry in Entry.objects.filter(subject_id=visit.id)] == ["visit.booked"]
    kinds = Message.objects.filter(appointment_id=visit.id).order_by("due_at").values_list("kind", flat=True)
    assert list(kinds) == ["booking_confirmed", "booking_reminder"]


def test_somebody_else_can_not_confirm_a_booked_hold(
    river: Stage, facts: Facts, tomasz: Actor, priya: Actor, now: datetime, answered: Answered
) -> None:
    hold = actions.hold_slot(by=tomasz, practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    with pytest.raises(actions.UnknownHoldError):
        actions.book(by=tomasz, hold_id=hold.id, secret="guess", intake_id=None, now=now)
    actions.book(
        by=tomasz,
        hold_id=hold.id,
        secret=hold.secret,
        intake_id=answered(river, tomasz.client_id, now=now),
        now=now,
    )
    with pytest.raises(actions.HoldOverError):
        actions.book(
            by=priya,
            hold_id=hold.id,
            secret=hold.secret,
            intake_id=answered(river, priya.client_id, now=now),
            now=now,
        )


def test_a_hold_runs_out_at_its_very_minute(
    river: Stage, facts: Facts, tomasz: Actor, now: datetime, answered: Answered
) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    intake_id = answered(river, tomasz.client_id, now=now)
    with pytest.raises(actions.HoldOverError):
        actions.book(by=tomasz, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=hold.expires_at)
    with pytest.raises(queries.HoldOverError):
        queries.hold(hold.id, secret=hold.secret, now=hold.expires_at)
    assert queries.hold(hold.id, secret=hold.secret, now=now).visit.state == "held"
    another = actions.hold_slot(
        by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=hold.expires_at, **WISH
    )
    assert queries.visit(hold.id, by=system(river.practice.id)).state == "expired"
    assert another.id != hold.id


def test_the_clock_ends_holds_and_forgets_them(river: Stage, facts: Facts, now: datetime) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    by = system(river.practice.id)
    assert actions.expire_holds(by=by, now=hold.expires_at - timedelta(seconds=1)) == 0
    assert actions.expire_holds(by=by, now=hold.expires_at) == 1
    assert Appointment.objects.get(pk=hold.id).state == "expired"
    actions.expire_holds(by=by, now=hold.expires_at + timedelta(days=8))
    assert not Appointment.objects.exists()


def test_letting_go_of_a_hold(river: Stage, facts: Facts, now: datetime) -> None:
    wish: dict[str, Any] = {"practice": facts(river), "local_start": f"{THURSDAY}T09:00", "now": now, **WISH}
    hold = actions.hold_slot(by=Actor(), **wish)
    with pytest.raises(actions.UnknownHoldError):
        actions.release_hold(by=Actor(), hold_id=hold.id, secret="guess", now=now)
    with pytest.raises(actions.SlotTakenError):
        actions.hold_slot(by=Actor(), **wish)
    for _ in range(2):
        actions.release_hold(by=Actor(), hold_id=hold.id, secret=hold.secret, now=now)
    second = actions.hold_slot(by=Actor(), **wish)
    third = actions.hold_slot(by=Actor(), replaces=(second.id, second.secret), **wish)
    assert queries.visit(second.id, by=system(river.practice.id)).state == "expired"
    assert third.visit.state == "held"


def test_a_client_s_new_hold_ends_their_earlier_one(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    wish: dict[str, Any] = {"by": tomasz, "practice": facts(river), "now": now, **WISH}
    first = actions.hold_slot(local_start=f"{THURSDAY}T09:00", **wish)
    second = actions.hold_slot(local_start=f"{THURSDAY}T09:15", **wish)
    assert queries.visit(first.id, by=tomasz).state == "expired"
    assert queries.visit(second.id, by=tomasz).state == "held"


@pytest.mark.parametrize(
    ("start", "error"),
    [
        ("2026-11-19T09:05", actions.OffGridError),
        ("2026-11-19T08:45", actions.OutsideHoursError),
        ("2026-11-19T12:00", actions.OutsideHoursError),
        ("2026-11-16T09:00", actions.PastStartError),
        ("2026-11-17T11:45", "too-soon"),
        ("2027-01-18T09:00", "too-far-ahead"),
        ("2026-11-19 09:00", actions.LocalStartError),
        ("2026-11-19T09:00:00", actions.LocalStartError),
        ("2026-13-19T09:00", actions.LocalStartError),
        ("0001-01-01T00:00", actions.LocalStartError),
        ("9999-12-31T23:45", actions.LocalStartError),
    ],
)
def test_a_tampered_start_is_refused_by_name(
    river: Stage, facts: Facts, now: datetime, start: str, error: type[Exception] | str
) -> None:
    with pytest.raises(Exception) as caught:
        actions.hold_slot(by=Actor(), practice=facts(river), local_start=start, now=now, **WISH)
    if isinstance(error, str):
        assert caught.value.code == error
    else:
        assert type(caught.value) is error
    assert Appointment.objects.count() == 0


def test_the_last_day_of_the_horizon_can_be_booked(book: Callable[..., queries.VisitFacts]) -> None:
    assert book("2027-01-16T09:00").state == "confirmed"


def test_a_skipped_hour_is_refused(river: Stage, facts: Facts, now: datetime) -> None:
    river.practice.timezone = "America/Toronto"
    river.practice.horizon_days = 200
    river.practice.save()
    with pytest.raises(actions.SkippedHourError):
        actions.hold_slot(by=Actor(), practice=facts(river), local_start="2027-03-14T02:30", now=now, **WISH)


@pytest.mark.parametrize("unknown", [{"service_slug": "x"}, {"therapist_slug": "x"}, {"place_slug": "x"}])
def test_unknown_names_are_not_found(river: Stage, facts: Facts, now: datetime, unknown: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        actions.hold_slot(
            by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **(WISH | unknown)
        )


def test_a_home_service_is_not_given_at_the_clinic(river: Stage, facts: Facts, now: datetime) -> None:
    wish = WISH | {"service_slug": "home-therapeutic-60"}
    with pytest.raises(actions.NotGivenError):
        actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **wish)
