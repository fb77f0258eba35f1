"""Running late: the rest of a therapist's day, planned anew.

Every visit that has not begun gets the earliest start that keeps all rules: not before it was promised, not before the
therapist is free again, buffers and drives between neighbours, inside opening hours stretched by the lateness itself, a
table, its kit, and a client who is not somewhere else. Gaps of the day take the delay up, so that later visits often
stay as they are. A visit for which the day has no time left is not squeezed in: it keeps its place in the diary until
its client or the desk decides, and everybody else is planned around it.

Whoever comes with others moves with all of them or not at all: to the earliest start at which every one of their
therapists, tables, pieces of kit and clients is free. The others' therapists are not late: what else is in their day
stays where it is. For the group their hours stretch by the same lateness, because they work as one.

Minutes are whole minutes since the epoch (UTC); intervals are half-open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from unknot.kernel.errors import InvalidError

STEP = 5
"""New starts lie on five-minute marks."""
MOST_LATE = 240
"""Whoever is later than four hours does not run late; the day is to be called off."""


class LateMinutesError(InvalidError):
    """Say by how many minutes, from 5 to 240. Nothing was changed."""

    code = "late-minutes"


Table = tuple[UUID, int]
"""One of a room's tables."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Taken time with the minutes that have to be kept free around it: by the rule of buffers `before` and `after`, and
    in any case `kept`, which is what the diary has stored. `owner`: the visit it is kept for, if any.
    """

    starts: int
    ends: int
    before: int = 0
    after: int = 0
    kept: tuple[int, int] = (0, 0)
    owner: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit still to come. `where` says whether there is a drive between two of them; `tables`, its own first, are
    those that could take it (empty: it needs none); `windows` opening hours, not stretched; `elsewhere` when its client
    can't; `beside` when its kit is in use. `hands`: who works, None for the therapist who is late.

    `others`: who starts together with it, each with `hands` of their own and what is `taken` of that therapist's day.
    """

    id: UUID
    starts: int
    minutes: int
    before: int = 0
    after: int = 0
    kept: tuple[int, int] = (0, 0)
    where: object = None
    tables: tuple[Table, ...] = ()
    windows: tuple[tuple[int, int], ...] = ()
    elsewhere: tuple[tuple[int, int], ...] = ()
    beside: tuple[Stretch, ...] = ()
    hands: UUID | None = None
    kit: frozenset[int] = frozenset()
    client: UUID | None = None
    taken: tuple[Stretch, ...] = ()
    others: tuple["Stop", ...] = ()

    @property
    def party(self) -> tuple["Stop", ...]:
        """Itself and who comes with it."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class _Stands:
    """A visit where the plan has put it, or left it."""

    stop: Stop
    starts: int
    table: Table | None

    @property
    def ends(self) -> int:
        return self.starts + self.stop.minutes

    def shares(self, other: "_Stands") -> bool:
        """Whether both need the same hands, table or kit."""
        same_table = self.table is not None and self.table == other.table
        return self.stop.hands == other.stop.hands or same_table or bool(self.stop.kit & other.stop.kit)


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a visit: its start and table. `starts` None: the day has no time for it."""

    id: UUID
    starts: int | None
    table: Table | None
    moved: bool


@dataclass(frozen=True)
class Day:
    """What stands around the visits: the therapist's other time, each table's, and the practice's rules.

    `larger`: neighbours' buffers are kept as the larger of the two, else as their sum. `drive` gives minutes between
    two `where`.
    """

    free_from: int
    late: int
    taken: Sequence[Stretch] = ()
    at_table: Mapping[Table, Sequence[Stretch]] = field(default_factory=dict)
    larger: bool = False
    drive: Callable[[object, object], int] = lambda here, there: 0

    def apart(self, first: Stop | Stretch, then: Stop | Stretch) -> int:
        """Minutes that two neighbours keep apart."""
        by_rule = max(first.after, then.before) if self.larger else first.after + then.before
        return max(by_rule, first.kept[1] + then.kept[0])

    def clear(self, stop: Stop, starts: int, other: Stretch) -> bool:
        """Whether the visit can stand there beside what is taken."""
        if other.owner == stop.id:
            return True
        ends = starts + stop.minutes
        return starts >= other.ends + self.apart(other, stop) or ends + self.apart(stop, other) <= other.starts

    def allows(self, one: _Stands, other: _Stands) -> bool:
        """Whether two planned visits can stand as they are: on shared hands, table or kit, and for a shared client."""
        if one.shares(other):
            first, then = (one, other) if one.starts < other.starts else (other, one)
            apart, here, there = self.apart(first.stop, then.stop), first.stop.where, then.stop.where
            if first.stop.hands == then.stop.hands and here != there:
                apart = max(apart, first.stop.after + self.drive(here, there) + then.stop.before)
            if then.starts < first.ends + apart:
                return False
        both = one.stop.client is not None and one.stop.client == other.stop.client
        return not both or one.starts >= other.ends or one.ends <= other.starts


