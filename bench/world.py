"""Loads a made-up marketplace (`bench.people`) into the database.

With `rows` every source row is written and the product makes the cards; else only cards are written, computed by the
product's own functions from the same rows in memory. Loading goes past the actions, as an import would: the triggers
mark, and the marks are taken off once the cards are there.
"""

import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from bench.people import AFTER, AROUND_HOME, DAYS, GRID, LENGTHS, Person, made_id, people
from bench.rows import copy, write_people, write_practices, write_rows
from unknot.availability.domain.opening import opening_windows
from unknot.availability.queries import cell_of, free_gaps, pack
from unknot.booking.queries.cards import EVERYWHERE_KM, card_key, position
from unknot.kernel.zones import local_day_bounds
from unknot.travel.queries import COARSE_SLACK_KM, coarse

BEFORE_CELLS = 300


def load(seed: int, count: int, now: datetime, *, rows: bool) -> list[Person]:
    """Writes the world into the database and gives its people; without `rows` nothing but what the search reads."""
    first = now.date()
    made = list(people(seed, count, first))
    with psycopg.connect(os.environ["DATABASE_URL"]) as owner:
        write_practices(owner, made)
        write_people(owner, made, now)
        if rows:
            write_rows(owner, made, now)
        else:
            cards = (row for one in made for row in card_rows(one, first))
            copy(owner, "booking_card", CARD_COLUMNS, cards)
            owner.execute("DELETE FROM booking_cardmark")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    return made


def clear() -> None:
    """Takes the world out again."""
    tables = "booking_card, booking_cardmark, booking_appointment, practice_practice"
    with psycopg.connect(os.environ["DATABASE_URL"]) as owner:
        owner.execute(f"TRUNCATE {tables} CASCADE")


CARD_COLUMNS = (
    "id, practice_id, therapist_id, place_id, practitioner_id, position, lat, lon, reach_km, keys, around,"
    " skills, languages, gender, max_level, access, registered_until, timezone, grid_minutes, notice_minutes,"
    " horizon_days, base_cell, until_cell, gaps, holds_until, stale, version"
)


def card_rows(one: Person, first: date) -> Iterable[tuple[Any, ...]]:
    """The cards of a therapist, as the product makes them from these rows."""
    last = first + timedelta(days=DAYS + 2)
    base = cell_of(local_day_bounds(first, one.zone)[0]) - BEFORE_CELLS
    until = cell_of(local_day_bounds(last, one.zone)[1])
    windows = opening_windows(one.rules, one.breaks, one.exceptions, one.zone, first, last + timedelta(days=1))
    gaps = pack([gap for gap in free_gaps(windows, one.busy) if gap[0] >= base], base)
    keys = [card_key("therapeutic", length) for length in LENGTHS]
    for way in one.ways:
        at_home = way == "home"
        lat, lon = coarse(one.lat, one.lon) if at_home else (one.lat, one.lon)
        around = AROUND_HOME // 5 if at_home else 0
        yield (
            made_id(6 if at_home else 5, one.number),
            one.practice_id,
            one.id,
            None if at_home else one.place_id,
            one.account_id,
            position(lat, lon),
            lat,
            lon,
            float(one.travel_km + COARSE_SLACK_KM) if at_home else EVERYWHERE_KM,
            keys,
            [around, around or AFTER // 5] * len(keys),
            list(one.skills),
            ["de"],
            "",
            4,
            [],
            date(9999, 12, 31) if one.number % 3 else None,
            one.zone,
            GRID,
            0,
            60,
            base,
            until,
            gaps,
            None,
            False,
            1,
        )
