"""Bookings against the smallest thing that could be committed, and a rush for the same times.

`W3-1`: keeping a time (`hold_slot`) as anybody does it, paired with one bare row inserted and committed on the same
connection right after. Keeping is the diary's own work: locks in order, hours, the diary, the sweep, the room, the row
under its exclusion constraints, the search card, one durable commit. `whole booking` adds what a confirmation does
besides: the record, the messages, their jobs. Both go through Django. With several clients these are threads of one
Python, which share its lock: a floor for what several processes do. The ratio is that of mean latencies; it can't
reach 1.
"""

import os
import random
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import fire
from unknot.booking import actions, queries
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.db.server import Cluster
from unknot.kernel.actors import system
from unknot.kernel.errors import UnknotError
from unknot.people.models import Client
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

Row = dict[str, Any]
Do = Callable[[PracticeFacts, queries.Slot, UUID], None]
SERVICE = "therapeutic-60"
HOT = 20


def rows(seed: int, n: int, cluster: Cluster) -> list[Row]:
    """All rows about writing; `n` bookings for each number of clients, if there is room."""
    dice = random.Random(seed)
    now = timezone.now()
    stages = [_house(number, now) for number in range(4)]
    wishes = [(stage, slot) for stage in stages for slot in _apart(_offer(stage, now))]
    dice.shuffle(wishes)
    found: list[Row] = []
    share = min(n, len(wishes) // 7)

    def some() -> list[Any]:
        return [wishes.pop() for _ in range(share)]

    keep, book = _keep(now), _book(now)
    found += [_paired(f"W3-1-{clients}", keep, some(), clients=clients) for clients in (1, 4, 16)]
    found += [_paired(f"whole booking, clients: {clients}", book, some(), clients=clients) for clients in (1, 4)]
    found.append(_against_pgbench(keep, some(), cluster))
    for clients in (4, 16, 32):
        found += _rush(_house(10 + clients, now), now, clients=clients)
    found += _statements(stages[0], now)
    found += _wal(stages[1], now)
    found += fire.rows(stages, now, cluster)
    return found


def _house(number: int, now: datetime) -> Stage:
    role = replace(cast.FOOTHILLS, slug=f"bench-{number}", buffer_rule="sum")
    stage = build_practice(role, now=now)
    with tenancy.scope(practice_id=stage.practice.id):
        made = [Client(practice=stage.practice, name=f"Bench {one}", phone="+14035550199") for one in range(64)]
        Client.objects.bulk_create(made)
        actions.renew_cards(by=system(stage.practice.id), now=now)
    return stage


def _clients(stage: Stage) -> list[UUID]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Client.objects.filter(name__startswith="Bench").values_list("pk", flat=True))


def _offer(stage: Stage, now: datetime) -> list[queries.Slot]:
    with tenancy.scope(practice_id=stage.practice.id):
        practice, service = practices.practice(stage.practice.id), practices.service_at(SERVICE)
        return queries.open_slots(practice=practice, service=service, first=date.min, last=date.max, now=now)


def _apart(offer: list[queries.Slot]) -> list[queries.Slot]:
    """Slots that leave each other alone: one therapist's two hours apart, at any time no more than the four rooms."""
    chosen: list[queries.Slot] = []
    by_day: dict[date, list[queries.Slot]] = {}
    for slot in offer:
        near = [
            one
            for one in by_day.get(slot.starts_at.date(), [])
            if abs(one.starts_at - slot.starts_at) < timedelta(hours=2)
        ]
        if len(near) < 4 and all(one.therapist_id != slot.therapist_id for one in near):
            by_day.setdefault(slot.starts_at.date(), []).append(slot)
            chosen.append(slot)
    return chosen


def _given(practice: PracticeFacts, slot: queries.Slot, now: datetime) -> dict[str, Any]:
    return {
        "by": system(practice.id),
        "practice": practice,
        "service_slug": SERVICE,
        "therapist_slug": slot.therapist_slug,
        "place_slug": slot.place_slug,
        "local_start": slot.local_start,
        "now": now,
    }


