"""What happens after an outside calendar was read."""

from uuid import UUID

from django.utils import timezone

from unknot.interop import actions
from unknot.jobs.queue import job
from unknot.kernel.actors import system


@job("interop.compare_calendars")
def compare_calendars(practice_id: UUID, therapist_id: str) -> None:
    """Asks about visits that an outside calendar stands over, or from which they were removed."""
    actions.compare(by=system(practice_id), therapist_id=UUID(therapist_id), now=timezone.now())
