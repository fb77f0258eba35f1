"""Reading outside calendars in the background."""

from uuid import UUID

from django.utils import timezone

from unknot.availability import actions
from unknot.db import tenancy
from unknot.jobs.queue import every, job
from unknot.kernel.actors import system
from unknot.practice import queries as practices


@every("*/5 * * * *", "availability.outside_calendars")
def outside_calendars() -> None:
    """Enqueues the reading of every calendar whose time has come."""
    for practice in practices.practices():
        with tenancy.scope(practice_id=practice.id):
            actions.enqueue_due(by=system(practice.id), now=timezone.now())


@job("availability.read_outside", retry=False, scoped=False)
def read_outside(practice_id: UUID, calendar_id: str) -> None:
    """Reads one calendar; a failure is kept on its row, and the clock tries again."""
    actions.read_outside(by=system(practice_id), calendar_id=UUID(calendar_id), now=timezone.now())
