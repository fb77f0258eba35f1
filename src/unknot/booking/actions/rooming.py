"""Another room or table for a visit, by hand. Its time, therapist and price stay; nobody is written to."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.actions.diary import OverlapError, in_diary, lock_visit
from unknot.booking.actions.holding import StaffOnlyError, change_units
from unknot.booking.actions.waitlist import wake_waitlist
from unknot.booking.domain.lifecycle import BLOCKING, LifecycleError, State
from unknot.booking.policies import is_desk
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.pools import Found, room_taking, users_of
from unknot.booking.queries.rooming import lacking, room_board
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError

STANDING = BLOCKING - {State.HELD, State.COMPLETED}


class RoomTakenError(ConflictError):
    """That table is taken at that time. Nothing was changed; choose another one, or move who is there first."""

    code = "room-taken"


class RoomUnfitError(InvalidError):
    """That room has not all that the client needs. Nothing was changed; choose another, or say why all the same."""

    code = "room-unfit"


class NotHereError(LifecycleError):
    """This visit has no room that could be changed as it stands. Nothing was changed."""


def change_room(
    *, by: Actor, appointment_id: UUID, room_id: UUID, unit: int | None = None, override_reason: str = "", now: datetime
) -> VisitFacts:
    """Gives a visit a table in another room of its place, or (`unit`, from 0) a certain table. For staff.

    Where any table will do, later visits may change theirs to make room. `override_reason` sets aside what the client
    needs of a room. Raises NotFoundError (also for a room elsewhere or out of use), NotHereError, RoomTakenError,
    RoomUnfitError, StaffOnlyError, DiaryBusyError.
    """
    if not is_desk(by):
        raise StaffOnlyError("Only the practice can change the room. Nothing was changed.")
    seen = visit(appointment_id, by=by)
    try:
        with in_diary():
            row = lock_visit(seen.id, by=by, rooms=[room_id])
            if row.state not in STANDING or row.place_id is None:
                raise NotHereError(extra={"state": row.state})
            found = visit(row.pk, by=by)
            board = room_board(found, now=now)
            room = next((one for one in board.rooms.get(row.place_id, ()) if one.id == room_id), None)
            if room is None or (unit is not None and not 0 <= unit < room.capacity):
                raise NotFoundError
            if row.room_id == room.id and unit in (None, row.room_unit):
                return found
            lacks = lacking(found, board, room)
            if lacks and not override_reason.strip():
                said = f"{room.name} has not what the client needs: {lacks}. Nothing was changed."
                raise RoomUnfitError(said, field="reason")
            if unit is None:
                uses = room_taking(board, room, row.starts_at)
            else:
                there = {one.unit for one in users_of(board, room, row.starts_at)}
                fits = room.capacity > 1 or room_taking(board, room, row.starts_at) is not None
                uses = Found(room, unit) if fits and unit not in there else None
            if uses is None:
                raise RoomTakenError
            change_units(uses)
            was = row.room_id
            row.room_id, row.room_unit = room.id, uses.room_unit
            row.override_reason = (override_reason.strip() if lacks else "") or row.override_reason
            row.save(update_fields=["room", "room_unit", "override_reason"])
            _record(found, was, row.room_id, uses.room_unit, lacks=bool(lacks), by=by, now=now)
            wake_waitlist(by=system(row.practice_id), now=now)
            return visit(row.pk, by=by)
    except OverlapError as error:
        raise RoomTakenError from error


def _record(
    found: VisitFacts, was: UUID | None, room_id: UUID, unit: int, *, lacks: bool, by: Actor, now: datetime
) -> None:
    audit.record(
        by=by,
        verb="visit.room-changed",
        subject="appointment",
        subject_id=found.id,
        client_id=found.client_id,
        now=now,
        was=was,
        room_id=room_id,
        table=unit + 1,
        override="needs" if lacks else "",
    )
