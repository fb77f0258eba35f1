"""One therapist's free starts over 60 days: the sweep of `unknot.availability.domain` against a recipe with `rrule`.

Both start from rows in memory, each in the form in which it loads them: weekly hours, breaks and day exceptions are the
same objects; bookings are whole UTC cells for the sweep (which is what its query selects) and aware instants for the
recipe. Both give back every start as a cell, and their answers are checked to be equal before anything is timed.

The recipe is the one people write, with mercies: one `dateutil.rrule` per weekly window with the break already cut out,
wall times converted by `zoneinfo`, bookings kept only if they meet the window, then every start against every one of
those.
Contestants take turns call by call, so that a busy machine slows both.
"""

import gc
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter_ns
from zoneinfo import ZoneInfo

from dateutil.rrule import WEEKLY, rrule

from unknot.availability.domain.cells import Busy, busy_between, cell_of, instant_of_cell
from unknot.availability.domain.opening import Break, DayException, OpeningRule
from unknot.availability.domain.slots import open_starts

BASES = (date(2027, 3, 1), date(2027, 10, 1))
DAYS = 60
GRID = 15
BUFFER_AFTER = 15
ZONES = (
    ("Europe/Berlin",) * 14
    + ("Europe/London",) * 2
    + ("America/New_York",) * 2
    + ("Asia/Kolkata", "Australia/Lord_Howe")
)
PATTERNS = ((540, 1080, (780, 840)), (480, 840, None), (720, 1200, (960, 1020)), (600, 1140, (840, 900)))
LENGTHS = (60, 75, 90)


@dataclass(frozen=True)
class Booking:
    """A row of the diary: service time and the buffer after it in minutes."""

    starts_at: datetime
    ends_at: datetime
    after: int


@dataclass(frozen=True)
class Therapist:
    """The rows from which both contestants start."""

    zone: str
    first_day: date
    minutes: int
    rules: list[OpeningRule]
    breaks: list[Break]
    exceptions: list[DayException]
    bookings: list[Booking]
    busy: list[Busy]


def therapist(dice: random.Random) -> Therapist:
    """A therapist: 3-6 weekdays, 4 % of days closed, 2 % changed; about 29 bookings, half-life 9 days."""
    opens, closes, pause = dice.choice(PATTERNS)
    weekdays = dice.sample(range(7), dice.randint(3, 6))
    rules = [OpeningRule(weekday, opens, closes) for weekday in weekdays]
    breaks = [Break(weekday, *pause) for weekday in weekdays] if pause else []
    first_day = dice.choice(BASES)
    exceptions = []
    for offset in range(DAYS):
        chance = dice.random()
        if chance < 0.04:
            exceptions.append(DayException(first_day + timedelta(days=offset), "closed"))
        elif chance < 0.06:
            exceptions.append(DayException(first_day + timedelta(days=offset), "changed", 600, 900))
    person = Therapist(dice.choice(ZONES), first_day, dice.choice(LENGTHS), rules, breaks, exceptions, [], [])
    _fill(person, dice)
    return person


def _fill(person: Therapist, dice: random.Random) -> None:
    free_from = 0
    first = cell_of(datetime.combine(person.first_day, time.min, ZoneInfo(person.zone)))
    for start in ours(person):
        if start < free_from:
            continue
        free_from = start + (person.minutes + BUFFER_AFTER) // 5
        if dice.random() < 0.85 * 0.5 ** ((start - first) / 288 / 9):
            starts_at = instant_of_cell(start)
            ends_at = starts_at + timedelta(minutes=person.minutes)
            person.bookings.append(Booking(starts_at, ends_at, BUFFER_AFTER))
    person.busy.extend(busy_between(one.starts_at, one.ends_at, after=one.after) for one in person.bookings)


