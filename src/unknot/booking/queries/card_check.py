"""Do the cards say what their rows say? For the sweep of invariants in production, and for tests."""

from datetime import date, datetime
from math import inf
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from unknot.booking.models import Card, CardMark
from unknot.booking.queries.cards import CardFacts, CardKey, FreeTime, first_day, live_cards
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.practice import queries as practices


class WrongCard(NamedTuple):
    """A card that does not say what its rows say, and in what: `missing`, `left-over`, `facts` or `free-time`."""

    practice_id: UUID
    therapist_id: UUID
    place_id: UUID | None
    what: str


def wrong_cards(limit: int = 200, *, now: datetime, seconds: float = inf) -> list[WrongCard]:
    """Compares the cards of practices taken at random, about `limit` cards, with their rows. None should differ.
    After so many `seconds` no further practice is begun.

    A card that says itself that it is not to be trusted (stale, marked, a hold of it ran out) is not wrong. About a
    third of a millisecond a card.
    """
    wrong: list[WrongCard] = []
    left, began = limit, monotonic()
    for practice_id in practices.at_random(limit):
        if left <= 0 or monotonic() - began > seconds:
            break
        with tenancy.scope(practice_id=practice_id):
            seen, found = compare(practice_id, now=now)
        left -= max(1, seen)
        wrong += found
    return wrong


def compare(practice_id: UUID, *, now: datetime) -> tuple[int, list[WrongCard]]:
    """How many cards the practice in scope has, and those that differ from its rows."""
    marked = set(CardMark.objects.values_list("therapist_id", flat=True))
    rows = list(Card.objects.all())
    if None in marked:
        return len(rows), []
    by_day: dict[date, list[Any]] = {}
    for row in rows:
        by_day.setdefault(_first_day(row), []).append(row)
    wrong = []
    for day, some in by_day.items():
        meant = live_cards(first=day, therapist_ids={row.therapist_id for row in some})
        wrong += [WrongCard(practice_id, *_key(row), what) for row in some if (what := _differs(row, meant, now))]
    known = {_key(row) for row in rows}
    today = local(now, practices.practice(practice_id).timezone).date()
    wrong += [WrongCard(practice_id, *key, "missing") for key in live_cards(first=today) if key not in known]
    return len(rows), [one for one in wrong if one.therapist_id not in marked]


def _key(row: Any) -> CardKey:
    return CardKey(row.therapist_id, row.place_id)


def _first_day(row: Any) -> date:
    return first_day(row.base_cell, row.timezone)


def _differs(row: Any, meant: dict[CardKey, tuple[CardFacts, FreeTime]], now: datetime) -> str:
    if row.stale or (row.holds_until is not None and row.holds_until <= now):
        return ""
    if _key(row) not in meant:
        return "left-over"
    facts, free = meant[_key(row)]
    if any(getattr(row, name) != value for name, value in facts._asdict().items()):
        return "facts"
    stored = FreeTime(row.base_cell, row.until_cell, bytes(row.gaps), row.holds_until)
    return "" if stored == free else "free-time"
