"""C13: thirty therapists, four weeks, twenty thousand visits in the diary: as many statements as for one therapist."""

import os
import statistics
from dataclasses import replace
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import people, world
from bench.rows import write_people, write_practices, write_rows
from unknot.availability.queries import Busy
from unknot.booking import queries as booking
from unknot.db import tenancy
from unknot.practice import queries as practices

Row = dict[str, Any]
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEAM, VISITS = 30, 20_000


def rows(seed: int, n: int) -> list[Row]:
    """The statements of the offer for one therapist and for all, a week and four; and its time against `SELECT 1`."""
    team = _write(seed)
    counts, times, peer = set(), [], []
    with tenancy.scope(practice_id=team[0].practice_id):
        practice = practices.practice(team[0].practice_id)
        wanted: dict[str, Any] = {
            "practice": practice,
            "service": next(one for one in practices.services() if one.at_clinic),
            "first": date(2027, 3, 1),
            "now": NOW,
        }
        for slug in ("therapist-0", None):
            for last in (date(2027, 3, 7), date(2027, 3, 28)):
                with CaptureQueriesContext(connection) as asked:
                    booking.open_slots(last=last, therapist_slug=slug, **wanted)
                counts.add(len(asked))
        for _ in range(n):
            began = perf_counter()
            booking.open_slots(last=date(2027, 3, 28), limit=20, **wanted)
            times.append((perf_counter() - began) * 1000)
            began = perf_counter()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            peer.append((perf_counter() - began) * 1000)
    connection.close()
    world.clear()
    mine, theirs = statistics.median(times), statistics.median(peer)
    return [
        {"name": "C13", "unit": "most, least", "ours": max(counts), "peer": min(counts), "ratio": None, "n": VISITS},
        {"name": "C13-time", "unit": "ms", "ours": mine, "peer": theirs, "ratio": mine / theirs, "n": n},
    ]


def _write(seed: int) -> list[people.Person]:
    team = []
    for one in people.people(seed, TEAM, NOW.date()):
        made = replace(one, zone="Europe/Berlin", ways=("clinic",), practice_id=people.made_id(2, 0))
        team.append(replace(made, busy=(*made.busy, *_past(made))))
    with psycopg.connect(os.environ["DATABASE_URL"]) as owner:
        write_practices(owner, team)
        write_people(owner, team, NOW)
        write_rows(owner, team, NOW)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE booking_appointment")
    return team


def _past(one: people.Person) -> list[Busy]:
    """Months of visits behind, so that the diary is long."""
    first = min((busy.start_cell for busy in one.busy), default=0) - 288
    return [Busy(first - 15 * (number + 1), first - 15 * number - 3, 0, 3) for number in range(VISITS // TEAM)]
