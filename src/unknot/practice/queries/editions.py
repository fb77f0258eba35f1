"""All that a practice is and offers, kept in memory as long as it is true.

Booking asks for it before every kept time, and it changes a few times a week. So a process keeps it, together with the
edition it was read in, and asks for the practice's edition each time: one statement, in the caller's transaction. The
same edition, the same rows (`practice_edition`). Nothing is believed for a while: several processes, a restart, a
fail-over or a restored backup need no word.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from unknot.practice.domain.facts import KitFacts, PlaceFacts, PracticeFacts, RoomFacts, ServiceFacts, TherapistFacts

Thing = TypeVar("Thing")
MOST = 500
"""How many things a process keeps; some ten kilobytes each. The longest unused goes first."""


@dataclass(frozen=True)
class Setup:
    """A practice: its facts, everything on its menu (also additions, in the menu's order), its active team by name,
    its clinic places and bases by name, its rooms and kit in use. `edition` names this very state, for whoever keeps
    something made of it."""

    edition: str
    practice: PracticeFacts
    services: tuple[ServiceFacts, ...]
    team: tuple[TherapistFacts, ...]
    places: tuple[PlaceFacts, ...]
    bases: tuple[PlaceFacts, ...]
    rooms: tuple[RoomFacts, ...]
    kit: tuple[KitFacts, ...]


_EDITION = """
SELECT md5(string_agg(edition::text, '' ORDER BY therapist_id)) FROM practice_edition WHERE practice_id = %s
"""
_kept: OrderedDict[Hashable, tuple[str, Any]] = OrderedDict()
_lock = threading.Lock()


def edition_of(practice_id: UUID) -> str | None:
    """The practice's edition as this transaction sees it: a name for the values of all its rows; None if there is no
    such practice. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_EDITION, [practice_id])
        row = cursor.fetchone()
    return row[0] if row else None


def kept(what: Hashable, edition: str, read: Callable[[], Thing]) -> Thing:
    """What `read` gives, from memory if it was read in this edition. `read` must ask for nothing but rows the edition
    stands for, of the practice that `what` names, and what it gives must never be changed by anybody.

    The edition must have been asked for in this transaction, before: rows read are then those of the edition, or newer
    ones, which the next question for the edition finds out.
    """
    with _lock:
        found = _kept.get(what)
        if found is not None:
            _kept.move_to_end(what)
    if found is not None and found[0] == edition:
        return found[1]  # type: ignore[no-any-return]
    made = read()
    with _lock:
        _kept[what] = (edition, made)
        _kept.move_to_end(what)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Empties the memory, for tests and benches."""
    with _lock:
        _kept.clear()
