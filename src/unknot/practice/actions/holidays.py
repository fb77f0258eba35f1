"""The switch for public holidays."""

from datetime import datetime

from unknot.audit import actions as audit
from unknot.kernel.actors import OWNER, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice.models import Practice


def set_holidays(*, by: Actor, closed: bool, now: datetime) -> None:
    """Whether the practice is closed on public holidays. For the owner, else NotFoundError.

    Whoever calls it holds the locks of all therapists: `availability.actions.close_on_holidays`.
    """
    if by.practice_id is None or not by.has(OWNER, SYSTEM):
        raise NotFoundError
    Practice.objects.filter(pk=by.practice_id).update(holidays="closed" if closed else "open")
    audit.record(
        by=by,
        verb="practice.holidays-closed" if closed else "practice.holidays-open",
        subject="practice",
        subject_id=by.practice_id,
        now=now,
    )
