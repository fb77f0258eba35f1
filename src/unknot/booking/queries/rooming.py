"""The rooms of a visit's place, and the tables in them: which could take it as it stands, and why not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from unknot.booking.domain.parts import joined
from unknot.booking.domain.wording import NEEDS, ROOM_NEEDS
from unknot.booking.policies import is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import Board, Question, Used, fill, setting
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.pools import room_taking, users_of
from unknot.booking.queries.visits import visits_by_id
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.practice.queries import RoomFacts


@dataclass(frozen=True)
class TableChoice:
    """A table of a room: `unit` counts from 0. `taken_by`: the visit that has it then, if any."""

    unit: int
    is_own: bool
    taken_by: VisitFacts | None = None


@dataclass(frozen=True)
class RoomChoice:
    """A room for a visit. `lacks`: what the client needs and it has not, in words."""

    room: RoomFacts
    tables: tuple[TableChoice, ...]
    lacks: str = ""
    is_own: bool = False
    is_free: bool = False


def question_of_room(found: VisitFacts, *, now: datetime) -> Question:
    """What the visit asks of a room: its own time and buffers, nothing else."""
    wall = date.fromisoformat(found.local_start[:10])
    practice = practices.practice(found.practice_id)
    asked = question_of(found, practice, first=wall, last=wall, now=now, therapist_slug=found.therapist_slug)
    return replace(asked, needs=(), freely=True)


def room_board(found: VisitFacts, *, now: datetime) -> Board:
    """The rooms and who is in them around the visit, without the visit itself."""
    board = setting(question_of_room(found, now=now))
    fill(board)
    return board


def lacking(found: VisitFacts, board: Board, room: RoomFacts) -> str:
    """What the client needs that neither the room nor its place has, in words; empty if nothing."""
    place = board.places.get(room.place_id)
    missing = set(found.need_slugs) & ROOM_NEEDS - set(room.attributes) - set(place.access if place else ())
    return joined(NEEDS[one][:1].lower() + NEEDS[one][1:] for one in NEEDS if one in missing)


def room_choices(found: VisitFacts, *, by: Actor, now: datetime) -> list[RoomChoice]:
    """Every room in use at the visit's place, by name, with its tables. For staff, else NotFoundError.

    The number of queries does not depend on the number of rooms.
    """
    if not is_desk(by) or found.place_id is None:
        raise NotFoundError
    board = room_board(found, now=now)
    rooms = board.rooms.get(found.place_id, [])
    used = {room.id: users_of(board, room, found.starts_at) for room in rooms}
    others = visits_by_id({one.visit for many in used.values() for one in many}, by=by)
    return [
        RoomChoice(
            room=room,
            tables=tuple(
                _table(unit, room.id == found.room_id and unit == found.room_unit, used[room.id], others)
                for unit in range(room.capacity)
            ),
            lacks=lacking(found, board, room),
            is_own=room.id == found.room_id,
            is_free=room_taking(board, room, found.starts_at) is not None,
        )
        for room in rooms
    ]


def _table(unit: int, is_own: bool, used: Iterable[Used], others: dict[UUID, VisitFacts]) -> TableChoice:
    hit = next((one for one in used if one.unit == unit), None)
    return TableChoice(unit, is_own, others.get(hit.visit) if hit else None)
