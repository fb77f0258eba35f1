"""Zone data changes under agreed wall times: visits follow, on the record, and back again if the data was wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.audit import queries as record
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import ClientBusyError, OverlapError, in_diary, lock_diary, lock_visit
from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.models import Appointment
from unknot.booking.queries.visits import Broken, broken_promises, visit, zone_data
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.practice import queries as practices

DONE, UNDONE = "visit.rezoned", "visit.rezone-undone"


@dataclass(frozen=True, slots=True)
class Rezoned:
    """What became of one visit: `done`; `overlaps` or `changed` (left as it was; somebody has to look)."""

    broken: Broken
    result: str


def rezone(*, by: Actor, now: datetime, run: UUID | None = None) -> list[Rezoned]:
    """Moves every future visit of the practice in scope back to its agreed wall time under today's zone data.

    The instant changes, the wall time does not; `sequence` rises, so that calendars follow, and the record keeps the
    old instant and zone data under the id of this `run`, by which `undo_rezone` takes it all back. A visit that would
    stand on another's time is left and reported. Visits are moved in the order in which they make room for each other.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    return _move(broken_promises(now=now), DONE, run or new_id(), by=by, now=now)


def undo_rezone(*, by: Actor, run: UUID, now: datetime) -> list[Rezoned]:
    """Puts the visits that a run moved back to the instant and zone data they had, for data that turned out wrong.

    A visit that is over, or that somebody moved since, is left. Undoing twice is undoing once.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    moved = {one.subject_id: one.facts for one in record.entries_of_run(run, verb=DONE, by=by)}
    open_states = sorted(BLOCKING - {State.COMPLETED})
    found = []
    for row in Appointment.objects.filter(pk__in=moved, state__in=open_states).order_by("starts_at", "id"):
        facts = moved[row.pk]
        was, then = datetime.fromisoformat(facts["was"]), datetime.fromisoformat(facts["starts_at"])
        if row.starts_at == was or max(was, then) <= now:
            continue
        found.append(
            Broken(
                id=row.pk,
                timezone=row.timezone,
                local_start=row.local_start,
                stored=then,
                meant=was,
                zone_data=facts["was_zone_data"],
                practitioner_id=row.practitioner_id,
                room_id=row.room_id,
                client_id=row.client_id,
                kit_units=tuple(row.kit_units),
            )
        )
    return _move(found, UNDONE, run, by=by, now=now)


def _move(found: list[Broken], verb: str, run: UUID, *, by: Actor, now: datetime) -> list[Rezoned]:
    later = sorted((one for one in found if one.meant > one.stored), key=lambda one: one.stored, reverse=True)
    earlier = sorted((one for one in found if one.meant < one.stored), key=lambda one: one.stored)
    with in_diary():
        lock_diary(
            practitioners={one.practitioner_id for one in found},
            rooms={one.room_id for one in found if one.room_id},
            kit={unit for one in found for unit in one.kit_units},
            clients={one.client_id for one in found if one.client_id},
        )
        return [Rezoned(one, _shift(one, verb, run, by=by, now=now)) for one in [*later, *earlier]]


def _shift(one: Broken, verb: str, run: UUID, *, by: Actor, now: datetime) -> str:
    try:
        with in_diary():
            row = lock_visit(one.id, by=None)
            by_how_much = one.meant - row.starts_at
            if row.starts_at != one.stored:
                return "changed"
            before = row.zone_data
            row.starts_at, row.ends_at = row.starts_at + by_how_much, row.ends_at + by_how_much
            row.blocked = DateTimeTZRange(row.blocked.lower + by_how_much, row.blocked.upper + by_how_much)
            row.zone_data = zone_data() if verb == DONE else one.zone_data
            row.sequence += 1
            row.save(update_fields=["starts_at", "ends_at", "blocked", "zone_data", "sequence"])
            _record(row, one, verb, before, run, by=by, now=now)
    except (OverlapError, ClientBusyError):
        return "overlaps"
    return "done"


def _record(row: Appointment, one: Broken, verb: str, before: str, run: UUID, *, by: Actor, now: datetime) -> None:
    audit.record(
        by=by,
        verb=verb,
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        was=one.stored.isoformat(),
        was_zone_data=before,
        starts_at=row.starts_at.isoformat(),
        zone_data=row.zone_data,
        run=str(run),
    )
    if row.state == State.CONFIRMED:
        messages.announce(visit(row.pk, by=by), practices.practice(row.practice_id), moved=True, now=now)
    events.tell(events.VisitNews("rezoned", row.practice_id, row.pk, row.state, now))
