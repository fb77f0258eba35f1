"""A therapist's diary as a calendar file (RFC 5545): times, and as little else as they chose.

Times are UTC, so no reader has to know our zones; UIDs stay for the life of a visit and SEQUENCE rises with every
change, so that readers update and never double. What is cancelled is left out: a reader takes the file as the whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vDuration

from unknot.kernel.text import one_line

BUSY = "Busy"
_PRODUCT = "-//Unknot//Diary//EN"
_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One visit as it leaves the house. Times are aware; `tentative` while it waits for the practice's answer; `stamp`
    never changes for the same visit, so that equal diaries give equal files."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    title: str = BUSY
    place: str = ""
    tentative: bool = False


def initials(name: str) -> str:
    """First letters of the first and the last word: "Tomasz Nowak-Reid" gives "T. N."; empty for no name."""
    words = [word for word in one_line(name).split() if word[0].isalpha()]
    return " ".join(f"{word[0].upper()}." for word in dict.fromkeys((words[0], words[-1]))) if words else ""


def feed_file(*, name: str, events: Iterable[FeedEvent]) -> bytes:
    """The whole feed. `name` is what calendar programs call it; no calendar-level UID (vdirsyncer would keep a single
    event)."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("refresh-interval", vDuration(_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_AGAIN))
    for one in events:
        calendar.add_component(_event(one))
    return bytes(calendar.to_ical())


def _event(one: FeedEvent) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.stamp.astimezone(UTC))
    event.add("dtstart", one.starts_at.astimezone(UTC))
    event.add("dtend", one.ends_at.astimezone(UTC))
    event.add("summary", one_line(one.title) or BUSY)
    if one.place.strip():
        event.add("location", one_line(one.place))
    event.add("status", "TENTATIVE" if one.tentative else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    return event
