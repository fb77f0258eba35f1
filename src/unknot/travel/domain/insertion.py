"""Which starts of a home visit a therapist can reach, given what stands before and after it in the day.

For a gap: earliest start = previous end + drive in + set-up; latest start = next start - drive out - pack-up - service.
All times are UTC minutes since 1970; a drive function gives whole minutes from one point to another.

* The day starts and ends at the home base: the first drive starts when the first window opens, the last one is over
  when the last window closes.
* A clinic shift, a visit and a private appointment with a place are stops: one drives to them and from them.
* Busy time without a place takes its time but no travel; one may be on the way meanwhile.
* Pauses between windows are rest: no service, set-up or driving falls into them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from unknot.kernel.errors import InvalidError
from unknot.kernel.intervals import Interval, merge, subtract
from unknot.kernel.zones import wall_grid
from unknot.travel.domain.places import Point

Drive = Callable[[Point, Point], int]


class HomeVisitError(InvalidError):
    """A home visit needs a length, set-up and pack-up times that are not negative, and a grid that divides the day."""

    code = "home-visit"


@dataclass(frozen=True, slots=True)
class Stop:
    """Something fixed: from `starts`, when the therapist has to be there (set-up included), until they can leave at
    `ends`.

    `point` is None if nobody knows where it is.
    """

    starts: int
    ends: int
    point: Point | None = None


class HomeStart(NamedTuple):
    """A feasible start (UTC minute) and the driving minutes it adds to the day."""

    starts: int
    extra_minutes: int


def insertion_window(
    previous_end: int,
    previous_point: Point | None,
    next_start: int,
    next_point: Point | None,
    here: Point,
    minutes: int,
    *,
    setup: int,
    packup: int,
    drive: Drive,
) -> Interval | None:
    """Earliest and latest start, both inclusive, of a visit `here` between two neighbours; None if it does not fit.

    A neighbour without a point needs no travel.
    """
    drive_in = drive(previous_point, here) if previous_point else 0
    drive_out = drive(here, next_point) if next_point else 0
    earliest = previous_end + drive_in + setup
    latest = next_start - drive_out - packup - minutes
    return (earliest, latest) if earliest <= latest else None


@dataclass(frozen=True, slots=True)
class _Day:
    pauses: Sequence[Interval]
    from_home: int
    at_home: int
    home: Point
    placed: Sequence[tuple[int, int, Point]]

    def before(self, minute: int) -> list[tuple[int, Point]]:
        """When and from where the therapist sets out after `minute`: the last place, or home at the start of the day.

        Both, the home first, if the last place was left before the day began: either may bind.
        """
        last = max(((ends, point) for _, ends, point in self.placed if ends <= minute), default=None, key=_when)
        home = (self.from_home, self.home)
        return [home] if last is None else [last] if last[0] > self.from_home else [home, last]

    def after(self, minute: int) -> list[tuple[int, Point]]:
        """When and where the therapist has to be next from `minute` on; like `before`."""
        first = min(((starts, point) for starts, _, point in self.placed if starts >= minute), default=None, key=_when)
        home = (self.at_home, self.home)
        return [home] if first is None else [first] if first[0] < self.at_home else [home, first]

    def drive_on(self, minute: int, drive: int) -> int:
        """Arrival after `drive` minutes of open time from `minute`."""
        for start, end in self.pauses:
            if minute + drive <= start:
                break
            if minute < end:
                drive -= max(0, start - minute)
                minute = end
        return minute + drive

    def drive_back(self, minute: int, drive: int) -> int:
        """The latest departure that leaves `drive` minutes of open time before `minute`."""
        for start, end in reversed(self.pauses):
            if minute - drive >= end:
                break
            if minute > start:
                drive -= max(0, minute - end)
                minute = start
        return minute - drive


def _when(item: tuple[int, Point]) -> int:
    return item[0]


def _plan(windows: Sequence[Interval], stops: Sequence[Stop], home: Point) -> _Day:
    opens, closes = windows[0][0], windows[-1][1]
    placed = [(stop.starts, stop.ends, stop.point) for stop in stops if stop.point is not None]
    return _Day(subtract([(opens, closes)], windows), opens, closes, home, placed)


def home_starts(
    windows: Sequence[Interval],
    stops: Sequence[Stop],
    *,
    home: Point,
    here: Point,
    minutes: int,
    setup: int,
    packup: int,
    drive: Drive,
    grid_min: int,
    zone: str,
    not_before: int | None = None,
    not_after: int | None = None,
) -> list[HomeStart]:
    """Every start of a visit `here` that a therapist can keep on one day, on the local grid, ascending.

    `windows`: merged opening windows of the day; `stops`: all that is taken, in any order; bounds are inclusive.
    Starts in a repeated hour are offered once. Raises `HomeVisitError`, `UnknownZoneError`.
    """
    if minutes < 1 or setup < 0 or packup < 0 or grid_min < 1 or 1440 % grid_min:
        raise HomeVisitError
    if not windows:
        return []
    day = _plan(windows, stops, home)
    found: list[HomeStart] = []
    for start, end in subtract(windows, merge((stop.starts, stop.ends) for stop in stops)):
        if end - start < setup + minutes + packup:
            continue
        origins, targets = day.before(start), day.after(end)
        earliest = max(start, *(day.drive_on(left, drive(origin, here)) for left, origin in origins)) + setup
        latest = min(end, *(day.drive_back(due, drive(here, target)) for due, target in targets)) - packup - minutes
        if not_before is not None:
            earliest = max(earliest, not_before)
        if not_after is not None:
            latest = min(latest, not_after)
        if earliest <= latest:
            origin, target = origins[0][1], targets[0][1]
            extra = drive(origin, here) + drive(here, target) - drive(origin, target)
            grid = wall_grid(earliest, latest, grid=grid_min, zone_name=zone)
            found.extend(HomeStart(minute, extra) for minute in grid)
    return found
