"""Writes of what outside calendars make us ask. A visit is never moved or cancelled by what a calendar says."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.availability import actions as availability_actions
from unknot.availability import queries as availability
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.interop.models import CalendarQuestion
from unknot.kernel.actors import STAFF, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.notifications import actions as notifications
from unknot.notifications.queries import Kind
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

AHEAD = timedelta(days=366)
ASKED_ABOUT = frozenset({"requested", "confirmed"})
KEPT, OVER = "kept", "over"


def compare(*, by: Actor, therapist_id: UUID, now: datetime) -> int:
    """Looks at a therapist's coming visits beside their outside calendars; returns how many questions are new.

    New ones are told to the therapist by mail (which names no more than the visit's time); those that answered
    themselves are closed. Doing it twice is doing it once. Raises NotFoundError for anybody but the system.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    practice = practices.practice(by.practice_id)
    today = local(now, practice.timezone).date()
    coming = {
        one.id: one
        for one in booking.between(by=by, first=today, last=today + AHEAD, therapist_id=therapist_id)
        if one.state in ASKED_ABOUT and one.promised[0] > now
    }
    busy = availability.copied_busy(therapist_id, since=now, until=now + AHEAD)
    over = {
        ("overlap", one.id, one.sequence)
        for one in coming.values()
        if any(start < one.promised[1] and one.promised[0] < end for start, end in busy)
    }
    missing = availability.missing_echoes(therapist_id)
    gone = {("gone", coming[one].id, coming[one].sequence) for one in missing if one in coming}
    _close(therapist_id, coming, over, now)
    if missing:
        availability_actions.forget_missing(by=by, therapist_id=therapist_id, now=now)
    return sum(_ask(kind, coming[visit_id], practice, now) for kind, visit_id, _ in sorted(over | gone))


def keep_visit(*, by: Actor, question_id: UUID, now: datetime) -> None:
    """Somebody of the staff looked: the visit stands as it is. Twice is once. Raises NotFoundError."""
    if not by.has(*STAFF):
        raise NotFoundError
    row = CalendarQuestion.objects.select_for_update().filter(pk=question_id).first()
    if row is None:
        raise NotFoundError
    if row.outcome:
        return
    row.outcome, row.settled_at = KEPT, now
    row.save(update_fields=["outcome", "settled_at"])
    audit.record(
        by=by,
        verb="calendar-question.kept",
        subject="appointment",
        subject_id=row.appointment_id,
        now=now,
        kind=row.kind,
    )


def _close(therapist_id: UUID, coming: dict[UUID, VisitFacts], over: set[tuple[str, UUID, int]], now: datetime) -> None:
    for row in CalendarQuestion.objects.select_for_update().filter(therapist_id=therapist_id, outcome=""):
        visit = coming.get(row.appointment_id)
        same = visit is not None and visit.sequence == row.sequence
        if same and (row.kind == "gone" or (row.kind, row.appointment_id, row.sequence) in over):
            continue
        row.outcome, row.settled_at = OVER, now
        row.save(update_fields=["outcome", "settled_at"])


def _ask(kind: str, visit: VisitFacts, practice: PracticeFacts, now: datetime) -> bool:
    row, new = CalendarQuestion.objects.get_or_create(
        practice_id=practice.id,
        kind=kind,
        appointment_id=visit.id,
        sequence=visit.sequence,
        defaults={"therapist_id": visit.therapist_id, "asked_at": now},
    )
    if new:
        notifications.schedule(
            practice_id=practice.id,
            key=f"calendar-question:{row.pk}",
            kind=Kind.THERAPIST_ALERT.value,
            due_at=now,
            account_id=visit.practitioner_id,
            appointment_id=visit.id,
            facts=notifications.visit_facts(
                practice_name=practice.name,
                path=f"/p/{practice.slug}/desk/calendars/",
                starts_at=visit.starts_at,
                zone=visit.timezone,
                local_start=visit.local_start,
            ),
        )
    elif row.outcome == OVER:
        row.outcome, row.settled_at, row.asked_at = "", None, now
        row.save(update_fields=["outcome", "settled_at", "asked_at"])
        return True
    return bool(new)
