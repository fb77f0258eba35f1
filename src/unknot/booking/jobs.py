"""Work of the diary by the clock."""

from django.utils import timezone

from unknot.booking import actions
from unknot.db import tenancy
from unknot.jobs.queue import every
from unknot.kernel.actors import system


@every("* * * * *", "booking.expire_holds")
def expire_holds() -> None:
    """Gives back times that nobody confirmed."""
    for practice_id in actions.practices_to_keep():
        with tenancy.scope(practice_id=practice_id):
            actions.expire_holds(by=system(practice_id), now=timezone.now())
