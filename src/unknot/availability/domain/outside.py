"""Other people's calendar files (RFC 5545) as busy times: when, and nothing of what.

Floating times and dates without a time are the practice's own wall time; named zones follow today's zone data, whatever
rules the file brings along for them. Transparent and cancelled events keep nobody busy. Recurring events are followed
from `since` to `until` only, so an endless one costs no more than a long one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local_day_bounds, to_utc

MOST_EVENTS = 20_000
Span = tuple[datetime, datetime]


class NotACalendarError(InvalidError):
    """What stands there is no calendar. Copy the secret address in iCal format, not that of the page."""

    code = "not-a-calendar"


class TooBusyError(InvalidError):
    """This calendar has more events, or events that repeat more often, than can be followed. Share a smaller one."""

    code = "calendar-too-busy"


@dataclass(frozen=True, slots=True)
class OutsideCopy:
    """What a calendar says: merged busy times (UTC), and the UIDs of all its events that are not cancelled."""

    busy: tuple[Span, ...]
    uids: frozenset[str]


def read_calendar(content: bytes, *, zone: str, since: datetime, until: datetime, ours: str = "") -> OutsideCopy:
    """The busy times of a calendar file between two instants. Events whose UID ends with `ours` keep nobody busy: they
    are our own visits that came back.

    Events that are broken beyond use are left out. Raises NotACalendarError, TooBusyError, UnknownZoneError.
    """
    spans: list[Span] = []
    uids: set[str] = set()
    for calendar in _calendars(content):
        for event in list(calendar.walk("VEVENT")):
            if "DTSTART" not in event:
                calendar.subcomponents = [one for one in calendar.subcomponents if one is not event]
            elif _counts(event):
                uids.add(str(event.get("UID", "")))
        for event in _between(calendar, since, until):
            if _counts(event) and not (ours and str(event.get("UID", "")).endswith(ours)):
                spans += _span(event, zone)
    inside = [(max(start, since), min(end, until)) for start, end in spans if start < until and end > since]
    return OutsideCopy(tuple(merged(inside)), frozenset(uids - {""}))


def merged(spans: list[Span]) -> Iterator[Span]:
    """The same time as `spans`, sorted, without overlaps."""
    last: Span | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def _calendars(content: bytes) -> list[Any]:
    if b"BEGIN:VCALENDAR" not in content[:4096].upper():
        raise NotACalendarError
    try:
        found = [one for one in Calendar.from_ical(content, multiple=True) if one.name == "VCALENDAR"]
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise NotACalendarError from error
    if not found:
        raise NotACalendarError
    return found


def _between(calendar: Any, since: datetime, until: datetime) -> list[Any]:
    try:
        found = list(recurring_ical_events.of(calendar, skip_bad_series=True).between(since, until))
    except (ValueError, OverflowError, TypeError, KeyError, AttributeError) as error:
        raise NotACalendarError from error
    if len(found) > MOST_EVENTS:
        raise TooBusyError
    return found


def _counts(event: Any) -> bool:
    return "TRANSPARENT" not in str(event.get("TRANSP", "")).upper() and "CANCELLED" not in str(event.get("STATUS", ""))


def _span(event: Any, zone: str) -> list[Span]:
    """The event's time in UTC; nothing for one without length."""
    try:
        start, end = event.start, event.end
        if not isinstance(start, datetime):
            first, last = local_day_bounds(start, zone)[0], local_day_bounds(end, zone)[0]
        else:
            first, last = _utc(start, zone), _utc(end, zone)
    except (ValueError, OverflowError, TypeError):
        return []
    return [(first, last)] if first < last else []


def _utc(when: datetime, zone: str) -> datetime:
    return to_utc(when, zone) if when.tzinfo is None else when.astimezone(UTC)
