"""Cards by distance, read in lazy batches: the nearest first, and no more of them than somebody looks at.

The order by the index's own operator keeps the scan lazy; an expression of the distance would read every card there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import sin
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from unknot.availability.queries import Wanted, cell_up, cells_up, first_packed, instant_of_cell
from unknot.booking.domain.limits import booking_window
from unknot.booking.models import Card, CardMark
from unknot.booking.queries.cards import card_key, position
from unknot.travel.queries import EARTH_KM

BATCHES = (32, 128, 512, 2048)
MOST_MARKS = 500
_METRE = 0.001
"""Kilometres by which the index looks further than asked, so that rounding loses nobody: callers measure again."""


@dataclass(frozen=True, slots=True)
class NearQuery:
    """Who is looked for, where and when. Degrees, kilometres, minutes, aware instants.

    `gender`, `access` and `skills` are conditions. `hours`: the start, in minutes after local midnight, half-open.
    """

    lat: float
    lon: float
    radius_km: float
    service: str
    minutes: int
    at_home: bool
    since: datetime
    before: datetime
    hours: tuple[int, int] | None = None
    gender: str = ""
    access: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


class Near(NamedTuple):
    """A card as the search reads it. Ids are texts: most rows are looked at and left."""

    practice_id: str
    therapist_id: str
    place_id: str | None
    lat: float
    lon: float
    skills: list[str]
    languages: list[str]
    max_level: int
    registered_until: date | None
    timezone: str
    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    lead: int
    tail: int
    base_cell: int
    until_cell: int
    holds_until: datetime | None
    stale: bool
    gaps: bytes
    marks: list[str] | None


COLUMNS = """practice_id::text, therapist_id::text, place_id::text, lat, lon, skills, languages, max_level,
    registered_until, timezone, grid_minutes, notice_minutes, horizon_days,
    around[2 * array_position(keys, %(key)s) - 1], around[2 * array_position(keys, %(key)s)],
    base_cell, until_cell, holds_until, stale, gaps"""
MARKS = f"""SELECT array_agg(practice_id || '/' || coalesce(therapist_id::text, ''))
    FROM (SELECT practice_id, therapist_id FROM booking_cardmark LIMIT {MOST_MARKS}) m"""  # noqa: S608
NEAREST = """SELECT {columns}, ({marks}) FROM booking_card
    WHERE position <@ cube_enlarge(%(here)s::cube, %(chord)s, 3) AND {filters}
    ORDER BY position <-> %(here)s::cube LIMIT %(limit)s OFFSET %(offset)s"""


def cards_near(query: NearQuery) -> Iterator[Near]:
    """Cards that meet every condition but time, nearest first. One statement for the first 32, then 128, 512 ..."""
    key = card_key(query.service, query.minutes)
    filters = ["keys @> ARRAY[%(key)s]::int[]", f"place_id IS {'' if query.at_home else 'NOT '}NULL"]
    given: dict[str, Any] = {
        "key": key,
        "here": position(query.lat, query.lon),
        "chord": chord_km(query.radius_km) + _METRE,
    }
    if query.at_home:
        filters.append("(position <-> %(here)s::cube) <= reach_km + 0.001")
    if query.gender:
        filters.append("gender = %(gender)s")
        given["gender"] = query.gender
    for name, held in (("access", query.access), ("skills", query.skills)):
        if held:
            filters.append(f"{name} @> %({name})s::varchar[]")
            given[name] = sorted(held)
    sql = NEAREST.format(columns=COLUMNS, marks=MARKS, filters=" AND ".join(filters))
    offset = 0
    for size in (*BATCHES, *[BATCHES[-1]] * 1000):
        with connection.cursor() as cursor:
            cursor.execute(sql, given | {"limit": size, "offset": offset})
            rows = cursor.fetchall()
        yield from map(Near._make, rows)
        if len(rows) < size:
            return
        offset += size


def marks() -> list[tuple[UUID, UUID | None]]:
    """Practices (or, with a second id, therapists) whose cards are to be made anew and are not to be used till then."""
    with connection.cursor() as cursor:
        cursor.execute(MARKS)
        found = cursor.fetchone()
    return [mark_of(one) for one in (found and found[0]) or ()]


def practices_to_renew(now: datetime) -> list[UUID]:
    """Practices with cards that are marked, stale or count a hold that ran out. Two queries over all practices."""
    outdated = Card.across_practices.filter(Q(stale=True) | Q(holds_until__lte=now)).values_list(
        "practice_id", flat=True
    )
    marked = CardMark.across_practices.values_list("practice_id", flat=True)
    return sorted({*outdated.distinct(), *marked.distinct()})


def nearest_zone(lat: float, lon: float) -> str | None:
    """The clock of the nearest clinic that can be found, or None if there are no cards yet. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT timezone FROM booking_card WHERE place_id IS NOT NULL ORDER BY position <-> %s::cube LIMIT 1",
            [position(lat, lon)],
        )
        found = cursor.fetchone()
    return str(found[0]) if found else None


def mark_of(text: str) -> tuple[UUID, UUID | None]:
    """A mark as `Near.marks` tells it."""
    practice_id, _, therapist_id = text.partition("/")
    return UUID(practice_id), UUID(therapist_id) if therapist_id else None


def chord_km(arc_km: float) -> float:
    """The straight line through the earth between two points that are `arc_km` apart on it."""
    return 2 * EARTH_KM * sin(min(arc_km / (2 * EARTH_KM), 1.57))


class Clock:
    """Asks cards for their first starts; remembers, for the length of one search, what each practice's rules allow."""

    def __init__(self, query: NearQuery, now: datetime, *, count: int = 3) -> None:
        self.query, self.now, self.count = query, now, count
        self.length = cells_up(query.minutes)
        self._wanted: dict[tuple[str, int, int], Wanted] = {}

    def starts(self, card: Near) -> list[int] | None:
        """The first free starts (cells), or None if the card can't tell and the diary has to be asked.

        Without rooms, kit, daily limits and drives: never fewer, never later than the diary's.
        """
        rules = (card.timezone, card.notice_minutes, card.horizon_days)
        wanted = self._wanted.get(rules) or self._wanted.setdefault(rules, self._window(*rules))
        if card.stale or (card.holds_until is not None and card.holds_until <= self.now):
            return None
        if wanted.first < card.base_cell or wanted.last >= card.until_cell:
            return None
        return first_packed(
            card.gaps,
            card.base_cell,
            wanted,
            length=self.length,
            lead=card.lead,
            tail=card.tail,
            grid_min=card.grid_minutes,
            zone=card.timezone,
            count=self.count,
        )

    def _window(self, zone: str, notice: int, horizon: int) -> Wanted:
        first, end = booking_window(self.now, notice_minutes=notice, horizon_days=horizon, zone=zone)
        since, before = max(first, self.query.since), min(end, self.query.before)
        return Wanted(cell_up(since), cell_up(before) - 1, self.query.hours)

    def instants(self, cells: list[int]) -> list[datetime]:
        """Starts as instants."""
        return [instant_of_cell(one) for one in cells]