def replan(stops: Iterable[Stop], day: Day) -> list[Planned]:
    """The plan of the day, in the order of the promised starts; who comes together stands together in it.

    Raises LateMinutesError.
    """
    if not STEP <= day.late <= MOST_LATE:
        raise LateMinutesError(field="minutes")
    order = sorted(stops, key=lambda one: (one.starts, str(one.id)))
    stuck: list[Stop] = []
    while True:
        plan = _once(order, day, stuck)
        lost = next((one for one in order if plan[one.id] is None and one not in stuck), None)
        if lost is None:
            return [planned for one in order for planned in _planned(one, plan[one.id])]
        stuck.append(lost)


def _planned(stop: Stop, found: Sequence[_Stands] | None) -> list[Planned]:
    if found is None:
        return [Planned(one.id, None, None, moved=False) for one in stop.party]
    return [Planned(one.stop.id, one.starts, one.table, moved=one.starts != stop.starts) for one in found]


def _as_it_is(stop: Stop) -> list[_Stands]:
    return [_Stands(one, stop.starts, one.tables[0] if one.tables else None) for one in stop.party]


def _once(order: Sequence[Stop], day: Day, stuck: Sequence[Stop]) -> dict[UUID, Sequence[_Stands] | None]:
    plan: dict[UUID, Sequence[_Stands] | None] = {}
    stand = [each for one in stuck for each in _as_it_is(one)]
    last: _Stands | None = None
    for stop in order:
        found = None if stop in stuck else _place(stop, day, last, stand)
        plan[stop.id] = found
        if found is not None:
            stand += found
            last = found[0]
    return plan


def _place(stop: Stop, day: Day, last: _Stands | None, stand: Sequence[_Stands]) -> Sequence[_Stands] | None:
    """The earliest start with a table for each of the party, or None."""
    lower = max(stop.starts, day.free_from)
    if last is not None:
        before = last.stop
        apart = day.apart(before, stop)
        if before.where != stop.where:
            apart = max(apart, before.after + day.drive(before.where, stop.where) + stop.before)
        lower = max(lower, last.ends + apart)
    own = _as_it_is(stop)
    if lower == stop.starts:  # as it stands in the diary; it changes tables only if it moves
        if all(day.allows(one, other) for one in own for other in stand):
            return own
        lower += 1
    windows = _stretched(stop.windows, day.late)
    for starts in range(-(-lower // STEP) * STEP, max((end for _, end in windows), default=0), STEP):
        mine = _fits(stop, starts, windows, day.taken, day)
        if mine and all(_fits(one, starts, _stretched(one.windows, day.late), one.taken, day) for one in stop.others):
            found = _at_tables(stop.party, starts, day, stand)
            if found is not None:
                return found
    return None


def _fits(stop: Stop, starts: int, windows: Iterable[tuple[int, int]], taken: Sequence[Stretch], day: Day) -> bool:
    """Whether one visit could begin then, as far as hours, hands, client and kit are concerned."""
    ends = starts + stop.minutes
    return (
        any(opens <= starts and ends <= closes for opens, closes in windows)
        and not any(since < ends and starts < until for since, until in stop.elsewhere)
        and all(day.clear(stop, starts, one) for one in (*taken, *stop.beside))
    )


def _at_tables(party: Sequence[Stop], starts: int, day: Day, stand: Sequence[_Stands]) -> Sequence[_Stands] | None:
    """A table for each of them that needs one, beside everybody who has a place by now; None if there is no way."""
    if not party:
        return ()
    first, rest = party[0], party[1:]
    tables: Sequence[Table | None] = first.tables or (None,)
    for table in tables:
        here = _Stands(first, starts, table)
        there = day.at_table.get(table, ()) if table is not None else ()
        if not all(day.clear(first, starts, one) for one in there):
            continue
        if all(day.allows(here, other) for other in stand):
            found = _at_tables(rest, starts, day, [*stand, here])
            if found is not None:
                return (here, *found)
    return None


def _stretched(windows: Iterable[tuple[int, int]], late: int) -> list[tuple[int, int]]:
    """Opening hours with each end later by the delay: who is late stays so much longer, or has so much less of a break.
    Windows that meet become one."""
    found: list[tuple[int, int]] = []
    for opens, closes in sorted(windows):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes + late))
        else:
            found.append((opens, closes + late))
    return found
