"""Cancelling, moving, and the day of a visit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
Answered = Callable[..., UUID]


def test_cancelling_costs_what_was_agreed(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=5)
    shown = actions.cancel(by=tomasz, appointment_id=visit.id, now=late, preview=True)
    assert (shown.fee.minor, shown.refund.minor, shown.visit.state) == (5500, 5500, "confirmed")
    done = actions.cancel(by=tomasz, appointment_id=visit.id, now=late)
    assert (done.fee, done.refund, done.tier_text) == (shown.fee, shown.refund, shown.tier_text)
    again = actions.cancel(by=tomasz, appointment_id=visit.id, now=visit.starts_at)
    assert (again.fee, again.visit.sequence) == (done.fee, 1)
    states = dict(Message.objects.values_list("kind", "state"))
    assert states == {"booking_confirmed": "cancelled", "booking_reminder": "cancelled", "booking_cancelled": "waiting"}
    assert book().id != visit.id


def test_staff_may_waive_the_fee_and_say_why(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor]
) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=1)
    with pytest.raises(actions.StaffOnlyError):
        actions.cancel(by=tomasz, appointment_id=visit.id, now=late, waive_reason="please")
    done = actions.cancel(
        by=staff_of(river, "therapist"), appointment_id=visit.id, now=late, waive_reason="stuck in snow"
    )
    assert (done.fee.minor, done.refund.minor) == (0, 11000)
    facts = Entry.objects.get(verb="visit.cancelled").facts
    assert (facts["override"], "snow" in str(facts)) == ("fee", False)


def test_c29_a_visit_of_any_length_can_be_cancelled(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    visit = book()
    stretched = actions.reschedule(
        by=staff_of(river, "therapist"), appointment_id=visit.id, local_start=visit.local_start, minutes=72, now=now
    )
    assert (stretched.visit.minutes, stretched.visit.sequence) == (72, 1)
    assert actions.cancel(by=tomasz, appointment_id=visit.id, now=now).visit.state == "cancelled"


def test_a_finished_visit_is_not_the_client_s_to_cancel(book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    with pytest.raises(actions.VisitOverError):
        actions.cancel(by=tomasz, appointment_id=visit.id, now=visit.ends_at)


def test_moving_keeps_the_visit_and_raises_its_sequence(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    visit = book()
    wish: dict[str, Any] = {"by": tomasz, "appointment_id": visit.id, "local_start": "2026-11-19T09:30", "now": now}
    shown = actions.reschedule(**wish, preview=True)
    assert (shown.visit.local_start, queries.visit(visit.id, by=tomasz).local_start) == (
        "2026-11-19T09:30",
        visit.local_start,
    )
    moved = actions.reschedule(**wish).visit
    assert (moved.id, moved.sequence, moved.local_start) == (visit.id, 1, "2026-11-19T09:30")
    assert actions.reschedule(**wish).visit.sequence == 1
    assert Entry.objects.filter(verb="visit.moved").count() == 1
    waiting = Message.objects.filter(state="waiting").order_by("due_at").values_list("kind", flat=True)
    assert list(waiting) == ["booking_moved", "booking_reminder"]


def test_moving_onto_another_visit_is_refused_and_changes_nothing(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, priya: Actor, now: datetime
) -> None:
    visit, _ = book(), book("2026-11-19T11:00", by=priya)
    with pytest.raises(actions.SlotTakenError) as caught:
        actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-19T10:30", now=now)
    assert len(caught.value.extra["alternatives"]) == 3
    assert queries.visit(visit.id, by=tomasz) == visit


def test_a_late_move_does_not_dodge_the_fee(book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=5)
    moved = actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-23T09:00", now=late)
    assert (moved.fee.minor, moved.fee_if_cancelled.minor) == (0, 5500)
    assert actions.cancel(by=tomasz, appointment_id=visit.id, now=late).fee.minor == 5500


def test_the_day_of_a_visit(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    visit, maren = book(), staff_of(river, "therapist")
    with pytest.raises(NotFoundError):
        actions.mark(by=tomasz, appointment_id=visit.id, event="arrive", now=now)
    with pytest.raises(actions.UnknownMarkError):
        actions.mark(by=maren, appointment_id=visit.id, event="vanish", now=now)
    for event, state in [
        ("arrive", "arrived"),
        ("start", "in_session"),
        ("start", "in_session"),
        ("complete", "completed"),
    ]:
        found = actions.mark(by=maren, appointment_id=visit.id, event=event, now=visit.ends_at)
        assert found.state == state
    assert found.ended_at == visit.ends_at
    assert queries.completed_visit(visit.id, by=tomasz).id == visit.id
    assert Entry.objects.filter(verb="visit.start").count() == 1


def test_a_missed_visit_frees_its_time_and_may_come_back(
    river: Stage, book: Callable[..., queries.VisitFacts], priya: Actor, staff_of: Callable[..., Actor]
) -> None:
    visit, maren = book("2026-11-19T09:00"), staff_of(river, "therapist")
    missed = actions.mark(by=maren, appointment_id=visit.id, event="no_show", now=visit.starts_at)
    assert (missed.state, missed.fee.minor) == ("no_show", 11000)
    back = actions.mark(by=maren, appointment_id=visit.id, event="reinstate", now=visit.starts_at)
    assert (back.state, back.fee.minor) == ("confirmed", 0)
    actions.mark(by=maren, appointment_id=visit.id, event="no_show", now=visit.starts_at)
    book("2026-11-19T09:30", by=priya)
    with pytest.raises(actions.SlotTakenError):
        actions.mark(by=maren, appointment_id=visit.id, event="reinstate", now=visit.starts_at)
