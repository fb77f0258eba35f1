"""A last look at the therapist's outside calendars before somebody confirms, outside every transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.availability import actions as availability
from unknot.booking.actions.holding import opens_hold
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.models import Appointment
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices

LEFT = timedelta(seconds=6)
"""A hold that ends within this is not kept waiting: whoever confirmed in time was in time."""


def look_at_hold(*, by: Actor, hold_id: UUID, secret: str, now: datetime) -> None:
    """Reads the outside calendars of a hold's therapist again, for three seconds at most, before it is confirmed.

    `by` is the system. Call it before the transaction that books. Does nothing for a hold that is
    unknown, over, nearly over or a visit.
    """
    with tenancy.scope(practice_id=by.practice_id):
        row = Appointment.objects.filter(pk=hold_id, state=State.HELD).first()
        if row is None or not opens_hold(row, secret) or hold_is_over(row.hold_expires_at, now + LEFT):
            return
    availability.look_again(by=by, therapist_ids=[row.therapist_id], now=now)


def look_at_therapist(*, by: Actor, therapist_slug: str, now: datetime) -> None:
    """`look_at_hold` for a visit that is held and confirmed in one go. Nothing for a therapist who is not there."""
    try:
        with tenancy.scope(practice_id=by.practice_id):
            therapist = practices.therapist_at(therapist_slug)
    except NotFoundError:
        return
    availability.look_again(by=by, therapist_ids=[therapist.id], now=now)
