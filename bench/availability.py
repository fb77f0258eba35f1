"""One therapist's free starts over 60 days: the sweep of `unknot.availability.domain` against other ways to do it.

The ways are written anew here, in the same language: a recipe with `rrule`, a plane of five-minute cells, and
(`W1-1-method`) a date object for every day, rule, edge and slot, as the big open booking pages work. None of them is
anybody's program.

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
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter_ns
from typing import Any
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


def day_by_day(person: Therapist, *, iso: bool = False) -> list[Any]:
    """The method of the big open booking pages, written anew: a date object for every day, rule, edge and slot.

    For every day every rule that fits becomes a range of zone-aware times; days off are taken out, each booking splits
    the ranges it meets, and every slot is made as an aware time and put under its day. Not their code, and no claim
    about it: the shape of the work in the same language.
    """
    zone = ZoneInfo(person.zone)
    switched_off = {exception.day for exception in person.exceptions}
    changed = {one.day: one for one in person.exceptions if one.kind == "changed"}
    pauses = {pause.weekday: pause for pause in person.breaks}
    ranges: list[tuple[datetime, datetime]] = []
    for offset in range(DAYS):
        day = datetime.combine(person.first_day + timedelta(days=offset), time.min, zone)
        if day.date() in changed:
            one = changed[day.date()]
            ranges.append((_wall(day, one.opens_min), _wall(day, one.closes_min)))
        for rule in person.rules:
            if rule.weekday != day.weekday() or day.date() in switched_off:
                continue
            pause = pauses.get(rule.weekday)
            if pause is None:
                ranges.append((_wall(day, rule.opens_min), _wall(day, rule.closes_min)))
            else:
                ranges.append((_wall(day, rule.opens_min), _wall(day, pause.starts_min)))
                ranges.append((_wall(day, pause.ends_min), _wall(day, rule.closes_min)))
    length, tail, step = (timedelta(minutes=one) for one in (person.minutes, BUFFER_AFTER, GRID))
    taken = [(one.starts_at, one.ends_at + timedelta(minutes=one.after)) for one in person.bookings]
    by_day: dict[str, list[datetime]] = {}
    for opens, closes in ranges:
        start, last = opens.astimezone(UTC), closes.astimezone(UTC) - length
        while start <= last:
            end = start + length + tail
            if not any(busy_from < end and start < busy_to for busy_from, busy_to in taken):
                shown = start.astimezone(zone)
                by_day.setdefault(shown.strftime("%Y-%m-%d"), []).append(shown)
            start += step
    if iso:
        return sorted(start.isoformat() for slots in by_day.values() for start in slots)
    return sorted(cell_of(start.astimezone(UTC)) for slots in by_day.values() for start in slots)


def _wall(midnight: datetime, minutes: int) -> datetime:
    return (midnight.replace(tzinfo=None) + timedelta(minutes=minutes)).replace(tzinfo=midnight.tzinfo)


def with_grid(person: Therapist) -> list[int]:
    """A plane of five-minute cells for the sixty days, filled and looked through: brute force without a library."""
    first = cell_of(datetime.combine(person.first_day, time.min, ZoneInfo(person.zone)))
    size = (DAYS + 2) * 288
    state = bytearray(size)  # 1: open, 2: taken
    begin = datetime.combine(person.first_day, time.min)
    switched_off = {exception.day for exception in person.exceptions}
    zone = ZoneInfo(person.zone)
    for opens, closes in _wall_windows(person, begin, begin + timedelta(days=DAYS), switched_off):
        low = cell_of(opens.replace(tzinfo=zone)) - first
        for cell in range(max(0, low), min(size, cell_of(closes.replace(tzinfo=zone)) - first)):
            state[cell] |= 1
    for one in person.bookings:
        low = cell_of(one.starts_at) - first
        for cell in range(max(0, low), min(size, cell_of(one.ends_at) + one.after // 5 - first)):
            state[cell] |= 2
    length, tail = person.minutes // 5, BUFFER_AFTER // 5
    found = []
    for cell in range(0, size - length - tail, GRID // 5):
        free = all(state[at] == 1 for at in range(cell, cell + length))
        if free and not any(state[at] & 2 for at in range(cell + length, cell + length + tail)):
            found.append(first + cell)
    return found


def ours_iso(person: Therapist) -> list[str]:
    """Our starts, written out."""
    zone = ZoneInfo(person.zone)
    return [instant_of_cell(cell).astimezone(zone).isoformat() for cell in ours(person)]


def rows(seed: int, n: int) -> list[dict[str, object]]:
    """Bench rows for `n` random therapists, times as p50 and p99 in ms."""
    dice = random.Random(seed)
    people = [therapist(dice) for _ in range(n)]
    different = sum(ours(one) != with_rrule(one) for one in people)
    contestants: dict[str, Callable[[Therapist], Any]] = {
        "ours": ours,
        "rrule": with_rrule,
        "day": day_by_day,
        "grid": with_grid,
        "ours-iso": ours_iso,
        "day-iso": lambda person: day_by_day(person, iso=True),
    }
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
    middle = {name: median(values) for name, values in times.items()}
    late = sorted(times["ours"])[max(0, n - 1 - n // 100)]
    return [
        _row("W1-1-method", middle["ours"], middle["day"], n),
        _row("W1-1-method-ISO", middle["ours-iso"], middle["day-iso"], n),
        _row("W1-2-rrule", middle["ours"], middle["rrule"], n),
        _row("W1-2-grid", middle["ours"], middle["grid"], n),
        _row("one therapist 60 days p99", late, sorted(times["rrule"])[max(0, n - 1 - n // 100)], n),
        _count("unlike the rrule recipe", different, n),
        _count("W1-4", _unlike_brute_force(dice, max(4, n // 40)), max(4, n // 40) * 54),
    ]


PROFILES = (0.85, 0.4, 0.98)  # how full today is: as usual, quiet, dense
PAIRS = ((0, 0), (10, 15), (30, 30))


def _unlike_brute_force(dice: random.Random, each: int) -> int:
    """Answers unlike every five minutes of sixty days asked one by one: 3 profiles, 3 lengths, 3 pairs of buffers."""
    different = 0
    for base in BASES:
        for _ in range(each):
            person = therapist(dice)
            person = replace(person, first_day=base, exceptions=[], busy=[], bookings=[])
            for profile in PROFILES:
                busy = _busy(person, dice, profile)
                for minutes in LENGTHS:
                    for before, after in PAIRS:
                        different += _swept(person, busy, minutes, before, after) != _asked(
                            person, busy, minutes, before, after
                        )
    return different


def _busy(person: Therapist, dice: random.Random, full: float) -> list[Busy]:
    found, free_from = [], 0
    for start in ours(person):
        if start >= free_from:
            free_from = start + 15
            if dice.random() < full:
                found.append(Busy(start, start + 12, dice.choice((0, 2)), dice.choice((0, 3))))
    return found


def _swept(person: Therapist, busy: list[Busy], minutes: int, before: int, after: int) -> list[int]:
    return open_starts(
        person.rules,
        person.breaks,
        [],
        busy,
        zone=person.zone,
        from_date=person.first_day,
        to_date=person.first_day + timedelta(days=DAYS),
        minutes=minutes,
        before=before,
        after=after,
        grid_min=GRID,
    )


def _asked(person: Therapist, busy: list[Busy], minutes: int, before: int, after: int) -> list[int]:
    """Cell by cell: open in local time, the clock on the grid for the first time, nothing in the way."""
    zone = ZoneInfo(person.zone)
    lead, length, tail = before // 5, minutes // 5, after // 5
    taken = {cell for one in busy for cell in range(one.start_cell - one.before, one.end_cell + one.after)}
    first = cell_of(datetime.combine(person.first_day, time.min, zone))
    last = cell_of(datetime.combine(person.first_day + timedelta(days=DAYS), time.min, zone))
    begin = datetime.combine(person.first_day, time.min) - timedelta(days=1)
    shut: set[date] = set()
    opened = set()
    for opens, closes in _wall_windows(person, begin, begin + timedelta(days=DAYS + 2), shut):
        opened.update(range(cell_of(opens.replace(tzinfo=zone)), cell_of(closes.replace(tzinfo=zone))))
    found, seen = [], set()
    for cell in range(first, last):
        shown = instant_of_cell(cell).astimezone(zone)
        wall = shown.replace(tzinfo=None)
        if wall.minute % GRID or wall in seen:
            continue
        seen.add(wall)
        around = (*range(cell - lead, cell), *range(cell + length, cell + length + tail))
        fits = all(at in opened and at not in taken for at in range(cell, cell + length))
        if fits and not any(at in taken for at in around):
            found.append(cell)
    return found


def _count(name: str, found: int, n: int) -> dict[str, object]:
    return {"name": name, "unit": "differences", "ours": found, "peer": None, "ratio": None, "n": n}


def _row(name: str, mine: float, theirs: float, n: int) -> dict[str, object]:
    return {
        "name": name,
        "unit": "ms",
        "ours": round(mine / 1e6, 4),
        "peer": round(theirs / 1e6, 4),
        "ratio": round(theirs / mine, 2),
        "n": n,
    }
