"""Reads of what outside calendars make us ask."""

from dataclasses import dataclass
from uuid import UUID

from unknot.booking import queries as booking
from unknot.interop.models import CalendarQuestion
from unknot.kernel.actors import STAFF, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """An open question: `overlap` (an event outside stands over the visit) or `gone` (it was removed outside)."""

    id: UUID
    kind: str
    visit: booking.VisitFacts


def questions(*, by: Actor) -> list[QuestionFacts]:
    """What is open, by the visits' start; a therapist's own first of all. For staff, else NotFoundError."""
    if not by.has(*STAFF, SYSTEM):
        raise NotFoundError
    rows = list(CalendarQuestion.objects.filter(outcome="").order_by("appointment__starts_at", "kind", "id"))
    visits = booking.visits_by_id([row.appointment_id for row in rows], by=by)
    found = [QuestionFacts(row.pk, row.kind, visits[row.appointment_id]) for row in rows]
    return sorted(found, key=lambda one: one.visit.therapist_id != by.therapist_id)
