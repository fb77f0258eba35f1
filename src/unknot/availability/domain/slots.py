"""Free gaps and the starts they can hold: the one place that decides what is offered and what may be booked.

A start is right when
* the service lies in one opening window;
* the service touches no blocked range (another visit with its buffers, or time off);
* its own buffers touch no blocked range (rule `sum`: buffers of neighbours add up) or no other service (rule `larger`:
  the larger of the two meeting buffers counts). They may run past opening time: cleaning up after closing is fine;
* the local clock shows a multiple of the grid, and shows it for the first time that day.

One sweep over sorted integers; any service is then answered in constant time per gap.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from operator import itemgetter

from unknot.availability.domain.cells import CELL, Busy, cells_up
from unknot.availability.domain.opening import Break, DayException, OpeningRule, opening_windows
from unknot.kernel.errors import InvalidError
from unknot.kernel.intervals import Interval, merge
from unknot.kernel.zones import clock_runs, local_minutes_to_utc

REACH = 255
"""How far a gap looks beyond its edges, in cells (21 h 15 min): the longest buffer."""
BUFFER_RULES = ("sum", "larger")


class SlotQuestionError(InvalidError):
    """A visit needs a length, buffers under 21 hours, a known buffer rule and a grid of whole five minutes."""

    code = "slot-question"


Gap = tuple[int, int, int, int]
"""(start, end, left, right): free opening time [start, end) in cells, and the idle cells beyond each edge, up to
`REACH`, that buffers may use. A plain tuple because a sweep makes a hundred of them."""

_NEVER = 1 << 40
_Block = tuple[int, int, int, int]
"""(start, end, nearest, furthest): blocked cells [start, end); buffers of others lie outside [nearest, furthest)."""

_NO_MORE: _Block = (_NEVER, _NEVER, _NEVER, _NEVER)


def _blocks(busy: Iterable[Busy], buffer_rule: str) -> list[_Block]:
    """Busy stretches joined to blocks that neither overlap nor touch, sorted, with a last one that never comes."""
    if buffer_rule == "sum":
        whole = sorted([(start - before, end + after) for start, end, before, after in busy if start < end])
        return [(start, end, start, end) for start, end in merge(whole)] + [_NO_MORE]
    if buffer_rule != "larger":
        raise SlotQuestionError(field="buffer_rule")
    blocks: list[_Block] = []
    for start, end, nearest, furthest in sorted(
        [(start - before, end + after, start, end) for start, end, before, after in busy if start < end]
    ):
        if blocks and start <= blocks[-1][1]:
            last = blocks.pop()
            blocks.append((last[0], max(last[1], end), min(last[2], nearest), max(last[3], furthest)))
        else:
            blocks.append((start, end, nearest, furthest))
    return [*blocks, _NO_MORE]


def free_gaps(windows: Iterable[Interval], busy: Iterable[Busy], *, buffer_rule: str = "sum") -> list[Gap]:
    """What is left of merged `windows` (cells), sorted, each gap with its reach for buffers.

    `busy` in any order, overlaps allowed; include what ends up to a day before the first window and starts up to a day
    after the last, or the buffers of those neighbours are not seen. Raises `SlotQuestionError` for an unknown rule.
    """
    gaps: list[Gap] = []
    following = iter(_blocks(busy, buffer_rule))
    start, end, nearest, furthest = next(following)
    behind = -_NEVER  # where the block before this one stops the buffers of others
    for opens, closes in windows:
        free_from = opens
        while end <= opens:
            behind = furthest
            start, end, nearest, furthest = next(following)
        while start < closes:
            if start > free_from:
                left, right = free_from - behind, nearest - start
                gaps.append((free_from, start, left if left < REACH else REACH, right if right < REACH else REACH))
            free_from = end
            if end >= closes:
                break  # this block may reach into the next window
            behind = furthest
            start, end, nearest, furthest = next(following)
        if free_from < closes:
            left, right = free_from - behind, nearest - closes
            gaps.append((free_from, closes, left if left < REACH else REACH, right if right < REACH else REACH))
    return gaps


def start_ranges(gaps: Iterable[Gap], *, minutes: int, before: int, after: int) -> list[Interval]:
    """For each gap that can hold the visit: first and last possible start, both inclusive, in cells, off the grid yet.

    `minutes` of service, `before` and `after` its own buffers in minutes. Raises `SlotQuestionError`.
    """
    length, lead, tail = cells_up(minutes), cells_up(before), cells_up(after)
    if length < 1 or not (0 <= lead <= REACH and 0 <= tail <= REACH):
        raise SlotQuestionError(field="minutes")
    ranges = []
    for start, end, left, right in gaps:
        first = start + lead - left if lead > left else start
        last = (end - tail + right if tail > right else end) - length
        if first <= last:
            ranges.append((first, last))
    return ranges


def starts(
    gaps: Iterable[Gap],
    *,
    minutes: int,
    before: int,
    after: int,
    grid_min: int,
    zone: str,
    not_before: int | None = None,
    not_after: int | None = None,
) -> list[int]:
    """Every start (cell, ascending) for a service of `minutes` with its own buffers, in minutes, on the local grid.

    The grid is anchored at local midnight: the clock shows a multiple of `grid_min`. Times in a repeated hour are
    offered at their first showing only. `not_before` and `not_after` (cells, inclusive) bound the start itself: notice,
    horizon, the days asked for. The buffer rule is in the gaps already. Raises `SlotQuestionError`, `UnknownZoneError`.
    """
    check_grid(grid_min)
    ranges = start_ranges(gaps, minutes=minutes, before=before, after=after)
    if not ranges:
        return []
    lowest = ranges[0][0] if not_before is None else max(not_before, ranges[0][0])
    highest = ranges[-1][1] if not_after is None else min(not_after, ranges[-1][1])
    step = grid_min // CELL
    found: list[int] = []
    for run_start, run_end, offset in clock_runs(lowest * CELL, highest * CELL, zone) if lowest <= highest else ():
        floor, ceiling = max(lowest, -(-run_start // CELL)), min(highest, (run_end - 1) // CELL)
        if floor > ceiling:
            continue
        shift = offset // CELL
        for first, last in _clip(ranges, floor, ceiling):
            found += range(first + -(first + shift) % step, last + 1, step)
    return found


def _clip(ranges: list[Interval], floor: int, ceiling: int) -> list[Interval]:
    """The parts of sorted, disjoint, inclusive `ranges` within [floor, ceiling]."""
    inside = ranges[bisect_left(ranges, floor, key=itemgetter(1)) : bisect_right(ranges, ceiling, key=itemgetter(0))]
    if inside:
        inside[0] = (max(inside[0][0], floor), inside[0][1])
        inside[-1] = (inside[-1][0], min(inside[-1][1], ceiling))
    return inside


def check_grid(grid_min: int) -> None:
    """Raises `SlotQuestionError` unless the grid divides a day into steps of whole cells."""
    if grid_min < CELL or grid_min % CELL or 1440 % grid_min:
        raise SlotQuestionError(field="grid")


def open_starts(
    rules: Sequence[OpeningRule],
    breaks: Sequence[Break],
    exceptions: Iterable[DayException],
    busy: Iterable[Busy],
    *,
    zone: str,
    from_date: date,
    to_date: date,
    minutes: int,
    before: int,
    after: int,
    grid_min: int,
    buffer_rule: str = "sum",
    not_before: int | None = None,
    not_after: int | None = None,
) -> list[int]:
    """Every start (cell) on the local days [from_date, to_date), from rows to answer in one sweep.

    Arguments and errors as in `opening_windows`, `free_gaps` and `starts`; `busy` from a day before to a day after.
    """
    windows = opening_windows(rules, breaks, exceptions, zone, from_date, to_date)
    gaps = free_gaps(windows, busy, buffer_rule=buffer_rule)
    first = cells_up(local_minutes_to_utc(from_date.toordinal(), 0, zone))
    last = cells_up(local_minutes_to_utc(to_date.toordinal(), 0, zone)) - 1
    return starts(
        gaps,
        minutes=minutes,
        before=before,
        after=after,
        grid_min=grid_min,
        zone=zone,
        not_before=first if not_before is None else max(first, not_before),
        not_after=last if not_after is None else min(last, not_after),
    )
