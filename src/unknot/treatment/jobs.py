"""Jobs of the room."""

from uuid import UUID

from django.utils import timezone

from unknot.jobs.queue import job
from unknot.kernel.actors import system
from unknot.treatment import actions


@job("treatment.check_in_due")
def check_in_due(practice_id: UUID, check_in_id: str) -> None:
    """Writes to the client when a check-in is due, unless it was answered or dropped meanwhile."""
    by = system(practice_id)
    actions.remind_check_in(by=by, check_in_id=UUID(check_in_id), now=timezone.now())
