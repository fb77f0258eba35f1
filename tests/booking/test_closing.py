"""Visits that close themselves, and requests that end by themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from unknot.audit.models import Entry
from unknot.booking import actions, events, jobs, queries
from unknot.booking.domain.lifecycle import LifecycleError
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message

Booked = Callable[..., queries.VisitFacts]
LATER = timedelta(minutes=180)


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(river, "therapist")


@pytest.fixture
def closed(river: Stage, book: Booked) -> queries.VisitFacts:
    """A visit that nobody closed, three hours after its end."""
    visit = book()
    assert actions.close(by=system(river.practice.id), appointment_id=visit.id, now=visit.ends_at + LATER)
    return visit


def facts(visit: queries.VisitFacts, by: Actor) -> tuple[str, bool]:
    found = queries.visit(visit.id, by=by)
    return found.state, found.closed_itself


def test_m7_a_visit_closes_itself_once(river: Stage, book: Booked, maren: Actor) -> None:
    visit, by = book(), system(river.practice.id)
    soon = visit.ends_at + LATER - timedelta(seconds=1)
    assert queries.to_close(now=soon, after_minutes=180) == []
    assert not actions.close(by=by, appointment_id=visit.id, now=soon)
    assert queries.to_close(now=visit.ends_at + LATER, after_minutes=180) == [visit.id]
    assert actions.close(by=by, appointment_id=visit.id, now=visit.ends_at + LATER)
    assert not actions.close(by=by, appointment_id=visit.id, now=visit.ends_at + LATER)
    assert facts(visit, maren) == ("completed", True)
    assert queries.completed_visit(visit.id, by=maren).ended_at == visit.ends_at
    entry = Entry.objects.get(verb="visit.complete")
    assert (entry.actor_roles, entry.subject_id) == ("system", visit.id)
    with pytest.raises(NotFoundError):
        actions.close(by=maren, appointment_id=visit.id, now=visit.ends_at + LATER)


def test_a_practice_can_do_without(river: Stage, book: Booked) -> None:
    visit = book()
    river.practice.close_after_minutes = 0
    river.practice.save()
    late = visit.ends_at + timedelta(days=3)
    assert not actions.close(by=system(river.practice.id), appointment_id=visit.id, now=late)


def test_one_tap_undoes_it_and_the_clock_leaves_it_alone(
    closed: queries.VisitFacts, river: Stage, maren: Actor
) -> None:
    now = closed.ends_at + LATER
    for _ in range(2):
        assert actions.mark(by=maren, appointment_id=closed.id, event="unclose", now=now).state == "confirmed"
    assert Entry.objects.filter(verb="visit.unclose").count() == 1
    assert queries.to_close(now=now + timedelta(days=1), after_minutes=180) == []
    assert not actions.close(by=system(river.practice.id), appointment_id=closed.id, now=now + timedelta(days=1))
    done = actions.mark(by=maren, appointment_id=closed.id, event="complete", now=now)
    assert (done.state, done.closed_itself) == ("completed", False)


@pytest.mark.parametrize(
    ("event", "state", "entries"),
    [("arrive", "completed", 0), ("complete", "completed", 1), ("start", "in_session", 1), ("no_show", "no_show", 1)],
)
def test_late_taps_mean_what_they_say(
    closed: queries.VisitFacts, maren: Actor, event: str, state: str, entries: int
) -> None:
    for _ in range(2):
        found = actions.mark(by=maren, appointment_id=closed.id, event=event, now=closed.ends_at + LATER)
        assert found.state == state
    assert Entry.objects.filter(verb=f"visit.{event}").count() == entries
    assert found.fee.minor == (11000 if event == "no_show" else 0)


def test_a_visit_closed_by_hand_is_not_reopened_by_a_late_tap(book: Booked, maren: Actor) -> None:
    visit = book()
    actions.mark(by=maren, appointment_id=visit.id, event="complete", now=visit.ends_at)
    with pytest.raises(LifecycleError):
        actions.mark(by=maren, appointment_id=visit.id, event="no_show", now=visit.ends_at)


def test_the_job_closes_every_practice_s_visits(book: Booked, maren: Actor) -> None:
    past, coming = book(), book("2026-11-23T09:00")
    for visit, days in ((past, -2), (coming, 2)):
        start = timezone.now() + timedelta(days=days)
        Appointment.objects.filter(pk=visit.id).update(starts_at=start, ends_at=start + timedelta(hours=1))
    jobs.close_visits()
    assert (facts(past, maren), facts(coming, maren)) == (("completed", True), ("confirmed", False))


# Requests


@pytest.fixture
def request_(river: Stage, book: Booked, tomasz: Actor, now: datetime, answered: Callable[..., UUID]) -> Any:
    return book("2026-11-23T09:00", intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))


def test_a_request_ends_by_itself_and_says_so(
    river: Stage, request_: queries.VisitFacts, tomasz: Actor, maren: Actor, now: datetime, book: Booked
) -> None:
    assert request_.answer_by == now + timedelta(hours=24)
    told: list[events.VisitNews] = []
    events.subscribe(told.append)
    by, over = system(river.practice.id), now + timedelta(hours=24)
    assert actions.expire_holds(by=by, now=over - timedelta(seconds=1)) == 0
    with pytest.raises(actions.RequestOverError):
        actions.mark(by=maren, appointment_id=request_.id, event="confirm", now=over)
    assert actions.expire_holds(by=by, now=over) == 1
    assert actions.expire_holds(by=by, now=over) == 0
    assert queries.visit(request_.id, by=tomasz).state == "expired"
    assert [one.kind for one in Message.objects.filter(account_id=tomasz.account_id)] == ["request_expired"]
    assert [one.verb for one in told] == ["expired"]
    assert Entry.objects.filter(verb="visit.expired", actor_roles="system").count() == 1
    assert book("2026-11-23T09:00", now=over).state == "confirmed"


def test_whoever_wants_the_time_next_ends_it_too(
    request_: queries.VisitFacts, tomasz: Actor, priya: Actor, now: datetime, book: Booked
) -> None:
    """Also before the job's next minute, and nobody goes without their message."""
    assert book("2026-11-23T09:00", by=priya, now=now + timedelta(hours=24)).state == "confirmed"
    assert Message.objects.filter(kind="request_expired", account_id=tomasz.account_id).count() == 1


def test_the_deadline_is_never_past_the_start(
    river: Stage, book: Booked, tomasz: Actor, now: datetime, answered: Callable[..., UUID]
) -> None:
    river.practice.answer_hours = 168
    river.practice.save()
    visit = book(intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))
    assert visit.answer_by == visit.starts_at - timedelta(hours=1)
