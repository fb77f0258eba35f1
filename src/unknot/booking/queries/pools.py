"""Rooms and kit: where a visit finds a table and everything it needs, asked for whole days and for one start."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from unknot.availability.queries import Busy, Interval, cell_of, cells_up, free_gaps, merge, start_ranges
from unknot.booking.domain.pools import Use, full_stretches, take
from unknot.booking.domain.wording import ROOM_NEEDS
from unknot.booking.queries.board import Board, Used
from unknot.practice.queries import KitFacts, PlaceFacts, RoomFacts

LONG_BEFORE, LONG_AFTER = 0, 1 << 30
"""Bounds, in cells, between which a room may be used at any hour."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a visit uses, and who changes for it: visits with their new table, visits with old and new pieces of kit."""

    room: RoomFacts | None = None
    room_unit: int = 0
    kit_units: tuple[int, ...] = ()
    room_moves: dict[UUID, int] = field(default_factory=dict)
    kit_moves: dict[UUID, dict[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pool:
    """Units that are alike: the tables of a room, the pieces of kit of one kind at one place."""

    units: tuple[int, ...]
    used: tuple[Used, ...]


def rooms_fitting(board: Board, place: PlaceFacts) -> list[RoomFacts]:
    """The rooms of a place that have what the client needs. What the place has, all its rooms have."""
    wanted = _wanted(board) - set(place.access)
    return [one for one in board.rooms.get(place.id, ()) if wanted <= set(one.attributes)]


def place_fits(board: Board, place: PlaceFacts) -> bool:
    """Whether the client can get in there and be at ease; a place without rooms speaks for itself."""
    if board.rooms.get(place.id):
        return bool(rooms_fitting(board, place))
    return _wanted(board) <= set(place.access)


def _wanted(board: Board) -> set[str]:
    return set(board.question.needs) & ROOM_NEEDS


def kit_at(board: Board, kind: str, place: PlaceFacts | None) -> list[KitFacts]:
    """The kit of a kind for a visit there: the place's own, else what is carried along."""
    all_of_it = board.kit.get(kind, [])
    own = [one for one in all_of_it if place is not None and one.place_id == place.id]
    return own or [one for one in all_of_it if one.place_id is None]


def free_ranges(board: Board, place: PlaceFacts | None) -> list[list[Interval]]:
    """Starts (cells, half-open, sorted) that everything but the therapist allows there: a start has to lie in a range
    of each list. Worked out once for each place."""
    key = place.id if place else None
    if key not in board.found:
        lists = [] if place is None else _room_lists(board, place)
        lists += [_ranges(board, pool) for pool in _kit_pools(board, place)]
        board.found[key] = lists
    return board.found[key]


def allows(lists: Sequence[Sequence[Interval]], cell: int) -> bool:
    """Whether a start lies in a range of each list."""
    for merged in lists:
        index = bisect_right(merged, cell, key=lambda one: one[0]) - 1
        if index < 0 or cell >= merged[index][1]:
            return False
    return True


def find_all(board: Board, place: PlaceFacts | None, starts_at: datetime) -> Found | None:
    """The first fitting room by name with a table, and every piece of kit, for the visit in question; None if not."""
    return next(ways(board, place, starts_at), None)


def ways(board: Board, place: PlaceFacts | None, starts_at: datetime) -> Iterator[Found]:
    """`find_all` for every fitting room, by name. Pieces of kit are alike: one way is as good as any."""
    units: list[int] = []
    moves: dict[UUID, dict[int, int]] = {}
    for pool in _kit_pools(board, place):
        taking = _take(board, pool, starts_at)
        if taking is None:
            return
        units.append(taking[0])
        for visit, unit in taking[1].items():
            was = next(one.unit for one in pool.used if one.visit == visit)
            moves.setdefault(visit, {})[was] = unit
    if place is None or not board.rooms.get(place.id):
        yield Found(kit_units=tuple(units), kit_moves=moves)
        return
    for one in _in_rooms(board, place, starts_at):
        yield replace(one, kit_units=tuple(units), kit_moves=moves)


def with_use(board: Board, visit: UUID, busy: Busy, uses: Found) -> Board:
    """The board as it will be once that visit uses what was found for it. The board itself stays as it is."""
    reach = (busy.start_cell - busy.before, busy.end_cell + busy.after)
    in_room, kit_used = dict(board.in_room), dict(board.kit_used)
    if uses.room is not None:
        there = [one._replace(unit=uses.room_moves.get(one.visit, one.unit)) for one in in_room.get(uses.room.id, ())]
        in_room[uses.room.id] = [*there, Used(visit, uses.room_unit, busy, reach)]
    changing = [
        one._replace(unit=uses.kit_moves[one.visit][unit])
        for unit, users in kit_used.items()
        for one in users
        if unit in uses.kit_moves.get(one.visit, {})
    ]
    if changing:
        kit_used = {
            unit: [one for one in users if unit not in uses.kit_moves.get(one.visit, {})]
            for unit, users in kit_used.items()
        }
    for one in [*changing, *(Used(visit, unit, busy, reach) for unit in uses.kit_units)]:
        kit_used[one.unit] = [*kit_used.get(one.unit, ()), one]
    return replace(board, in_room=in_room, kit_used=kit_used, found={})


def free_room(board: Board, place: PlaceFacts, starts_at: datetime) -> RoomFacts | None:
    """The first fitting room of the place, by name, that has a table for the visit in question."""
    return next((one.room for one in _in_rooms(board, place, starts_at)), None)


def room_taking(board: Board, room: RoomFacts, starts_at: datetime) -> Found | None:
    """A table of this very room for the visit in question, whatever it has; None if it is full then."""
    taking = _take(board, _room_pool(board, room), starts_at)
    return Found(room, taking[0], room_moves=taking[1]) if taking else None


def users_of(board: Board, room: RoomFacts, starts_at: datetime) -> list[Used]:
    """Who is in a room while the visit in question would be, set-up and clean-up of both included."""
    question, cell = board.question, cell_of(starts_at)
    start = cell - cells_up(question.before)
    end = cell + cells_up(question.minutes) + cells_up(question.after)
    return [one for one in board.in_room.get(room.id, ()) if one.reach[0] < end and start < one.reach[1]]


def missing_kit(board: Board, place: PlaceFacts | None, starts_at: datetime) -> tuple[str, bool] | None:
    """The name of kit that is not to be had for the visit in question, and whether there is any of it at all."""
    for kind, pool in zip(board.question.kit_kinds, _kit_pools(board, place), strict=True):
        if _take(board, pool, starts_at) is None:
            name = next((one.name for one in board.kit.get(kind, ())), kind.replace("-", " "))
            return name, bool(pool.units)
    return None


def _in_rooms(board: Board, place: PlaceFacts, starts_at: datetime) -> Iterator[Found]:
    for room in rooms_fitting(board, place):
        taking = _take(board, _room_pool(board, room), starts_at)
        if taking is not None:
            yield Found(room, taking[0], room_moves=taking[1])


def _room_lists(board: Board, place: PlaceFacts) -> list[list[Interval]]:
    if not board.rooms.get(place.id):
        return [] if place_fits(board, place) else [[]]
    rooms = rooms_fitting(board, place)
    return [merge(one for room in rooms for one in _ranges(board, _room_pool(board, room)))]


def _room_pool(board: Board, room: RoomFacts) -> Pool:
    return Pool(tuple(range(room.capacity)), tuple(board.in_room.get(room.id, ())))


def _kit_pools(board: Board, place: PlaceFacts | None) -> list[Pool]:
    """One for each kind of kit in question, in that order; without units if there is none there."""
    pools = []
    for kind in board.question.kit_kinds:
        units = tuple(one.id for one in kit_at(board, kind, place))
        pools.append(Pool(units, tuple(used for unit in units for used in board.kit_used.get(unit, ()))))
    return pools


def _ranges(board: Board, pool: Pool) -> list[Interval]:
    """Starts (cells, half-open, merged) at which the pool has a unit for the visit in question."""
    question = board.question
    if not pool.units:
        return []
    if len(pool.units) == 1:
        busy, rule = [one.busy for one in pool.used], question.practice.buffer_rule
    else:
        busy, rule = [Busy(*one) for one in full_stretches(_uses(pool), len(pool.units))], "sum"
    gaps = free_gaps([(LONG_BEFORE, LONG_AFTER)], busy, buffer_rule=rule)
    return merge(
        (start, end + 1)
        for start, end in start_ranges(gaps, minutes=question.minutes, before=question.before, after=question.after)
    )


def _take(board: Board, pool: Pool, starts_at: datetime) -> tuple[int, dict[UUID, int]] | None:
    """A unit for a start, and who changes theirs for it."""
    question, cell = board.question, cell_of(starts_at)
    if not allows([_ranges(board, pool)], cell):
        return None
    if len(pool.units) == 1:
        return pool.units[0], {}
    end = cell + cells_up(question.minutes)
    taking = take(cell - cells_up(question.before), end + cells_up(question.after), _uses(pool), pool.units)
    return (taking.unit, taking.moves) if taking else None


def _uses(pool: Pool) -> list[Use]:
    return [Use(one.visit, one.unit, *one.reach) for one in pool.used]
