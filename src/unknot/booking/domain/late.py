"""Running late: the rest of a therapist's day, planned anew.

Every visit that has not begun gets the earliest start that keeps all rules: not before it was promised, not before the
therapist is free again, buffers and drives between neighbours, inside opening hours stretched by the lateness itself, a
table, its kit, and a client who is not somewhere else. Gaps of the day take the delay up, so that later visits often
stay as they are. A visit for which the day has no time left is not squeezed in: it keeps its place in the diary until
its client or the desk decides, and everybody else is planned around it.

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
    can't; `beside` when its kit is in use.
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


def replan(stops: Iterable[Stop], day: Day) -> list[Planned]:
    """The plan of the day, in the order of the promised starts. Raises LateMinutesError."""
    if not STEP <= day.late <= MOST_LATE:
        raise LateMinutesError(field="minutes")
    order = sorted(stops, key=lambda one: (one.starts, str(one.id)))
    stuck: dict[UUID, Stretch] = {}
    while True:
        plan = _once(order, day, stuck)
        lost = [stop for stop, one in zip(order, plan, strict=True) if one.starts is None and stop.id not in stuck]
        if not lost:
            return plan
        one = lost[0]
        stuck[one.id] = Stretch(one.starts, one.starts + one.minutes, one.before, one.after, one.kept, one.id)


def _once(order: Sequence[Stop], day: Day, stuck: Mapping[UUID, Stretch]) -> list[Planned]:
    plan: list[Planned] = []
    last: tuple[Stop, int] | None = None
    for stop in order:
        found = None if stop.id in stuck else _place(stop, day, last, list(stuck.values()))
        if found is None:
            plan.append(Planned(stop.id, None, None, moved=False))
            continue
        starts, table = found
        plan.append(Planned(stop.id, starts, table, moved=starts != stop.starts))
        last = (stop, starts)
    return plan


def _place(
    stop: Stop, day: Day, last: tuple[Stop, int] | None, stuck: Sequence[Stretch]
) -> tuple[int, Table | None] | None:
    """The earliest start and a table, or None."""
    lower = max(stop.starts, day.free_from)
    if last is not None:
        before, starts = last
        apart = day.apart(before, stop)
        if before.where != stop.where:
            apart = max(apart, before.after + day.drive(before.where, stop.where) + stop.before)
        lower = max(lower, starts + before.minutes + apart)
    own = stop.tables[0] if stop.tables else None
    if lower == stop.starts and all(day.clear(stop, lower, one) for one in stuck):
        return lower, own  # as it stands in the diary
    windows = _stretched(stop.windows, day.late)
    for starts in range(-(-lower // STEP) * STEP, max((end for _, end in windows), default=0), STEP):
        ends = starts + stop.minutes
        if not any(opens <= starts and ends <= closes for opens, closes in windows):
            continue
        if any(since < ends and starts < until for since, until in stop.elsewhere):
            continue
        if not all(day.clear(stop, starts, one) for one in (*day.taken, *stuck, *stop.beside)):
            continue
        if not stop.tables:
            return starts, None
        for table in stop.tables:
            if all(day.clear(stop, starts, one) for one in day.at_table.get(table, ())):
                return starts, table
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