def _keep(now: datetime) -> Do:
    def do(practice: PracticeFacts, slot: queries.Slot, client: UUID) -> None:
        del client
        with tenancy.scope(practice_id=practice.id):
            actions.hold_slot(**_given(practice, slot, now))

    return do


def _book(now: datetime) -> Do:
    def do(practice: PracticeFacts, slot: queries.Slot, client: UUID) -> None:
        with tenancy.scope(practice_id=practice.id):
            actions.book_directly(**_given(practice, slot, now), client_id=client, intake_id=None)

    return do


def _insert(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO web_ratecounter (key_hash, "window", count) VALUES (%s, %s, 1)',
            [f"bench-{number:058}", number],
        )


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _threads(count: int, work: Callable[[int], None]) -> None:
    def run(index: int) -> None:
        try:
            work(index)
        finally:
            connection.close()

    started = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def _run(do: Do, wishes: list[Any], *, clients: int, paired: bool) -> tuple[list[float], list[float], float]:
    """Times in seconds of ours and of the bare rows, and how long all of it took."""
    ours: list[float] = []
    peer: list[float] = []
    base = time.time_ns() % 10**15
    facts = {stage.practice.id: practices.practice(stage.practice.id) for stage, _ in wishes}
    people = {stage.practice.id: _clients(stage) for stage, _ in wishes}

    def client(index: int) -> None:
        connection.ensure_connection()
        for number, (stage, slot) in enumerate(wishes[index::clients]):
            person = people[stage.practice.id][(index + number * clients) % 64]
            practice = facts[stage.practice.id]
            try:
                took = _timed(lambda p=practice, s=slot, who=person: do(p, s, who))  # type: ignore[misc]
            except UnknotError:
                continue  # the person or the last room is taken by then: no booking, no pair
            ours.append(took)
            if paired:
                peer.append(_timed(lambda number=number: _insert(base + index * 100_000 + number)))  # type: ignore[misc]

    began = time.perf_counter()
    _threads(clients, client)
    return ours, peer, time.perf_counter() - began


def _paired(name: str, do: Do, wishes: list[Any], *, clients: int) -> Row:
    ours, peer, _ = _run(do, wishes, clients=clients, paired=True)
    mine, theirs = clients / statistics.mean(ours), clients / statistics.mean(peer)
    return _row(name, "per second", mine, theirs, mine / theirs, len(ours))


