"""News of consents and limits for rooms above: they subscribe when they are loaded (`handlers.py`, from `apps.py`).

A listener runs inside the writer's transaction, with the practice in scope. One that raises undoes what it was told,
and a client's no must never be undone: listeners do not raise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NoNews:
    """A client took something back: a consent (`scope` treatment or sensitive), a place they had left open (touch),
    or, by new answers that ask to wait, their visits for now (answers).

    `regions` are the places it was about; `appointment_id` is None where it holds for every visit; `cause` is the id of
    what was written, the same if it is told again.
    """

    practice_id: UUID
    client_id: UUID
    appointment_id: UUID | None
    scope: str
    regions: tuple[str, ...]
    cause: UUID
    at: datetime


Listener = Callable[[NoNews], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Adds a listener for the life of the process; adding it twice is adding it once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(news: NoNews) -> None:
    """Tells every listener."""
    for listener in _listeners:
        listener(news)
