"""What time does to the diary: holds run out."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.booking.actions.diary import expire_stale
from unknot.booking.domain.lifecycle import State
from unknot.booking.models import Appointment, Series, WaitlistEntry
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices

KEEP_LOST_HOLDS = timedelta(days=7)


def expire_holds(*, by: Actor, now: datetime) -> int:
    """Ends what ran out in the practice in scope and forgets week-old holds of nobody. Returns how many ended."""
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    ended = expire_stale(now=now)
    forgotten = Appointment.objects.filter(
        state=State.EXPIRED, client__isnull=True, hold_expires_at__lt=now - KEEP_LOST_HOLDS
    )
    forgotten.delete()
    return len(ended)


def practices_to_keep() -> list[UUID]:
    """The practices whose diaries are kept up: all, since one that is not published has visits too."""
    return practices.every_practice()


def follow_record(*, by: Actor, client_id: UUID, account_id: UUID, now: datetime) -> None:
    """Everything of a client in the diary is from now on that account's to read. For the system, else NotFoundError."""
    del now
    if not by.has(SYSTEM):
        raise NotFoundError
    for rows in (Appointment, Series, WaitlistEntry):
        rows.objects.filter(client_id=client_id).update(account_id=account_id)
