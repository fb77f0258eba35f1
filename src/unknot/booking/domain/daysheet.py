"""How a day stands on the sheet: stretches of wall minutes (0 to 1440 after local midnight), side by side if they meet.

Rows of the sheet are five minutes. Times are as the clock on the wall shows them; in a repeated hour the second showing
lies over the first, so what overlaps goes side by side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from unknot.kernel.intervals import Interval, intersect, merge, subtract

DAY, ROW = 1440, 5
USUAL = (8, 18)
"""Hours shown of a day on which nothing stands."""
MOST_LANES = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something on the sheet. `kind`: visit, free, closed, break, off, elsewhere, buffer or drive; `words` what it is
    if that is not plain; `key` whose it is (a visit's id)."""

    kind: str
    starts: int
    ends: int
    words: str = ""
    key: object = None


def wall_minute(wall: datetime, day: date) -> int:
    """Minutes of a wall time after the midnight of `day`, kept within that day."""
    minutes = (wall.date() - day).days * DAY + wall.hour * 60 + wall.minute
    return max(0, min(DAY, minutes))


def bands(
    *, rules: Sequence[Interval], unbroken: Sequence[Interval], usual: Sequence[Interval], off: str = ""
) -> list[Stretch]:
    """What is not working time, and why, over the whole day. All arguments merged, in wall minutes.

    `rules`: hours as they are today; `unbroken`: the same without breaks; `usual`: what the week alone would say.
    What is missing from the first to the second is a break, from the second to the third time off (`off` says which).
    """
    breaks = subtract(unbroken, rules)
    away = subtract(usual, merge([*unbroken, *rules]))
    closed = subtract([(0, DAY)], merge([*rules, *breaks, *away]))
    found = [Stretch("closed", start, end) for start, end in closed]
    found += [Stretch("break", start, end) for start, end in breaks]
    found += [Stretch("off", start, end, off) for start, end in away]
    return sorted(found, key=lambda one: one.starts)


def free_stretches(
    hours: Sequence[Interval], taken: Iterable[Interval], *, not_before: int = 0, least: int = 15
) -> list[Stretch]:
    """Working time nobody has taken, from `not_before` on, in stretches of at least `least` minutes. `hours` merged."""
    rest = intersect(subtract(hours, merge(taken)), [(not_before, DAY)] if not_before < DAY else [])
    return [Stretch("free", start, end) for start, end in rest if end - start >= least]


def around(starts: int, ends: int, *, before: int, after: int, drive: int, key: object) -> list[Stretch]:
    """The quiet bands beside a visit: driving there, setting up, cleaning up."""
    found = []
    if drive:
        found.append(Stretch("drive", max(0, starts - before - drive), max(0, starts - before), f"{drive} min", key))
    if before:
        found.append(Stretch("buffer", max(0, starts - before), starts, f"{before} min", key))
    if after:
        found.append(Stretch("buffer", ends, min(DAY, ends + after), f"{after} min", key))
    return [one for one in found if one.starts < one.ends]


def hours_shown(open_hours: Iterable[Interval], stretches: Iterable[Interval]) -> tuple[int, int]:
    """First and last hour (0 to 24) of the sheet: everything that is open or taken, whole hours."""
    both = merge([*open_hours, *stretches])
    if not both:
        return USUAL
    return both[0][0] // 60, min(24, -(-both[-1][1] // 60))


def cut(stretch: Stretch, first_hour: int, end_hour: int) -> Stretch | None:
    """The part of a stretch that lies on the sheet."""
    starts, ends = max(stretch.starts, first_hour * 60), min(stretch.ends, end_hour * 60)
    return Stretch(stretch.kind, starts, ends, stretch.words, stretch.key) if starts < ends else None


def rows(stretch: Stretch, first_hour: int) -> tuple[int, int]:
    """(first row from 1, number of rows) of a stretch on a sheet that begins at `first_hour`."""
    start = (stretch.starts - first_hour * 60) // ROW
    end = -(-(stretch.ends - first_hour * 60) // ROW)
    return start + 1, max(1, end - start)


def lanes(stretches: Sequence[Interval]) -> list[tuple[int, int]]:
    """(lane from 1, lanes beside each other) for each stretch, in the given order (sorted by start), three at most."""
    found: list[tuple[int, int]] = [(1, 1)] * len(stretches)
    cluster: list[int] = []
    lane_ends: list[int] = []
    chosen: dict[int, int] = {}
    until = -1

    def close() -> None:
        for index in cluster:
            found[index] = (min(chosen[index], MOST_LANES), min(len(lane_ends), MOST_LANES))

    for index, (starts, ends) in enumerate(stretches):
        if starts >= until:
            close()
            cluster, lane_ends, until = [], [], -1
        lane = next((number for number, free_from in enumerate(lane_ends) if free_from <= starts), len(lane_ends))
        lane_ends[lane : lane + 1] = [ends]
        chosen[index] = lane + 1
        cluster.append(index)
        until = max(until, ends)
    close()
    return found
