"""Days, times and terms as people read them. English; the practice's own clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from unknot.booking.domain.fees import CancellationTerms
from unknot.booking.domain.waitlist import Wish
from unknot.kernel.money import Money, share
from unknot.kernel.zones import local

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NEEDS = {
    "step_free": "A step-free way in",
    "low_table": "A table that lowers",
    "quiet": "A quiet room",
    "face_me": "Face me when you speak, I hear little",
    "companion": "Somebody comes with me",
}
"""Access needs a client may tell, by the slug that is kept with the visit (sealed)."""
ROOM_NEEDS = frozenset({"step_free", "low_table", "quiet"})
"""Those of them that a room or its place has to meet; the others are for the therapist to know."""
PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}
"""Parts of the day by the hour a visit starts, [from, to)."""


class FreeTime(Protocol):
    """What is needed of a free slot."""

    @property
    def local_start(self) -> str: ...
    @property
    def therapist_name(self) -> str: ...
    @property
    def place_name(self) -> str: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TimeButton:
    """One start. `label` "9:00 a.m.", `sub` what else is to know at a glance, `name` the same in full for ears."""

    label: str
    value: str
    sub: str = ""
    name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class DayOfTimes:
    """A day with its free times. `heading` reads on its own: "Tuesday 24 November 2026, five times free"."""

    id: str
    heading: str
    short: str
    year: int
    slots: list[TimeButton] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.slots)

    @property
    def parts(self) -> list[tuple[str, list[TimeButton]]]:
        """The buttons by part of the day, empty parts left out."""
        return [(part, found) for part in PARTS if (found := [one for one in self.slots if one.part == part])]


@dataclass(frozen=True, slots=True)
class VisitWords:
    """When a visit is: "Tuesday 24 November", "10:00 a.m.", "11:00 a.m.", "Edmonton time"."""

    day: str
    day_with_year: str
    start: str
    end: str
    zone: str
    weekday: str


def clock(wall: datetime) -> str:
    """`9:05 a.m.`, noon as `12:00 p.m.`: twelve hours, as Canadian calendars print them."""
    return f"{wall.hour % 12 or 12}:{wall.minute:02d} {'a.m.' if wall.hour < 12 else 'p.m.'}"


def clock_words(local_start: str) -> str:
    """The time of a stored wall time ("2026-11-24T10:00"): `10:00 a.m.`."""
    return clock(datetime.fromisoformat(local_start))


def day_words(day: date, *, year: bool = False) -> str:
    """`Tuesday 24 November`, or with its year."""
    words = f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if year else words


def moment_words(at: datetime, zone: str) -> str:
    """An instant by the practice's clock: `Tuesday 24 November, 10:00 a.m.`."""
    wall = local(at, zone)
    return f"{day_words(wall.date())}, {clock(wall)}"


def zone_words(zone: str) -> str:
    """`Edmonton time` for America/Edmonton."""
    return f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} time"


