"""C07: the law moves the clock, the visit keeps its wall time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from unknot.audit.models import Entry
from unknot.booking import actions, events, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.kernel.zones import zone_data_version
from unknot.notifications.models import Message

HOUR = timedelta(hours=1)


def under_old_law(*visits: queries.VisitFacts) -> None:
    """Puts visits where zone data before 2026 had them: Alberta's winter clock an hour behind. Latest first."""
    for visit in sorted(visits, key=lambda one: one.starts_at, reverse=True):
        row = Appointment.objects.get(pk=visit.id)
        row.starts_at, row.ends_at = row.starts_at + HOUR, row.ends_at + HOUR
        row.blocked = (row.blocked.lower + HOUR, row.blocked.upper + HOUR)
        row.zone_data = "2025b"
        row.save()


@pytest.fixture
def winter(book: Callable[..., queries.VisitFacts], priya: Actor) -> list[queries.VisitFacts]:
    """Two visits that follow each other without a gap, booked under the old law."""
    visits = [book("2027-01-12T10:00"), book("2027-01-12T11:15", by=priya)]
    under_old_law(*visits)
    return visits


def test_the_stored_instant_moves_and_the_wall_time_stays(
    river: Stage, winter: list[queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    by = system(river.practice.id)
    broken = queries.broken_promises(now=now)
    assert (broken[0].stored, broken[0].meant) == (
        datetime(2027, 1, 12, 17, 0, tzinfo=UTC),
        datetime(2027, 1, 12, 16, 0, tzinfo=UTC),
    )
    assert {one.result for one in actions.rezone(by=by, now=now)} == {"done"}
    visit = queries.visit(winter[0].id, by=tomasz)
    assert (visit.starts_at, visit.local_start, visit.sequence) == (
        datetime(2027, 1, 12, 16, 0, tzinfo=UTC),
        "2027-01-12T10:00",
        1,
    )
    row = Appointment.objects.get(pk=visit.id)
    assert (row.zone_data, row.blocked.lower, row.blocked.upper - row.ends_at) == (
        zone_data_version(),
        row.starts_at,
        timedelta(minutes=15),
    )
    facts = Entry.objects.get(verb="visit.rezoned", subject_id=visit.id).facts
    assert (facts["was"], facts["was_zone_data"]) == ("2027-01-12T17:00:00+00:00", "2025b")
    waiting = Message.objects.filter(appointment_id=visit.id, state="waiting").order_by("due_at")
    assert [one.kind for one in waiting] == ["booking_moved", "booking_reminder"]
    assert queries.broken_promises(now=now) == []
    assert actions.rezone(by=by, now=now) == []


def test_it_also_moves_to_later(river: Stage, winter: list[queries.VisitFacts], now: datetime) -> None:
    for visit in sorted(winter, key=lambda one: one.starts_at):
        row = Appointment.objects.get(pk=visit.id)
        row.starts_at, row.ends_at = row.starts_at - 2 * HOUR, row.ends_at - 2 * HOUR
        row.blocked = (row.blocked.lower - 2 * HOUR, row.blocked.upper - 2 * HOUR)
        row.save()
    assert [one.result for one in actions.rezone(by=system(river.practice.id), now=now)] == ["done", "done"]
    assert queries.broken_promises(now=now) == []


def test_what_would_overlap_is_left_and_reported(
    river: Stage, winter: list[queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    row = Appointment.objects.get(pk=winter[0].id)
    row.pk, row.client_id, row.state = new_id(), river.clients["gail@clients.example"].pk, "confirmed"
    row.starts_at, row.ends_at = row.starts_at - 2 * HOUR, row.ends_at - 2 * HOUR  # 09:00 by today's law
    row.starts_at += HOUR / 2
    row.ends_at += HOUR / 2
    row.blocked = (row.starts_at, row.ends_at)
    row.local_start = "2027-01-12T09:30"
    row.save(force_insert=True)
    results = {one.broken.id: one.result for one in actions.rezone(by=system(river.practice.id), now=now)}
    assert results == {winter[0].id: "overlaps", winter[1].id: "overlaps"}  # the first one stays in its way
    assert queries.visit(winter[0].id, by=tomasz).starts_at == datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


def test_only_the_system_may(river: Stage, tomasz: Actor, now: datetime) -> None:
    for attempt in (actions.rezone, actions.expire_holds):
        with pytest.raises(NotFoundError):
            attempt(by=tomasz, now=now)


def test_the_command_lists_then_applies(
    river: Stage, book: Callable[..., queries.VisitFacts], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    visit = book("2027-01-12T10:00")
    under_old_law(visit)

    def run(*words: str) -> str:
        out = StringIO()
        with tenancy.scope():
            call_command("rezone", *words, stdout=out)
        return out.getvalue()

    listed = json.loads(run("--json"))
    assert [(one["id"], one["result"]) for one in listed["visits"]] == [(str(visit.id), "listed")]
    assert "Nothing was changed" in run()
    assert json.loads(run("--apply", "--json"))["visits"][0]["result"] == "done"
    assert json.loads(run("--json"))["visits"] == []


def test_rooms_above_hear_of_it(river: Stage, winter: list[queries.VisitFacts], now: datetime) -> None:
    heard: list[events.VisitNews] = []
    events.subscribe(heard.append)
    try:
        actions.rezone(by=system(river.practice.id), now=now)
        actions.cancel(by=system(river.practice.id), appointment_id=winter[0].id, now=now)
    finally:
        events._listeners.remove(heard.append)
    assert [one.verb for one in heard] == ["rezoned", "rezoned", "cancelled"]
