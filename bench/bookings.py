"""Bookings against the smallest thing that could be committed, and a rush for the same times.

Ours is the whole booking as a client's confirmation runs it: locks, opening hours, the diary, the sweep, the room, the
visit under three exclusion constraints, the record, three messages or jobs, one durable commit. The peer is one row of
two numbers, inserted and committed on the same connection right after. So the ratio says what all that costs on top of
a commit, on this disk and with this load; it can't reach 1. Both go through Django. With several clients these are
threads of one Python, which share its lock: a floor for what several processes do.
"""

import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from unknot.booking import actions, queries
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.errors import UnknotError
from unknot.people.models import Client
from unknot.practice import queries as practices

Row = dict[str, Any]
SERVICE = "therapeutic-60"


def rows(seed: int, n: int) -> list[Row]:
    """Rows for 1 and 4 clients, a rush of 16, and the offer they choose from; `n` bookings each, if there is room."""
    dice = random.Random(seed)
    now = timezone.now()
    role = replace(cast.FOOTHILLS, slug="bench", buffer_rule="sum")
    stage = build_practice(role, now=now)
    people = _people(stage, 32)
    offer = _offer(stage, now)
    dice.shuffle(offer)
    wishes = _apart(offer)
    share = min(n, len(wishes) // 3)
    found = [_paired(stage, people, wishes[:share], now, clients=1)]
    found.append(_paired(stage, people, wishes[share : 2 * share], now, clients=4))
    found += _rush(stage, people, wishes[2 * share : 2 * share + min(20, share)], now, clients=16)
    found += _offers(stage, now, 20)
    return found


def _people(stage: Stage, count: int) -> list[UUID]:
    with tenancy.scope(practice_id=stage.practice.id):
        made = [Client(practice=stage.practice, name=f"Bench {one}", phone="+14035550199") for one in range(count)]
        return [row.pk for row in Client.objects.bulk_create(made)]


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


def _book(stage: Stage, slot: queries.Slot, client_id: UUID, now: datetime) -> None:
    with tenancy.scope(practice_id=stage.practice.id):
        actions.book_directly(
            by=system(stage.practice.id),
            practice=practices.practice(stage.practice.id),
            service_slug=SERVICE,
            therapist_slug=slot.therapist_slug,
            place_slug=slot.place_slug,
            local_start=slot.local_start,
            client_id=client_id,
            intake_id=None,
            now=now,
        )


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


def _paired(stage: Stage, people: list[UUID], wishes: list[queries.Slot], now: datetime, *, clients: int) -> Row:
    ours: list[float] = []
    peer: list[float] = []
    base = time.time_ns() % 10**15

    def client(index: int) -> None:
        for number, slot in enumerate(wishes[index::clients]):
            person = people[(index + number * clients) % len(people)]
            try:
                took = _timed(lambda slot=slot, person=person: _book(stage, slot, person, now))  # type: ignore[misc]
            except UnknotError:
                continue  # the person or the last room is taken by then: no booking, no pair
            ours.append(took)
            peer.append(_timed(lambda number=number: _insert(base + index * 100_000 + number)))  # type: ignore[misc]

    _threads(clients, client)
    mine, theirs = clients / statistics.mean(ours), clients / statistics.mean(peer)
    name = f"W3-1 bookings, {clients} client{'s' if clients > 1 else ''}, vs a bare row"
    return {"name": name, "unit": "per second", "ours": mine, "peer": theirs, "ratio": mine / theirs, "n": len(ours)}


def _rush(stage: Stage, people: list[UUID], wishes: list[queries.Slot], now: datetime, *, clients: int) -> list[Row]:
    """Everybody wants every one of the same times, in the same order."""
    sold: list[bool] = []
    calls: list[float] = []
    barrier = threading.Barrier(clients)

    def client(index: int) -> None:
        barrier.wait()
        for slot in wishes:
            began = time.perf_counter()
            try:
                _book(stage, slot, people[index], now)
                sold.append(True)
            except UnknotError:
                pass
            calls.append(time.perf_counter() - began)

    _threads(clients, client)
    return [
        _row(f"W3-3 rush of {clients}: sold of sellable", "share", sum(sold) / len(wishes), len(calls)),
        _row(f"W3-3 rush of {clients}: longest call", "s", max(calls), len(calls)),
    ]


def _offers(stage: Stage, now: datetime, n: int) -> list[Row]:
    """C13: four weeks of six therapists, against the round trip of a bare statement on the same connection."""
    first = (now + timedelta(days=1)).date()
    ours, peer = [], []
    with tenancy.scope(practice_id=stage.practice.id):
        practice, service = practices.practice(stage.practice.id), practices.service_at(SERVICE)
        for _ in range(n):
            began = time.perf_counter()
            queries.open_slots(
                practice=practice,
                service=service,
                first=first,
                last=first + timedelta(days=27),
                now=now,
                limit=20,
            )
            ours.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            peer.append((time.perf_counter() - began) * 1000)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    name = "C13 first 20 starts, 6 therapists, 28 days"
    return [{"name": name, "unit": "ms", "ours": mine, "peer": theirs, "ratio": mine / theirs, "n": n}]


def _row(name: str, unit: str, value: float, n: int) -> Row:
    return {"name": name, "unit": unit, "ours": value, "peer": None, "ratio": None, "n": n}