def minutes_words(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{rest} min"] if rest or not hours else parts)


def times_free(count: int) -> str:
    """`five times free`; digits from thirteen on."""
    number = _COUNTS[count] if count < len(_COUNTS) else str(count)
    return f"{number} {'time' if count == 1 else 'times'} free"


def visit_words(local_start: str, minutes: int, zone: str) -> VisitWords:
    """The words of a visit from its promise: the local start ("2026-11-24T10:00") and its length."""
    start = datetime.fromisoformat(local_start)
    end = start + timedelta(minutes=minutes)
    return VisitWords(
        day=day_words(start.date()),
        day_with_year=day_words(start.date(), year=True),
        start=clock(start),
        end=clock(end),
        zone=zone_words(zone),
        weekday=DAYS[start.weekday()],
    )


def wish_words(wish: Wish) -> str:
    """When somebody would come: "Monday 23 November to Sunday 29 November, mornings, Mondays and Fridays"."""
    words = [f"{day_words(wish.first)} to {day_words(wish.last)}"]
    if wish.first == wish.last:
        words = [day_words(wish.first)]
    part = next(
        (name for name, (since, until) in PARTS.items() if (since * 60, until * 60) == (wish.opens, wish.closes)), ""
    )
    if part:
        words.append(f"{part}s")
    elif (wish.opens, wish.closes) != (0, 24 * 60):
        times = [f"{minute // 60}:{minute % 60:02}" for minute in (wish.opens, wish.closes)]
        words.append(f"between {times[0]} and {times[1]}")
    if wish.weekdays:
        words.append(" or ".join(f"{DAYS[one]}s" for one in wish.weekdays))
    return ", ".join(words)


def part_of_day(hour: int) -> str:
    """morning, afternoon or evening."""
    return next(name for name, (since, until) in PARTS.items() if since <= hour < until)


def days_of(slots: Iterable[FreeTime], *, part: str = "", name_therapist: bool = True) -> list[DayOfTimes]:
    """Free slots (earliest first) by day, one button for each start; with several therapists free the first is meant.

    `part` keeps one part of the day.
    """
    days: dict[date, DayOfTimes] = {}
    at_once: dict[str, list[FreeTime]] = {}
    for slot in slots:
        at_once.setdefault(slot.local_start, []).append(slot)
    found: dict[date, list[TimeButton]] = {}
    for local_start, choices in at_once.items():
        start = datetime.fromisoformat(local_start)
        if part in PARTS and part_of_day(start.hour) != part:
            continue
        found.setdefault(start.date(), []).append(_button(start, choices, name_therapist=name_therapist))
    for day, buttons in found.items():
        heading = f"{day_words(day, year=True)}, {times_free(len(buttons))}"
        short = f"{DAYS[day.weekday()][:3]} {day.day}"
        days[day] = DayOfTimes(f"day-{day.isoformat()}", heading, short, day.year, buttons)
    return [days[day] for day in sorted(days)]


def _button(start: datetime, choices: list[FreeTime], *, name_therapist: bool) -> TimeButton:
    first = choices[0]
    people = len({one.therapist_name for one in choices})
    sub = first.therapist_name.split(" ")[0] if name_therapist else ""
    name = f"with {first.therapist_name}, {first.place_name}"
    if people > 1 and name_therapist:
        sub, name = f"{people} free", f"with one of {people} therapists"
    return TimeButton(clock(start), first.key, sub, name, part_of_day(start.hour))


def terms_words(
    tiers: Iterable[Iterable[int]], *, price: Money, starts_at: datetime, zone: str, now: datetime | None = None
) -> list[str]:
    """What cancelling costs, as sentences with real moments, cheapest first.

    "Free to change or cancel until Monday 23 November, 10:00 a.m.", "From ...: 50 % of the price, $55.00."
    What has passed at `now` is left out; what holds then reads "From now on: ...".
    """
    terms = CancellationTerms.from_rows([list(row) for row in tiers])
    if not terms.tiers:
        return ["Cancelling is free until the start."]
    lines = []
    moments = [local(starts_at - timedelta(hours=tier.hours_before), zone) for tier in terms.tiers]
    past = sum(1 for moment in moments if now is not None and moment <= now)
    if terms.tiers[0].percent and not past:
        lines.append(f"Free to change or cancel until {day_words(moments[0].date())}, {clock(moments[0])}")
    for number, (tier, since) in enumerate(zip(terms.tiers, moments, strict=True)):
        if not tier.percent or number < past - 1:
            continue
        fee = share(price, rate_ppm=tier.percent * 10_000)
        what = "the whole price" if tier.percent == 100 else f"{tier.percent} % of the price"
        begins = "now on" if number < past else f"{day_words(since.date())}, {clock(since)}"
        lines.append(f"From {begins}: {what}, ${fee.amount:,.2f}.")
    return lines or ["Cancelling is free until the start."]


def change_words(starts_at: datetime, hours: int, zone: str, *, now: datetime | None = None) -> list[str]:
    """From when a move needs the practice's yes, as a sentence; nothing if it never does."""
    if not hours:
        return []
    since = starts_at - timedelta(hours=hours)
    begins = "From now on" if now is not None and since <= now else f"From {moment_words(since, zone)}"
    return [f"{begins}: another time needs our yes; until we answer, the old time stays yours."]
