"""Writes cards. Runs inside a transaction that holds the therapists' locks."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from unknot.booking.models import Card, CardMark
from unknot.booking.queries.cards import CardFacts, CardKey, FreeTime, first_day, live_cards, live_free_time, position
from unknot.booking.queries.rows import stale_cards
from unknot.kernel.ids import new_id

_FIELDS = ("position", *CardFacts._fields, *FreeTime._fields)
_UPSERT = f"""
INSERT INTO booking_card AS c (id, practice_id, therapist_id, place_id, stale, version, {", ".join(_FIELDS)})
VALUES (%s, %s, %s, %s, false, 1, {", ".join(["%s"] * len(_FIELDS))})
ON CONFLICT (practice_id, therapist_id, place_id) DO UPDATE
SET stale = false, version = c.version + 1, {", ".join(f"{name} = excluded.{name}" for name in _FIELDS)}
"""  # noqa: S608 - names of our columns
_FREE_TIME = f"""
UPDATE booking_card SET stale = false, version = version + 1, {", ".join(f"{name} = %s" for name in FreeTime._fields)}
WHERE id = %s
"""  # noqa: S608 - names of our columns


def refresh(practitioners: Collection[UUID]) -> None:
    """Makes the free time of these therapists' cards in the practice in scope anew, where their diary changed.

    The database marked those cards when the diary was written; the row locks come before the reads.
    """
    by_day: dict[date, dict[CardKey, UUID]] = {}
    for pk, therapist_id, place_id, base_cell, zone in stale_cards(practitioners):
        by_day.setdefault(first_day(base_cell, zone), {})[CardKey(therapist_id, place_id)] = pk
    for day, keys in by_day.items():
        rows = [(*free, keys[key]) for key, free in live_free_time(keys.keys(), first=day).items()]
        with connection.cursor() as cursor:
            cursor.executemany(_FREE_TIME, rows)


def renew(practice_id: UUID, therapist_ids: Collection[UUID] | None, *, first: date) -> int:
    """Makes the cards of the practice in scope anew, all or these therapists', looking ahead from the local day
    `first`; returns how many there are.

    The marks go first: whoever is changing a source row right now holds its mark, and we wait for them.
    """
    whose = Q() if therapist_ids is None else Q(therapist_id__in=therapist_ids)
    CardMark.objects.filter(whose).delete()
    old = Card.objects.filter(whose).order_by("id").select_for_update().values_list("pk", "therapist_id", "place_id")
    stored = {CardKey(therapist_id, place_id): pk for pk, therapist_id, place_id in old}
    found = live_cards(first=first, therapist_ids=therapist_ids)
    gone = [pk for key, pk in stored.items() if key not in found]
    if gone:
        Card.objects.filter(pk__in=gone).delete()
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, _rows(practice_id, found))
    return len(found)


def _rows(practice_id: UUID, found: dict[CardKey, tuple[CardFacts, FreeTime]]) -> list[tuple[Any, ...]]:
    return [
        (new_id(), practice_id, *key, position(facts.lat, facts.lon), *facts, *free)
        for key, (facts, free) in found.items()
    ]