def ours(person: Therapist) -> list[int]:
    """Starts by the product's sweep."""
    return open_starts(
        person.rules,
        person.breaks,
        person.exceptions,
        person.busy,
        zone=person.zone,
        from_date=person.first_day,
        to_date=person.first_day + timedelta(days=DAYS),
        minutes=person.minutes,
        before=0,
        after=BUFFER_AFTER,
        grid_min=GRID,
    )


def with_rrule(person: Therapist) -> list[int]:
    """The same starts by recurrence rules and datetimes."""
    zone = ZoneInfo(person.zone)
    first = datetime.combine(person.first_day, time.min)
    last = first + timedelta(days=DAYS)
    length, tail = timedelta(minutes=person.minutes), timedelta(minutes=person.minutes + BUFFER_AFTER)
    switched_off = {exception.day for exception in person.exceptions}
    taken = [(one.starts_at, one.ends_at + timedelta(minutes=one.after)) for one in person.bookings]
    found = []
    for opens, closes in _wall_windows(person, first, last, switched_off):
        start, end = opens.replace(tzinfo=zone).astimezone(UTC), closes.replace(tzinfo=zone).astimezone(UTC)
        near = [(busy_from, busy_to) for busy_from, busy_to in taken if busy_from < end + tail and start < busy_to]
        while start + length <= end:
            if all(busy_to <= start or start + tail <= busy_from for busy_from, busy_to in near):
                found.append(cell_of(start))
            start += timedelta(minutes=GRID)
    return sorted(found)


def _wall_windows(
    person: Therapist, first: datetime, last: datetime, switched_off: set[date]
) -> list[tuple[datetime, datetime]]:
    windows: list[tuple[datetime, datetime]] = []
    pauses = {pause.weekday: (pause.starts_min, pause.ends_min) for pause in person.breaks}
    for rule in person.rules:
        pieces = [(rule.opens_min, rule.closes_min)]
        if rule.weekday in pauses:
            pause_from, pause_to = pauses[rule.weekday]
            pieces = [(rule.opens_min, pause_from), (pause_to, rule.closes_min)]
        for opens, closes in pieces:
            dtstart = first + timedelta(minutes=opens)
            days = rrule(WEEKLY, byweekday=rule.weekday, dtstart=dtstart, until=last)
            length = timedelta(minutes=closes - opens)
            windows.extend((at, at + length) for at in days if at.date() not in switched_off)
    for exception in person.exceptions:
        if exception.kind == "changed":
            midnight = datetime.combine(exception.day, time.min)
            minutes = (exception.opens_min, exception.closes_min)
            windows.append((midnight + timedelta(minutes=minutes[0]), midnight + timedelta(minutes=minutes[1])))
    return windows


def rows(seed: int, n: int) -> list[dict[str, object]]:
    """Bench rows for `n` random therapists, times as p50 and p99 in ms; raises `RuntimeError` if the answers differ."""
    dice = random.Random(seed)
    people = [therapist(dice) for _ in range(n)]
    for person in people:
        if ours(person) != with_rrule(person):
            raise RuntimeError(f"the contestants disagree about {person}")
    contestants: dict[str, Callable[[Therapist], list[int]]] = {"ours": ours, "peer": with_rrule}
    times: dict[str, list[int]] = {name: [] for name in contestants}
    gc.collect()
    gc.disable()
    try:
        for person in people:
            for name, answer in contestants.items():
                began = perf_counter_ns()
                answer(person)
                times[name].append(perf_counter_ns() - began)
    finally:
        gc.enable()
    mine, theirs = sorted(times["ours"]), sorted(times["peer"])
    worst = max(0, n - 1 - n // 100)
    return [
        _row("W1-2-rrule", median(mine), median(theirs), n),
        _row("one therapist 60 days p99, rrule", mine[worst], theirs[worst], n),
    ]


def _row(name: str, mine: float, theirs: float, n: int) -> dict[str, object]:
    return {
        "name": name,
        "unit": "ms",
        "ours": round(mine / 1e6, 4),
        "peer": round(theirs / 1e6, 4),
        "ratio": round(theirs / mine, 2),
        "n": n,
    }
