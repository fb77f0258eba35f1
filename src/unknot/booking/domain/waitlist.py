"""The waitlist's rule, as it is published: who is offered a free time, for how long, and who is not.

In turn means: longest waiting first, among those whose wish the time fits. One offer at a time for each person, one
person at a time for each start. Saying no, or nothing, keeps the place in line; whoever says nothing three times leaves
it. Offers go out between eight in the morning and eight in the evening by the practice's clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local

OFFER = timedelta(hours=2)
LEAST = timedelta(minutes=20)
"""A time that could be kept for less is not offered."""
OPENS, CLOSES = time(8), time(20)
MOST_SILENT = 3
MOST_DAYS = 180
DAY = 24 * 60
Span = tuple[datetime, datetime]


class WaitlistWishError(InvalidError):
    """Say from when to when you would come: days in order, within half a year, and a time of day. Nothing was saved."""

    code = "waitlist-wish"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for: days (both included), weekdays (0 Monday; none: any), starts from `opens` until before
    `closes` (minutes after midnight); therapist and place by slug, None for any. Raises WaitlistWishError."""

    service: str
    first: date
    last: date
    therapist: str | None = None
    place: str | None = None
    weekdays: tuple[int, ...] = ()
    opens: int = 0
    closes: int = DAY

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days <= MOST_DAYS:
            raise WaitlistWishError(field="last")
        if not 0 <= self.opens < self.closes <= DAY:
            raise WaitlistWishError(field="part")
        if not set(self.weekdays) <= set(range(7)):
            raise WaitlistWishError(field="weekdays")

    def fits(self, *, local_start: str, therapist: str, place: str) -> bool:
        """Whether a start (wall time as slots name it) of the wished service is what this person waits for."""
        wall = datetime.fromisoformat(local_start)
        return (
            self.first <= wall.date() <= self.last
            and (not self.weekdays or wall.weekday() in self.weekdays)
            and self.opens <= wall.hour * 60 + wall.minute < self.closes
            and self.therapist in (None, therapist)
            and self.place in (None, place)
        )

    def competes(self, other: "Wish") -> bool:
        """Whether one and the same start could fit both."""
        return (
            self.service == other.service
            and self.first <= other.last
            and other.first <= self.last
            and (not self.weekdays or not other.weekdays or bool(set(self.weekdays) & set(other.weekdays)))
            and self.opens < other.closes
            and other.opens < self.closes
            and (None in (self.therapist, other.therapist) or self.therapist == other.therapist)
            and (None in (self.place, other.place) or self.place == other.place)
        )


def kept_until(*, now: datetime, starts_at: datetime, notice_minutes: int) -> datetime | None:
    """Until when an offered start is kept, or None if it can't be offered: two hours, and never into the notice."""
    until = min(now + OFFER, starts_at - timedelta(minutes=notice_minutes))
    return until if until - now >= LEAST else None


def is_civil(now: datetime, zone: str) -> bool:
    """Whether offers go out at this moment."""
    return OPENS <= local(now, zone).time() < CLOSES


def clear_of(span: Span, others: Iterable[Span]) -> bool:
    """True if the span meets none of the others: what somebody gave up, passed on, or has booked."""
    return all(span[1] <= since or until <= span[0] for since, until in others)


def order_words(ahead: int) -> str:
    """How many wait longer for something that could be the same, for the person in line."""
    if ahead == 0:
        return "You are the next to be asked."
    return "One person waits longer than you." if ahead == 1 else f"{ahead} people wait longer than you."


RULE = (
    "Whoever waits longest is asked first, among those whose wish the time fits.",
    "One person is asked at a time. The time is kept for them for two hours, or until the practice's notice begins.",
    "If they say no, or nothing, the next one is asked. Saying no keeps your place; three times nothing ends it.",
    "You are asked between 8 a.m. and 8 p.m. You can leave whenever you like.",
    "Nobody is asked about a visit they cancelled themselves.",
)
"""The rule in sentences, as pages show it."""
