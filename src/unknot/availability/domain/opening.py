"""Opening time: weekly rules, breaks and exceptions in local wall time -> windows in UTC cells.

A window belongs to the local day on which it starts and may run past midnight (`closes_min` over 1440). Breaks cut the
week's rules of the day they belong to. An exception replaces that local day: `closed` and `changed` switch the week's
rules and breaks off, `changed` and `extra` add hours of their own, without breaks. Wall minutes are added first and
converted afterwards, so 09:00 stays 09:00 when clocks change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from unknot.availability.domain.cells import CELL
from unknot.kernel.errors import InvalidError
from unknot.kernel.intervals import Interval, merge, subtract
from unknot.kernel.zones import local_minutes_to_utc, steady_offset

DAY = 1440
KINDS = ("closed", "extra", "changed")


class OpeningHoursError(InvalidError):
    """These hours don't work: use steps of five minutes and close after opening, by the end of the next day."""

    code = "opening-hours"


class DateRangeError(InvalidError):
    """The last day has to come after the first."""

    code = "date-range"


def _check_hours(opens: int, closes: int) -> None:
    if not (0 <= opens < closes <= 2 * DAY) or opens % CELL or closes % CELL:
        raise OpeningHoursError


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """Open every `weekday` (Monday 0) from `opens_min` to `closes_min`: wall minutes after that day's midnight.

    Holds from `valid_from` up to, not including, `valid_until` (local dates; None: no limit).
    Raises `OpeningHoursError`.
    """

    weekday: int
    opens_min: int
    closes_min: int
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        _check_hours(self.opens_min, self.closes_min)
        if not (0 <= self.weekday < 7 and self.opens_min < DAY):
            raise OpeningHoursError


@dataclass(frozen=True, slots=True)
class Break:
    """Closed every `weekday` from `starts_min` to `ends_min`; a break after midnight belongs to the evening before."""

    weekday: int
    starts_min: int
    ends_min: int
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        _check_hours(self.starts_min, self.ends_min)
        if not 0 <= self.weekday < 7:
            raise OpeningHoursError


@dataclass(frozen=True, slots=True)
class DayException:
    """What is different on a local day: `closed`, `changed` hours or `extra` hours (several rows may add up)."""

    day: date
    kind: str
    opens_min: int = 0
    closes_min: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise OpeningHoursError
        if self.kind != "closed":
            _check_hours(self.opens_min, self.closes_min)
            if self.opens_min >= DAY:
                raise OpeningHoursError


Week = list[list[Interval]]


def opening_windows(
    rules: Sequence[OpeningRule],
    breaks: Sequence[Break],
    exceptions: Iterable[DayException],
    zone: str,
    from_date: date,
    to_date: date,
) -> list[Interval]:
    """Merged windows, in UTC cells, of every window that can hold a start on the local days [from_date, to_date).

    The day before and the day `to_date` itself are expanded too, because windows cross midnight and may join there; so
    the outer windows can reach beyond the days asked for. Raises `DateRangeError`, `UnknownZoneError`.
    """
    if to_date <= from_date:
        raise DateRangeError(field="to")
    first, last = from_date.toordinal() - 1, to_date.toordinal()
    special = _special_days(exceptions)
    windows: list[Interval] = []
    for start, end, week in _stretches(rules, breaks, first, last + 1):
        for day, midnight in enumerate(_midnights(zone, start, end), start):
            pieces = week[(day + 6) % 7]
            if day in special:
                replaces, hours = special[day]
                pieces = hours if replaces else merge(pieces + hours)
            if midnight is None:
                windows += [_on_change_day(zone, day, opens, closes) for opens, closes in pieces]
            else:
                for opens, closes in pieces:
                    windows.append((midnight + opens, midnight + closes))
    return merge(windows)


def _special_days(exceptions: Iterable[DayException]) -> dict[int, tuple[bool, list[Interval]]]:
    """By day: does it replace the week's rules, and its own hours in cells after midnight."""
    special: dict[int, tuple[bool, list[Interval]]] = {}
    for exception in exceptions:
        day = exception.day.toordinal()
        replaces, hours = special.get(day, (False, []))
        if exception.kind != "closed":
            hours = merge([*hours, (exception.opens_min // CELL, exception.closes_min // CELL)])
        special[day] = (replaces or exception.kind != "extra", hours)
    return special


def _stretches(
    rules: Sequence[OpeningRule], breaks: Sequence[Break], first: int, end: int
) -> Iterable[tuple[int, int, Week]]:
    """Runs of days in [first, end) with the same rules and breaks, each with its week (cells after midnight)."""
    items: list[OpeningRule | Break] = [*rules, *breaks]
    dates = [day for item in items for day in (item.valid_from, item.valid_until) if day is not None]
    turns = {first, end}.union(day.toordinal() for day in dates if first < day.toordinal() < end)
    for start, stop in pairwise(sorted(turns)):
        week: Week = [[] for _ in range(7)]
        pauses: Week = [[] for _ in range(7)]
        for rule in rules:
            if _holds(rule, start):
                week[rule.weekday].append((rule.opens_min // CELL, rule.closes_min // CELL))
        for pause in breaks:
            if _holds(pause, start):
                pauses[pause.weekday].append((pause.starts_min // CELL, pause.ends_min // CELL))
        for weekday in {rule.weekday for rule in rules}:
            week[weekday] = subtract(merge(week[weekday]), merge(pauses[weekday]))
        yield start, stop, week


def _holds(item: OpeningRule | Break, day: int) -> bool:
    started = item.valid_from is None or item.valid_from.toordinal() <= day
    return started and (item.valid_until is None or day < item.valid_until.toordinal())


@lru_cache(maxsize=4096)
def _midnights(zone: str, first: int, end: int) -> tuple[int | None, ...]:
    """The cell of each local midnight; None unless the clock is steady for two days and whole cells from UTC."""
    midnights: list[int | None] = []
    for day in range(first, end):
        offset = steady_offset(zone, day)
        whole = offset is not None and offset % CELL == 0
        midnights.append(local_minutes_to_utc(day, 0, zone) // CELL if whole else None)
    return tuple(midnights)


@lru_cache(maxsize=4096)
def _on_change_day(zone: str, day: int, opens: int, closes: int) -> Interval:
    """The window near a clock change, rounded inwards; empty (start >= end) if it lies in skipped time."""
    return (
        -(-local_minutes_to_utc(day, opens * CELL, zone) // CELL),
        local_minutes_to_utc(day, closes * CELL, zone) // CELL,
    )
