"""Jobs of the room: writing to clients when the longer questions are open."""

from uuid import UUID

from django.utils import timezone

from unknot.jobs.queue import job
from unknot.kernel.actors import system
from unknot.outcomes import actions


@job("outcomes.plan_rounds")
def plan_rounds(practice_id: UUID, appointment_id: str) -> None:
    """After a visit that took place: plans the questions of a care that has just begun."""
    actions.plan_rounds(by=system(practice_id), appointment_id=UUID(appointment_id), now=timezone.now())


@job("outcomes.ask")
def ask(practice_id: UUID, client_id: str, week: str, number: str) -> None:
    """Asks once and reminds once, unless the questions were answered."""
    by = system(practice_id)
    actions.ask(by=by, client_id=UUID(client_id), week=int(week), number=int(number), now=timezone.now())
