"""A series: the same wall time every so many days or weeks. Pure; clocks and diaries come later.

Days and weeks are counted on the calendar, never in hours, so that "Thursday, half past six" stays that across clock
changes. A wall time that the clock skips on one of the days is no start (`SKIPPED`); one that it shows twice means its
first showing, as everywhere.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import exists, is_repeated, to_utc

MOST_VISITS = 52
MOST_DAYS = 371  # 53 weeks
UNITS = {"days": 1, "weeks": 7}
YEARS = range(2000, 2200)
SKIPPED, REPEATED = "skipped-hour", "repeated-hour"


class SeriesRuleError(InvalidError):
    """A series repeats every 1 or more days or weeks, and has a number of visits or a last day. Nothing was booked."""

    code = "series-rule"


class SeriesTooLongError(InvalidError):
    """A series has at most 52 visits and ends within 53 weeks. Nothing was booked; book the rest when it is nearer."""

    code = "series-too-long"


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """Every `every` `unit` ("days" or "weeks") from the naive wall time `first`: `count` visits, or through `until`.

    Exactly one of `count` and `until` is given. Raises SeriesRuleError, SeriesTooLongError.
    """

    first: datetime
    every: int
    unit: str = "weeks"
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS or self.every < 1:
            raise SeriesRuleError(field="every")
        if (self.count is None) == (self.until is None):
            raise SeriesRuleError(field="count")
        if self.until is not None and self.until < self.first.date():
            raise SeriesRuleError(
                "The last day of a series is not before its first. Nothing was booked.", field="until"
            )
        if self.count is not None and self.count < 1:
            raise SeriesRuleError(field="count")
        if self.visits > MOST_VISITS or (self.visits - 1) * self.step > MOST_DAYS:
            raise SeriesTooLongError(field="until" if self.count is None else "count", extra={"most": MOST_VISITS})

    @property
    def step(self) -> int:
        """Days from one visit to the next."""
        return self.every * UNITS[self.unit]

    @property
    def visits(self) -> int:
        """How many visits the rule has."""
        if self.until is None:
            return self.count or 0
        return (self.until - self.first.date()).days // self.step + 1

    @property
    def words(self) -> str:
        """`every week`, `every 2 weeks`, `every 10 days`."""
        if self.every == 1:
            return f"every {self.unit.removesuffix('s')}"
        return f"every {self.every} {self.unit}"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series, counted from 1. `note` is SKIPPED (then it can't be booked), REPEATED or empty."""

    number: int
    wall: datetime
    starts_at: datetime
    note: str = ""

    @property
    def local_start(self) -> str:
        """ "YYYY-MM-DDTHH:MM", as slots name their start."""
        return f"{self.wall:%Y-%m-%dT%H:%M}"


def wall_of(local_start: str) -> datetime:
    """The naive wall time of "YYYY-MM-DDTHH:MM". Raises SeriesRuleError."""
    wall = None
    if len(local_start) == len("2026-11-17T09:00"):
        with suppress(ValueError):
            wall = datetime.fromisoformat(local_start)
    if wall is None or wall.tzinfo is not None or wall.year not in YEARS:
        words = "A start looks like 2026-11-17T09:00, by the practice's clock. Nothing was booked."
        raise SeriesRuleError(words, field="local_start")
    return wall


def walls(rule: SeriesRule) -> list[datetime]:
    """The naive wall times of a series, first to last. Raises SeriesTooLongError where the calendar ends."""
    try:
        return [rule.first + timedelta(days=rule.step * number) for number in range(rule.visits)]
    except OverflowError as error:
        raise SeriesTooLongError(field="first") from error


def occurrences(rule: SeriesRule, zone: str) -> list[Occurrence]:
    """The dates of a series with their instants (UTC) in a zone, first to last."""
    found = []
    for number, wall in enumerate(walls(rule), start=1):
        note = "" if exists(wall, zone) else SKIPPED
        if is_repeated(wall, zone):
            note = REPEATED
        found.append(Occurrence(number, wall, to_utc(wall, zone), note))
    return found


def shifted(wall: datetime, *, days: int, at: time) -> datetime:
    """Where a visit goes when its series moves: so many days on, at that time of day."""
    return datetime.combine(wall.date() + timedelta(days=days), at)
