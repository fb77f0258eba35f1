"""What is written to people, and nothing more.

A message names the practice, the day, the time and a link. It never says which service, why, or for whom: that
somebody has an appointment is already health information, and subjects are read on lock screens (security rules 7-10).
The facts below have no field for anything else, so nothing else can be printed.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from enum import StrEnum
from html import escape
from string import Template

from unknot.kernel.errors import InvalidError
from unknot.kernel.text import one_line
from unknot.kernel.zones import zone as zone_of

SUBJECT = "Your appointment"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LONGEST_NAME = 120
_LINK = re.compile(r"^https?://[^\s<>\"'\x00-\x20]{1,500}$")


class Kind(StrEnum):
    """The messages this room can write (signing in has its own)."""

    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_REMINDER = "booking_reminder"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_MOVED = "booking_moved"
    BOOKING_CHANGED = "booking_changed"
    REQUEST_EXPIRED = "request_expired"
    BOOKING_STAYS = "booking_stays"
    RUNNING_LATE = "running_late"
    LATE_NO_TIME = "late_no_time"
    ON_TIME = "on_time"
    CHECK_IN_DUE = "check_in_due"
    AFTERCARE_READY = "aftercare_ready"
    REVIEW_INVITE = "review_invite"
    THERAPIST_ALERT = "therapist_alert"
    SERIES_BOOKED = "series_booked"
    SERIES_MOVED = "series_moved"
    SERIES_CANCELLED = "series_cancelled"
    WAITLIST_OFFER = "waitlist_offer"
    GROUP_INVITE = "group_invite"
    RECORD_OFFERED = "record_offered"
    RECORD_YOURS = "record_yours"
    RECORD_HANDED = "record_handed"


# Messages nobody needs for the visit itself: each carries the one-step way to stop them.
OPTIONAL = frozenset({Kind.BOOKING_REMINDER, Kind.CHECK_IN_DUE, Kind.AFTERCARE_READY, Kind.REVIEW_INVITE})


class MessageInvalidError(InvalidError):
    """This message can't be written. Nothing was sent."""

    code = "message-invalid"


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """All that a message may say. `starts_at` is UTC-aware and shown in `zone`, the practice's zone name.

    `link` leads to a page that asks for a second proof before it shows anything; it carries no personal data.
    `stop_link` ends this kind of message in one step. `until`: how long an offered time is kept. `starts`: of all the
    visits that it tells of, if they are several.
    """

    practice_name: str
    starts_at: datetime
    zone: str
    link: str
    stop_link: str = ""
    until: datetime | None = None
    starts: tuple[datetime, ...] = ()

    @classmethod
    def pick(cls, context: Mapping[str, object]) -> "MessageFacts":
        """The facts out of a larger context; all else is left behind. Raises KeyError if one is missing."""
        named = {one.name: context[one.name] for one in fields(cls) if one.default is MISSING}
        more = {
            one.name: context[one.name] for one in fields(cls) if one.default is not MISSING and one.name in context
        }
        return cls(**named, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to send: one subject line, plain text, and the same as minimal HTML."""

    subject: str
    text: str
    html: str


_CHANGE = "\n$when.\n\nSee, move or cancel it:\n$link"
_BODIES = {
    Kind.BOOKING_CONFIRMED: "Your appointment at $practice is booked for" + _CHANGE,
    Kind.BOOKING_REMINDER: "A reminder of your appointment at $practice:" + _CHANGE,
    Kind.BOOKING_MOVED: "Your appointment at $practice has a new time:" + _CHANGE,
    Kind.BOOKING_CHANGED: "Your appointment at $practice was changed. It is now" + _CHANGE,
    Kind.BOOKING_CANCELLED: (
        "Your appointment at $practice is cancelled. It was to be\n$when.\n\nSee the details or book again:\n$link"
    ),
    Kind.RUNNING_LATE: (
        "We are sorry: $practice is running late today. Your appointment is planned for\n$when.\n\nIf that is fine you"
        " need do nothing. Else see what you can choose; all of it is free of charge:\n$link"
    ),
    Kind.LATE_NO_TIME: (
        "We are sorry: $practice is running late today and can't keep your appointment of\n$when.\n\nPlease see what"
        " you can choose; all of it is free of charge:\n$link"
    ),
    Kind.ON_TIME: (
        "We told you too soon, and we are sorry: $practice is not running late after all. Your appointment is as it"
        " was:" + _CHANGE
    ),
    Kind.BOOKING_STAYS: (
        "$practice could not give you the other time you asked for. Your appointment stays as it was:" + _CHANGE
    ),
    Kind.REQUEST_EXPIRED: (
        "We are sorry: $practice could not answer your request in time, so the time is free again and you owe nothing."
        " It was for\n$when.\n\nChoose another time:\n$link"
    ),
    Kind.CHECK_IN_DUE: (
        "$practice would like to hear how you are after your appointment of\n$when.\n\nAnswer a few questions:\n$link"
    ),
    Kind.AFTERCARE_READY: (
        "There is something to read from $practice after your appointment of\n$when.\n\nRead it here:\n$link"
    ),
    Kind.REVIEW_INVITE: (
        "Would you tell others about your appointment at $practice?\n$when.\n\nWrite a review, if you like:\n$link"
    ),
    Kind.THERAPIST_ALERT: (
        "Something at $practice needs you today. It is about the appointment of\n$when.\n\nSign in to see it:\n$link"
    ),
    Kind.SERIES_BOOKED: ("Your appointments at $practice are booked:\n$all.\n\nSee, move or cancel them:\n$link"),
    Kind.SERIES_MOVED: ("Appointments of yours at $practice have new times:\n$all.\n\nSee them all:\n$link"),
    Kind.SERIES_CANCELLED: (
        "Appointments of yours at $practice are cancelled. They were to be\n$all.\n\nSee them all:\n$link"
    ),
    Kind.GROUP_INVITE: (
        "Somebody booked an appointment at $practice for you together with their own:\n$when.\n\n"
        "Answer a few questions, so that it is sure:\n$link"
    ),
    Kind.RECORD_OFFERED: (
        "Somebody who looks after a record at $practice for you would like to hand it over to you. Then it is yours"
        " alone. The invitation holds for 30 days:\n$link"
    ),
    Kind.RECORD_YOURS: "Your record at $practice is yours now, and yours alone. Nothing in it was changed:\n$link",
    Kind.RECORD_HANDED: (
        "A record that you looked after at $practice was taken over by the person it is about. Thank you for having"
        " cared for it. You see it no more; your own is as it was:\n$link"
    ),
    Kind.WAITLIST_OFFER: (
        "A time that you wait for at $practice is free:\n$when.\n\nIt is kept for you until $until.\n\n"
        "Take it, or pass it on:\n$link"
    ),
}
_SMS = {
    Kind.BOOKING_CONFIRMED: "$practice: appointment booked, $when. $link",
    Kind.BOOKING_REMINDER: "$practice: appointment $when. $link",
    Kind.BOOKING_CANCELLED: "$practice: appointment cancelled, $when. $link",
    Kind.BOOKING_MOVED: "$practice: appointment moved to $when. $link",
    Kind.BOOKING_CHANGED: "$practice: appointment changed, now $when. $link",
    Kind.RUNNING_LATE: "$practice: we run late, now planned for $when. Choices, free of charge: $link",
    Kind.LATE_NO_TIME: "$practice: we run late and can't keep $when. Choices, free of charge: $link",
    Kind.ON_TIME: "$practice: we are not late after all. Your appointment is as it was: $when. $link",
    Kind.BOOKING_STAYS: "$practice: the other time could not be given. Your appointment stays: $when. $link",
    Kind.REQUEST_EXPIRED: "$practice: no answer in time, your request ended, nothing is owed. Choose again: $link",
    Kind.CHECK_IN_DUE: "$practice: a few questions for you. $link",
    Kind.AFTERCARE_READY: "$practice: something for you to read. $link",
    Kind.REVIEW_INVITE: "$practice: you can write a review. $link",
    Kind.THERAPIST_ALERT: "$practice: something needs you today. Sign in: $link",
    Kind.SERIES_BOOKED: "$practice: appointments booked, the first $when. $link",
    Kind.SERIES_MOVED: "$practice: appointments moved, the first to $when. $link",
    Kind.SERIES_CANCELLED: "$practice: appointments cancelled, the first of them $when. $link",
    Kind.GROUP_INVITE: "$practice: an appointment for you, $when. Make it sure: $link",
    Kind.RECORD_OFFERED: "$practice: take over your own record. $link",
    Kind.RECORD_YOURS: "$practice: your record is yours now. $link",
    Kind.RECORD_HANDED: "$practice: a record you looked after was taken over by its person. $link",
    Kind.WAITLIST_OFFER: "$practice: free, $when. Kept for you until $until. $link",
}
_STOP = "\n\nNo more messages like this one:\n$stop"


def when_text(starts_at: datetime, zone: str) -> str:
    """`Tuesday 9 November 2027, 10:00 a.m. (America/Toronto, UTC−5)`: wall time, zone name and offset.

    The offset tells apart the two 1:30s of a night when clocks go back. Raises MessageInvalidError for a naive time.
    """
    if starts_at.tzinfo is None:
        raise MessageInvalidError("A message needs a time with its zone. Nothing was sent.")
    local = starts_at.astimezone(zone_of(zone))
    hour = local.hour % 12 or 12
    half = "a.m." if local.hour < 12 else "p.m."
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {hour}:{local.minute:02d} {half} ({zone}, {_offset_text(local)})"


def _offset_text(local: datetime) -> str:
    offset = local.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def render_message(kind: Kind, facts: MessageFacts) -> Message:
    """An e-mail of this kind. Raises MessageInvalidError for a bad link or a missing way to stop."""
    values = _values(kind, facts)
    optional = kind in OPTIONAL
    text = Template(_BODIES[kind] + (_STOP if optional else "")).substitute(values)
    return Message(SUBJECT, text + "\n", _html(kind, values, optional=optional))


def render_sms(kind: Kind, facts: MessageFacts) -> str:
    """The same in one line for a telephone. Optional kinds end with the way to stop them."""
    stop = " Stop: $stop" if kind in OPTIONAL else ""
    return Template(_SMS[kind] + stop).substitute(_values(kind, facts))


def _values(kind: Kind, facts: MessageFacts) -> dict[str, str]:
    for link in (facts.link, *([facts.stop_link] if kind in OPTIONAL else [])):
        if not _LINK.match(link):
            raise MessageInvalidError(
                "A message needs its link and, if it is optional, a link to stop it. Nothing was sent."
            )
    # One line, printable, short: a practice's name must not be able to write a second paragraph.
    name = one_line(facts.practice_name, longest=_LONGEST_NAME)
    if not name:
        raise MessageInvalidError("A message needs the practice's name. Nothing was sent.")
    when = when_text(facts.starts_at, facts.zone)
    until = when_text(facts.until, facts.zone) if facts.until else "it is taken"
    several = "\n".join(when_text(one, facts.zone) for one in sorted(facts.starts)) or when
    return {"practice": name, "when": when, "all": several, "until": until, "link": facts.link, "stop": facts.stop_link}


def _html(kind: Kind, values: Mapping[str, str], *, optional: bool) -> str:
    """The text as paragraphs with its links. No pictures and no styles from elsewhere: nothing tells on the reader."""
    safe = {key: escape(value) for key, value in values.items()}
    for key in ("when", "all"):
        safe[key] = f"<strong>{safe[key]}</strong>"
    for key in ("link", "stop"):
        safe[key] = f'<a href="{safe[key]}">{safe[key]}</a>'
    blocks = Template(_BODIES[kind] + (_STOP if optional else "")).substitute(safe).split("\n\n")
    paragraphs = "\n".join(f"<p>{block.replace(chr(10), '<br>')}</p>" for block in blocks)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{SUBJECT}</title></head>\n<body>\n{paragraphs}\n</body></html>\n"
    )
