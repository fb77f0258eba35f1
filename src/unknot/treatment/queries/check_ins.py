"""Reads of check-ins: the client's own, and what therapists have to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import queries as people
from unknot.treatment import domain
from unknot.treatment.models import CheckIn
from unknot.treatment.policies import can_read_chart, is_client

ATTENTION = tuple(level.slug for level in domain.Level if level >= domain.Level.WATCH)
LIST_LENGTH = 100
EARLY = timedelta(hours=12)
"""A check-in may be answered this long before it is due."""
ON_TIME = "day_three"
"""The one that is not open early: it asks whether soreness has lasted three days, which nobody knows before."""


@dataclass(frozen=True)
class CheckInFacts:
    """A check-in. `answers` and `result` are None until answered; `words` is the client's free text."""

    id: UUID
    appointment_id: UUID
    client_id: UUID
    therapist_id: UUID | None
    kind: str
    due_at: datetime
    answered_at: datetime | None
    answers: domain.CheckInAnswers | None
    words: str
    result: domain.Escalation | None
    seen_at: datetime | None
    client_name: str = ""


def check_in(check_in_id: UUID, *, by: Actor, now: datetime) -> CheckInFacts:
    """One check-in, for its client and the practice's therapists. The read is recorded. Raises NotFoundError."""
    row = CheckIn.objects.filter(pk=check_in_id).first()
    if row is None or not (is_client(by, row.client_id) or can_read_chart(by)):
        raise NotFoundError
    audit.record(by=by, verb="check_in.read", subject="check_in", subject_id=row.pk, client_id=row.client_id, now=now)
    return check_in_facts(row)


def earlier_answers(row: CheckInFacts) -> tuple[domain.CheckInAnswers, ...]:
    """What was answered about the same visit before, for callers that checked the reader."""
    rows = CheckIn.objects.filter(appointment_id=row.appointment_id, answered_at__isnull=False).exclude(pk=row.id)
    return tuple(domain.answers_from_data(one.answers) for one in rows.order_by("answered_at", "id"))


def check_ins_of_client(client_id: UUID) -> list[CheckInFacts]:
    """All check-ins of a client by due time, for callers that checked and recorded the read."""
    return [check_in_facts(row) for row in CheckIn.objects.filter(client_id=client_id).order_by("due_at", "id")]


def attention_list(*, by: Actor, now: datetime) -> list[CheckInFacts]:
    """Answered check-ins that ask for a therapist and were not marked as seen: own clients first, then most urgent,
    then oldest. Recorded. Raises NotFoundError for others than therapists."""
    if not can_read_chart(by):
        raise NotFoundError
    waiting = CheckIn.objects.filter(
        answered_at__isnull=False, seen_by_therapist_at=None, escalation__in=ATTENTION
    ).order_by("answered_at", "id")
    rows = list(waiting[:LIST_LENGTH])
    names = people.clients_named(list({row.client_id for row in rows}))
    found = [check_in_facts(row, names[row.client_id].name) for row in rows]
    audit.record(by=by, verb="check_ins.listed", subject="practice", now=now, shown=[str(row.pk) for row in rows])
    return sorted(found, key=lambda one: (one.therapist_id != by.therapist_id, -_level(one)))


def attention_count(*, by: Actor) -> int:
    """How many check-ins wait for this therapist."""
    return CheckIn.objects.filter(
        therapist_id=by.therapist_id,
        answered_at__isnull=False,
        seen_by_therapist_at=None,
        escalation__in=ATTENTION,
    ).count()


def check_in_facts(row: CheckIn, client_name: str = "") -> CheckInFacts:
    """A row as a value."""
    answers: dict[str, Any] | None = row.answers
    return CheckInFacts(
        id=row.pk,
        appointment_id=row.appointment_id,
        client_id=row.client_id,
        therapist_id=row.therapist_id,
        kind=row.kind,
        due_at=row.due_at,
        answered_at=row.answered_at,
        answers=domain.answers_from_data(answers) if answers else None,
        words=answers["words"] if answers else "",
        result=domain.escalation_from_data(row.result) if row.result else None,
        seen_at=row.seen_by_therapist_at,
        client_name=client_name,
    )


def opens_at(kind: str, due_at: datetime) -> datetime:
    """From when on a check-in may be answered (UTC)."""
    return due_at if kind == ON_TIME else due_at - EARLY


def open_check_ins(appointment_id: UUID, *, now: datetime) -> tuple[CheckInFacts, ...]:
    """A visit's unanswered check-ins that may be answered now, for callers that checked the reader."""
    is_open = Q(due_at__lte=now) | (Q(due_at__lte=now + EARLY) & ~Q(kind=ON_TIME))
    rows = CheckIn.objects.filter(is_open, appointment_id=appointment_id, answered_at=None)
    return tuple(check_in_facts(row) for row in rows.order_by("due_at", "id"))


def answered_by_visit(rows: Iterable[CheckInFacts]) -> dict[UUID, list[CheckInFacts]]:
    """Answered check-ins by visit, in the order given."""
    found: dict[UUID, list[CheckInFacts]] = {}
    for row in rows:
        if row.answers is not None:
            found.setdefault(row.appointment_id, []).append(row)
    return found


def _level(one: CheckInFacts) -> int:
    return int(one.result.level) if one.result else 0