def _against_pgbench(do: Do, wishes: list[Any], cluster: Cluster) -> Row:
    """Nobody waits for the disk: what is left is the work. Against PostgreSQL's own pgbench, inserting bare rows."""
    _durable(cluster, "off")
    try:
        ours, _, took = _run(do, wishes, clients=4, paired=False)
        script = cluster.data.parent / "insert.sql"
        script.write_text(
            "\\set n random(1, 1000000000)\n"
            'INSERT INTO web_ratecounter (key_hash, "window", count)'
            " VALUES (:n || '-' || clock_timestamp(), :n, 1);\n"
        )
        script.chmod(0o644)
        said = subprocess.run(
            [cluster.bindir / "pgbench", "-n", "-c4", "-j2", "-T3", "-f", script, cluster.url()],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        _durable(cluster, "on")
    line = next(one for one in said.splitlines() if one.startswith("tps"))
    theirs, mine = float(line.split()[2]), len(ours) / took
    return _row("W3-2", "per second", mine, theirs, mine / theirs, len(ours))


def _durable(cluster: Cluster, how: str) -> None:
    import psycopg

    with psycopg.connect(cluster.url(), autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE unknot SET synchronous_commit = {how}")
    connection.close()


def _rush(stage: Stage, now: datetime, *, clients: int) -> list[Row]:
    """Everybody wants every one of the same times, in the same order."""
    wishes = _apart(_offer(stage, now))[:HOT]
    practice, people = practices.practice(stage.practice.id), _clients(stage)
    sold: list[bool] = []
    calls: list[float] = []
    before = _deadlocks()
    barrier = threading.Barrier(clients)

    def client(index: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        for number, slot in enumerate(wishes):
            began = time.perf_counter()
            try:
                _book(now)(practice, slot, people[(number * 3 + index) % 64])
                sold.append(True)
            except UnknotError:
                pass
            calls.append(time.perf_counter() - began)

    _threads(clients, client)
    name = f"W3-3-{clients}"
    return [
        _row(name, "sold of sellable", len(sold), len(wishes), len(sold) / len(wishes), len(calls)),
        _row(f"{name}-deadlocks", "deadlocks", _deadlocks() - before, None, None, len(calls)),
        _row(f"{name}-longest", "s", max(calls), None, None, len(calls)),
        _row(f"{name}-middle", "s", statistics.median(calls), None, None, len(calls)),
    ]


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int((cursor.fetchone() or (0,))[0])


def _statements(stage: Stage, now: datetime) -> list[Row]:
    """What one write costs in statements, and the offer of four weeks against the round trip of `SELECT 1`."""
    slots = _apart(_offer(stage, now))
    found = []
    for name, do in (("hold_slot: statements", _keep(now)), ("book_directly: statements", _book(now))):
        with CaptureQueriesContext(connection) as asked:
            do(practices.practice(stage.practice.id), slots.pop(), _clients(stage)[-1])
        found.append(_row(name, "statements", len(asked), None, None, 1))
    first = (now + timedelta(days=1)).date()
    ours, peer = [], []
    with tenancy.scope(practice_id=stage.practice.id):
        practice, service = practices.practice(stage.practice.id), practices.service_at(SERVICE)
        for _ in range(20):
            wanted = {"first": first, "last": first + timedelta(days=27), "now": now, "limit": 20}
            ours.append(
                _timed(lambda w=wanted: queries.open_slots(practice=practice, service=service, **w)) * 1000  # type: ignore[misc]
            )
            peer.append(_timed(_select) * 1000)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return [*found, _row("first 20 starts, 6 therapists, 28 days", "ms", mine, theirs, mine / theirs, 20)]


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _wal(stage: Stage, now: datetime) -> list[Row]:
    """Bytes of log that keeping a time leaves, against the very same row inserted without triggers and card."""
    import psycopg

    slots = _apart(_offer(stage, now))[:30]
    practice = practices.practice(stage.practice.id)
    ours, bare = [], []
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("CHECKPOINT")
        for slot in slots:
            began = _lsn(owner)
            try:
                _keep(now)(practice, slot, UUID(int=0))
            except UnknotError:
                continue
            ours.append(_lsn(owner) - began)
            row = owner.execute(
                "SELECT id FROM booking_appointment ORDER BY created_at DESC, id DESC LIMIT 1"
            ).fetchone()
            owner.execute("SET session_replication_role = replica")
            owner.execute("CREATE TEMP TABLE again AS SELECT * FROM booking_appointment WHERE id = %s", row)
            owner.execute("DELETE FROM booking_appointment WHERE id = %s", row)
            began = _lsn(owner)
            owner.execute("INSERT INTO booking_appointment SELECT * FROM again")
            bare.append(_lsn(owner) - began)
            owner.execute("DROP TABLE again")
            owner.execute("SET session_replication_role = origin")
    mine, theirs = statistics.median(ours), statistics.median(bare)
    return [_row("W3-5", "bytes of WAL", mine, theirs, mine / theirs, len(ours))]


def _lsn(owner: Any) -> int:
    return int(owner.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])


def _row(name: str, unit: str, ours: float, peer: float | None, ratio: float | None, n: int) -> Row:
    return {"name": name, "unit": unit, "ours": ours, "peer": peer, "ratio": ratio, "n": n}
