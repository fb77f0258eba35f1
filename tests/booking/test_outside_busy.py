"""Outside calendars in the sweep: what is offered, what can be kept, and why not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from unknot.availability.models import OutsideBusy, OutsideCalendar, OutsideRule
from unknot.booking import actions, queries
from unknot.booking.actions.refusals import SlotTakenError
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.kernel.zones import to_utc
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

pytestmark = pytest.mark.django_db
Facts = Callable[[Stage], PracticeFacts]
DAY = date(2026, 11, 19)


@pytest.fixture
def dentist(river: Stage, now: datetime) -> OutsideCalendar:
    """Maren's own calendar says: busy from 10:05 to 11:00 that day."""
    maren = river.therapists["maren-oduya"]
    own: dict[str, Any] = {"practice": river.practice, "therapist": maren}
    calendar = OutsideCalendar.objects.create(
        address="https://cal.example/x.ics", host="cal.example", made_at=now, read_at=now, tried_at=now, **own
    )
    start, end = (to_utc(datetime.fromisoformat(f"2026-11-19T{at}"), "America/Edmonton") for at in ("10:05", "11:00"))
    OutsideBusy.objects.create(calendar=calendar, starts_at=start, ends_at=end, **own)
    return calendar


def offered(river: Stage, facts: Facts, now: datetime) -> list[str]:
    service = practices.service_at("therapeutic-60")
    slots = queries.open_slots(practice=facts(river), service=service, first=DAY, last=DAY, now=now)
    return [slot.local_start[11:] for slot in slots]


def put(river: Stage, facts: Facts, by: Actor, at: str, now: datetime) -> queries.Hold:
    return actions.hold_slot(
        by=by, practice=facts(river), service_slug="therapeutic-60", therapist_slug="maren-oduya", place_slug="studio",
        local_start=f"2026-11-19T{at}", now=now,
    )  # fmt: skip


def test_an_event_outside_is_in_the_way_and_nothing_else_changes(
    river: Stage, facts: Facts, tomasz: Actor, now: datetime, request: pytest.FixtureRequest
) -> None:
    before = offered(river, facts, now)
    request.getfixturevalue("dentist")
    after = offered(river, facts, now)
    gone = {one for one in before if one not in after}
    assert "10:00" in gone
    assert gone <= {f"{hour:02}:{minute:02}" for hour in (9, 10) for minute in (0, 15, 30, 45)}
    assert set(after) < set(before)
    for at in sorted(gone):
        with pytest.raises(SlotTakenError):
            put(river, facts, tomasz, at, now)
    assert put(river, facts, tomasz, after[0], now).visit.local_start == f"2026-11-19T{after[0]}"


def test_staff_are_told_that_it_is_taken(river: Stage, facts: Facts, dentist: OutsideCalendar, now: datetime) -> None:
    why = queries.why_not(
        practice=facts(river),
        service=practices.service_at("therapeutic-60"),
        wall=datetime.fromisoformat("2026-11-19T10:00"),
        now=now,
        therapist_slug="maren-oduya",
    )
    assert why is not None
    assert why.code == "taken"


def test_an_old_copy_counts_until_the_practice_says_stop(
    river: Stage, facts: Facts, dentist: OutsideCalendar, tomasz: Actor, now: datetime
) -> None:
    fresh = offered(river, facts, now)
    OutsideCalendar.objects.update(read_at=now - timedelta(hours=25))
    assert offered(river, facts, now) == fresh
    OutsideRule.objects.create(practice=river.practice, when_stale="stop", hours=24)
    assert offered(river, facts, now) == []
    with pytest.raises(SlotTakenError):
        put(river, facts, tomasz, fresh[0], now)
    OutsideCalendar.objects.update(read_at=now - timedelta(hours=23))
    assert offered(river, facts, now) == fresh


def test_the_sweep_takes_as_many_queries_however_many_events(
    river: Stage, facts: Facts, dentist: OutsideCalendar, now: datetime
) -> None:
    offered(river, facts, now)
    with CaptureQueriesContext(connection) as one:
        offered(river, facts, now)
    for number in range(3):
        start = now + timedelta(days=2, hours=number)
        OutsideBusy.objects.create(
            practice=river.practice, therapist_id=dentist.therapist_id, calendar=dentist, starts_at=start,
            ends_at=start + timedelta(minutes=30),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        offered(river, facts, now)
    assert len(one) == len(many)
