"""A made-up marketplace: therapists in fifty cities with opening hours, bookings for two months, and their cards.

Definition: fifty cities (sizes by Zipf 0.8, a sigma of 6 km, one therapist in ten in the country), five zones, twelve
skills (three to six each), clinics 60 %, mobile 20 %, both 20 %, travel 5 to 30 km; five patterns of hours, one of them
across midnight; 4 % of days closed, 2 % changed; 29 bookings ahead with a half-life of nine days. The same from the
same seed.

"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import cos, radians
from uuid import UUID
from zoneinfo import ZoneInfo

from unknot.availability.domain.opening import Break, DayException, OpeningRule, opening_windows
from unknot.availability.queries import Busy, cell_of, free_gaps, starts

CITIES, DAYS, GRID = 50, 60, 15
ZONES = (
    *("Europe/Berlin",) * 14,
    *("Europe/London", "America/New_York") * 2,
    *("Asia/Kolkata", "Australia/Lord_Howe"),
)
SKILLS = tuple(f"skill_{one:02}" for one in range(12))
PATTERNS = ((540, 1080, (780, 840)), (480, 840, None), (720, 1200, (960, 1020)), (600, 1140, (840, 900)))
NIGHT = (1080, 1560, None)
AFTER, AROUND_HOME = 15, 30
LENGTHS = (60, 75, 90)


@dataclass(frozen=True)
class Person:
    """A therapist as made up. `ways`: clinic, home."""

    number: int
    id: UUID
    practice_id: UUID
    account_id: UUID
    place_id: UUID
    lat: float
    lon: float
    zone: str
    ways: tuple[str, ...]
    travel_km: int
    skills: tuple[str, ...]
    rules: tuple[OpeningRule, ...]
    breaks: tuple[Break, ...]
    exceptions: tuple[DayException, ...]
    busy: tuple[Busy, ...]


def made_id(kind: int, number: int) -> UUID:
    """An id that says what it is of and is the same in every run."""
    return UUID(int=(0xBE << 120) | (kind << 100) | number)


def people(seed: int, count: int, first: date) -> Iterable[Person]:
    """The same therapists from the same seed, one after the other."""
    dice = random.Random(seed)
    weights = [1 / (rank + 1) ** 0.8 for rank in range(CITIES)]
    centres = [(dice.uniform(36, 58), dice.uniform(-9, 28), dice.choice(ZONES)) for _ in range(CITIES)]
    for number in range(count):
        lat, lon, zone = dice.choices(centres, weights)[0]
        spread = 40.0 if dice.random() < 0.1 else 6.0
        lat += dice.gauss(0, spread) / 111.2
        lon += dice.gauss(0, spread) / (111.2 * cos(radians(lat)))
        yield _person(dice, number, lat, lon, zone, first)


def _person(dice: random.Random, number: int, lat: float, lon: float, zone: str, first: date) -> Person:
    opens, closes, pause = NIGHT if dice.random() < 0.03 else dice.choice(PATTERNS)
    days = dice.sample(range(7), dice.randint(3, 6))
    rules = tuple(OpeningRule(day, opens, closes) for day in days)
    breaks = tuple(Break(day, *pause) for day in days) if pause else ()
    exceptions = []
    for offset in range(DAYS):
        chance = dice.random()
        if chance < 0.06:
            day = first + timedelta(days=offset)
            exceptions.append(DayException(day, "closed") if chance < 0.04 else DayException(day, "changed", 600, 900))
    roll = dice.random()
    ways = ("clinic",) if roll < 0.6 else ("home",) if roll < 0.8 else ("clinic", "home")
    return Person(
        number=number,
        id=made_id(1, number),
        practice_id=made_id(2, number),
        account_id=made_id(3, number),
        place_id=made_id(4, number),
        lat=lat,
        lon=lon,
        zone=zone,
        ways=ways,
        travel_km=dice.randint(5, 30),
        skills=tuple(sorted(dice.sample(SKILLS, dice.randint(3, 6)))),
        rules=rules,
        breaks=breaks,
        exceptions=tuple(exceptions),
        busy=tuple(_bookings(dice, rules, breaks, tuple(exceptions), zone, first)),
    )


def _bookings(
    dice: random.Random,
    rules: tuple[OpeningRule, ...],
    breaks: tuple[Break, ...],
    exceptions: tuple[DayException, ...],
    zone: str,
    first: date,
) -> Iterable[Busy]:
    """60 % filled today, half of that nine days on: about 29 bookings, none over another."""
    gaps = free_gaps(opening_windows(rules, breaks, exceptions, zone, first, first + timedelta(days=DAYS)), [])
    origin = cell_of(datetime.combine(first, time.min, ZoneInfo(zone)))
    length = dice.choice(LENGTHS)
    free_from = origin
    for start in starts(gaps, minutes=length, before=0, after=AFTER, grid_min=GRID, zone=zone, not_before=origin):
        if start >= free_from:
            free_from = start + (length + AFTER) // 5
            if dice.random() < 0.85 * 0.5 ** ((start - origin) / 288 / 9):
                yield Busy(start, start + length // 5, 0, AFTER // 5)
