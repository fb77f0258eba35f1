"""What time does to the diary: holds run out, and zone data changes under agreed wall times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import ClientBusyError, OverlapError, expire_stale, in_diary, lock_diary, lock_visit
from unknot.booking.domain.lifecycle import State
from unknot.booking.models import Appointment
from unknot.booking.queries.visits import Broken, broken_promises, visit, zone_data
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


@dataclass(frozen=True, slots=True)
class Rezoned:
    """What became of one broken promise: `done`, or `overlaps` (left as it was; somebody has to look)."""

    broken: Broken
    result: str


def rezone(*, by: Actor, now: datetime) -> list[Rezoned]:
    """Moves every future visit of the practice in scope back to its agreed wall time under today's zone data.

    The instant changes, the wall time does not; `sequence` rises, so that calendars follow, and the record keeps the
    old instant and zone data, from which the change can be undone. A visit that would stand on another's time is left
    and reported. Visits are moved in the order in which they make room for each other.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    found = broken_promises(now=now)
    later = sorted((one for one in found if one.meant > one.stored), key=lambda one: one.stored, reverse=True)
    earlier = sorted((one for one in found if one.meant < one.stored), key=lambda one: one.stored)
    with in_diary():
        lock_diary(
            practitioners={one.practitioner_id for one in found},
            rooms={one.room_id for one in found if one.room_id},
            kit={unit for one in found for unit in one.kit_units},
            clients={one.client_id for one in found if one.client_id},
        )
        return [Rezoned(one, _shift(one, by=by, now=now)) for one in [*later, *earlier]]


def _shift(one: Broken, *, by: Actor, now: datetime) -> str:
    try:
        with in_diary():
            row = lock_visit(one.id, by=None)
            by_how_much = one.meant - row.starts_at
            if row.starts_at != one.stored:
                return "changed"
            row.starts_at, row.ends_at = row.starts_at + by_how_much, row.ends_at + by_how_much
            row.blocked = DateTimeTZRange(row.blocked.lower + by_how_much, row.blocked.upper + by_how_much)
            row.zone_data = zone_data()
            row.sequence += 1
            row.save(update_fields=["starts_at", "ends_at", "blocked", "zone_data", "sequence"])
            _record(row, one, by=by, now=now)
    except (OverlapError, ClientBusyError):
        return "overlaps"
    return "done"


def _record(row: Appointment, one: Broken, *, by: Actor, now: datetime) -> None:
    audit.record(
        by=by,
        verb="visit.rezoned",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        was=one.stored.isoformat(),
        was_zone_data=one.zone_data,
        starts_at=row.starts_at.isoformat(),
        zone_data=row.zone_data,
    )
    if row.state == State.CONFIRMED:
        messages.announce(visit(row.pk, by=by), practices.practice(row.practice_id), moved=True, now=now)
    events.tell(events.VisitNews("rezoned", row.practice_id, row.pk, row.state, now))


def practices_to_keep() -> list[UUID]:
    """The practices whose diaries are kept up."""
    return [one.id for one in practices.practices()]
