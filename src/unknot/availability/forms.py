"""Working hours as people type them: times of day, places, the days from and until which they hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from unknot.availability.domain.opening import Break, OpeningHoursError, OpeningRule

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOME = "home"
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
MOST_ROWS = 120
MIDNIGHT = 1440


@dataclass
class Row:
    """One line of the week as typed. `kind` hours or break; `until` is the last day, inclusive."""

    number: int
    weekday: int
    kind: str = "hours"
    opens: str = ""
    closes: str = ""
    place: str = ""
    since: str = ""
    until: str = ""
    error: str = ""

    def holds(self, item: OpeningRule | Break) -> None:
        """Shows from and until when the line holds."""
        self.since = item.valid_from.isoformat() if item.valid_from else ""
        self.until = (item.valid_until - timedelta(days=1)).isoformat() if item.valid_until else ""

    @property
    def is_empty(self) -> bool:
        return not (self.opens or self.closes)


@dataclass
class DayRows:
    """A weekday's lines: those that stand, and empty ones to add to."""

    standing: list[Row]
    blank: list[Row]


@dataclass
class WeekForm:
    """The whole week, line by line, with what is wrong beside the line."""

    rows: list[Row] = field(default_factory=list)
    hours: list[tuple[OpeningRule, UUID | None]] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)

    @classmethod
    def of(cls, hours: Iterable[tuple[OpeningRule, UUID | None]], breaks: Iterable[Break]) -> "WeekForm":
        """The form as it stands before anything is typed."""
        form = cls()
        for rule, place in sorted(hours, key=lambda pair: (pair[0].weekday, pair[0].opens_min)):
            row = Row(len(form.rows), rule.weekday, "hours", clock(rule.opens_min), clock(rule.closes_min))
            row.place = str(place) if place else HOME
            row.holds(rule)
            form.rows.append(row)
        for pause in sorted(breaks, key=lambda one: (one.weekday, one.starts_min)):
            row = Row(len(form.rows), pause.weekday, "break", clock(pause.starts_min), clock(pause.ends_min))
            row.holds(pause)
            form.rows.append(row)
        return form

    @classmethod
    def typed(cls, data: Mapping[str, str]) -> "WeekForm":
        """The form as it was sent; `is_valid` reads it."""
        form = cls()
        for number in range(MOST_ROWS):
            if f"weekday-{number}" not in data:
                continue
            said = {
                name: str(data.get(f"{name}-{number}", ""))[:40].strip()
                for name in ("weekday", "kind", "opens", "closes", "place", "since", "until")
            }
            weekday = int(said["weekday"]) if said["weekday"] in "0123456" and said["weekday"] else 0
            kind = "break" if said["kind"] == "break" else "hours"
            rest = {name: said[name] for name in ("opens", "closes", "place", "since", "until")}
            form.rows.append(Row(len(form.rows), weekday, kind, **rest))
        return form

    def is_valid(self, places: Iterable[UUID]) -> bool:
        """Reads every line; False if one makes no sense. Empty lines are left out."""
        known = {str(one): one for one in places}
        self.hours, self.breaks = [], []
        for row in self.rows:
            row.error = ""
            if row.is_empty:
                continue
            try:
                self._read(row, known)
            except OpeningHoursError as error:
                row.error = error.message
        return not any(row.error for row in self.rows)

    def _read(self, row: Row, known: Mapping[str, UUID]) -> None:
        opens, closes = span(row.opens, row.closes)
        if row.kind == "hours" and row.place != HOME and row.place not in known:
            raise OpeningHoursError("Choose where these hours are.")
        since, until = day_of(row.since), day_of(row.until)
        if since and until and until < since:
            raise OpeningHoursError("The last day lies before the first.")
        end = until + timedelta(days=1) if until else None
        if row.kind == "break":
            self.breaks.append(Break(row.weekday, opens, closes, since, end))
            return
        self.hours.append((OpeningRule(row.weekday, opens, closes, since, end), known.get(row.place)))

    def by_day(self) -> list[tuple[str, "DayRows"]]:
        """The lines under their weekday, each day with an empty line for hours and one for a break."""
        number = len(self.rows)
        found = []
        for weekday, name in enumerate(DAYS):
            mine = [row for row in self.rows if row.weekday == weekday and (not row.is_empty or row.error)]
            blank = [Row(number, weekday), Row(number + 1, weekday, "break")]
            number += 2
            found.append((name, DayRows(sorted(mine, key=lambda row: row.kind == "break"), blank)))
        return found


def minutes_of(typed: str) -> int:
    """Minutes after midnight of `9:30` or `17:00`. Raises OpeningHoursError."""
    found = CLOCK.fullmatch(typed.strip())
    if found is None or int(found[1]) > 24 or int(found[2]) > 59:
        raise OpeningHoursError("Write both times like 9:00 and 17:30.")
    return int(found[1]) * 60 + int(found[2])


def span(opens: str, closes: str) -> tuple[int, int]:
    """Both times as minutes; an end at or before the start is after midnight. Raises OpeningHoursError."""
    start, end = minutes_of(opens), minutes_of(closes)
    return start, end if end > start else end + MIDNIGHT


def day_of(typed: str) -> date | None:
    """The day, or None if none was typed. Raises OpeningHoursError."""
    if not typed.strip():
        return None
    try:
        found = date.fromisoformat(typed.strip())
        found + timedelta(days=2)
    except (ValueError, OverflowError) as error:
        raise OpeningHoursError("Write the day like 2026-11-24.") from error
    return found


def clock(minute: int) -> str:
    """`09:30`, as the browser's field for times wants it; past midnight it starts again."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
