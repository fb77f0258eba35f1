"""Cards and diary while everybody writes, and while the database is killed amid it: nothing wrong afterwards."""

import os
import random
import threading
import time
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from unknot.booking import actions, queries
from unknot.booking.queries import wrong_cards
from unknot.config.demo_data.build import Stage
from unknot.db import server, tenancy
from unknot.db.server import Cluster
from unknot.kernel.actors import system
from unknot.kernel.errors import UnknotError
from unknot.people.models import Client
from unknot.practice import queries as practices

Row = dict[str, Any]
SERVICE = "therapeutic-60"


def rows(stages: list[Stage], now: datetime, cluster: Cluster) -> list[Row]:
    """Eight clients keep, book and cancel; then the same with the database killed amid them."""
    rows_found = []
    for name, crash in (("W3-4-concurrent", False), ("W3-4-crash", True)):
        changes = _change(stages, now, cluster, crash=crash)
        wrong, overlaps = len(wrong_cards(200, now=now)), _overlaps()
        rows_found += [
            _row(f"{name}-wrong-cards", "cards", wrong, None, None, changes),
            _row(f"{name}-overlaps", "pairs", overlaps, None, None, changes),
        ]
    return rows_found


def _change(stages: list[Stage], now: datetime, cluster: Cluster, *, crash: bool) -> int:
    done: list[bool] = []
    stop = time.monotonic() + 5

    def client(index: int) -> None:
        dice = random.Random(index)
        while time.monotonic() < stop:
            stage = dice.choice(stages)
            try:
                practice = practices.practice(stage.practice.id)
                day = (now + timedelta(days=dice.randrange(1, 50))).date()
                _book(practice, dice, day, now)
                with tenancy.scope(practice_id=practice.id):
                    visits = queries.between(by=system(practice.id), first=day, last=day)
                    chosen = dice.choice([one for one in visits if one.state == "confirmed"])
                    actions.cancel(by=system(practice.id), appointment_id=chosen.id, now=now)
                done.append(True)
            except (UnknotError, IndexError):
                pass
            except Exception:
                if not crash:
                    raise
                connection.close()
                time.sleep(0.3)
        connection.close()

    # The server has to be started by the main thread: it dies with the thread that made it.
    started = [threading.Thread(target=client, args=(index,)) for index in range(8)]
    for thread in started:
        thread.start()
    if crash:
        time.sleep(2)
        assert cluster.process is not None
        cluster.process.kill()
        cluster.process.wait()
        server.start(cluster, durable=True)
    for thread in started:
        thread.join()
    connection.close()
    return len(done)


def _overlaps() -> int:

    with psycopg.connect(os.environ["DATABASE_URL"]) as owner:
        found = owner.execute(
            """SELECT count(*) FROM booking_appointment a JOIN booking_appointment b
               ON a.id < b.id AND a.blocked && b.blocked AND (a.practitioner_id = b.practitioner_id
                  OR a.room_id = b.room_id AND a.room_unit = b.room_unit)
               WHERE a.state IN ('held', 'requested', 'confirmed') AND b.state IN ('held', 'requested', 'confirmed')"""
        ).fetchone()
    return int(found[0]) if found else 0


def _book(practice: Any, dice: random.Random, day: date, now: datetime) -> None:
    with tenancy.scope(practice_id=practice.id):
        service = practices.service_at(SERVICE)
        slot = dice.choice(queries.open_slots(practice=practice, service=service, first=day, last=day, now=now))
        client: UUID = dice.choice(list(Client.objects.values_list("pk", flat=True)))
        actions.book_directly(
            by=system(practice.id),
            practice=practice,
            service_slug=SERVICE,
            therapist_slug=slot.therapist_slug,
            place_slug=slot.place_slug,
            local_start=slot.local_start,
            client_id=client,
            intake_id=None,
            now=now,
        )


def _row(name: str, unit: str, ours: float, peer: float | None, ratio: float | None, n: int) -> Row:
    return {"name": name, "unit": unit, "ours": ours, "peer": peer, "ratio": ratio, "n": n}
