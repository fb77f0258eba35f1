"""Calendar files that go out with mails: visits asked for or called off (RFC 5545, RFC 5546 iTIP).

`icalendar` is used as a pure library. Times are UTC, so no reader has to know our zones. The summary never names a
service: calendars are shared and shown on lock screens.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from unknot.kernel.errors import InvalidError
from unknot.kernel.text import one_line

_UID = re.compile(r"^[A-Za-z0-9._-]{1,100}(?:@[A-Za-z0-9.-]{1,100})?$")
_ADDRESS = re.compile(r"^[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}$")
_PRODUCT = "-//Unknot//Appointments//EN"
UID_HOST = "@visits.unknot"


class CalendarFileError(InvalidError):
    """This calendar file can't be written. Nothing was sent."""

    code = "calendar-file-invalid"


def visit_uid(appointment_id: UUID) -> str:
    """The UID of a visit in every calendar file of ours. It outlives a move of the site to another address."""
    return f"{appointment_id}{UID_HOST}"


def visit_of_uid(uid: str) -> UUID | None:
    """The visit a UID of ours names, or None: an event that came back to us from a calendar that holds our files."""
    try:
        return UUID(uid.removesuffix(UID_HOST)) if uid.endswith(UID_HOST) else None
    except ValueError:
        return None


def appointment_summary(practice_name: str) -> str:
    """The only summary we send: `Appointment at <practice>`."""
    return f"Appointment at {one_line(practice_name)}"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One visit in a calendar file. The uid stays for the visit's life, `sequence` rises with every change; times are
    aware. `location` is empty for a visit at somebody's home.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    location: str = ""


def request_file(
    *,
    uid: str,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    location: str,
    organizer: str,
    attendee: str,
    stamp: datetime,
) -> bytes:
    """A METHOD:REQUEST file for a new or moved visit.

    `organizer` and `attendee` are mail addresses, `stamp` is when the file is made. Raises CalendarFileError for
    anything that can't be meant.
    """
    entry = CalendarEntry(uid, sequence, starts_at, ends_at, location)
    return calendar_file("REQUEST", [entry], summary=summary, organizer=organizer, attendee=attendee, stamp=stamp)


def cancel_file(
    *,
    uid: str,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    location: str,
    organizer: str,
    attendee: str,
    stamp: datetime,
) -> bytes:
    """A METHOD:CANCEL file with the visit's uid and a higher sequence. Arguments as in `request_file`."""
    entry = CalendarEntry(uid, sequence, starts_at, ends_at, location)
    return calendar_file("CANCEL", [entry], summary=summary, organizer=organizer, attendee=attendee, stamp=stamp)


def calendar_file(
    method: str, entries: Sequence[CalendarEntry], *, summary: str, organizer: str, attendee: str, stamp: datetime
) -> bytes:
    """A file that asks for one or several visits (`method` REQUEST) or calls them off (CANCEL), each under its own uid.

    Arguments as in `request_file`. Raises CalendarFileError, also without any visit or with one twice.
    """
    if not entries or len({one.uid for one in entries}) < len(entries):
        raise CalendarFileError("A calendar file needs at least one visit, and each once. Nothing was sent.")
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for one in entries:
        calendar.add_component(_event(method, one, summary, (organizer, attendee), stamp))
    return bytes(calendar.to_ical())


def _event(method: str, entry: CalendarEntry, summary: str, people: tuple[str, str], stamp: datetime) -> Event:
    times = (entry.starts_at, entry.ends_at)
    if any(moment.tzinfo is None for moment in (*times, stamp)) or not times[0] < times[1] or entry.sequence < 0:
        raise CalendarFileError("A calendar file needs times with a zone, in order, and a count. Nothing was sent.")
    if not _UID.match(entry.uid) or not all(_ADDRESS.match(address) for address in people):
        raise CalendarFileError("A calendar file needs a plain uid and two mail addresses. Nothing was sent.")
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", times[0].astimezone(UTC))
    event.add("dtend", times[1].astimezone(UTC))
    event.add("summary", one_line(summary))
    if entry.location.strip():
        event.add("location", one_line(entry.location))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    event.add("organizer", vCalAddress(f"mailto:{people[0]}"))
    guest = vCalAddress(f"mailto:{people[1]}")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED")
    guest.params["RSVP"] = vText("FALSE")
    event.add("attendee", guest)
    return event
