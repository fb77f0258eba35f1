"""What a client needs to get in and be at ease, kept with the visit."""

from collections.abc import Iterable
from uuid import UUID

from unknot.booking.actions.holding import known_hold
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.wording import NEEDS


def tell_needs(*, hold_id: UUID, secret: str, needs: Iterable[str]) -> None:
    """Keeps access needs (slugs of `NEEDS`, others are dropped) with a hold, sealed. A booked visit stays as it is.

    Raises UnknownHoldError, also for a wrong secret.
    """
    row = known_hold(hold_id, secret)
    if row.state == State.HELD:
        told = set(needs)
        row.access_needs = [one for one in NEEDS if one in told] or None
        row.save(update_fields=["access_needs"])
