"""News of the diary for rooms above: they subscribe when they are loaded (`handlers.py`, from their `apps.py`).

A listener runs inside the writer's transaction, with the practice in scope: it enqueues work and does none itself. One
that raises undoes the booking, so listeners do not raise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class VisitNews:
    """What happened to a visit, and the state it left.

    `verb`: requested, booked, moved, rezoned, cancelled, expired, or the mark that was made (arrive, complete, ...).
    """

    verb: str
    practice_id: UUID
    appointment_id: UUID
    state: str
    at: datetime


Listener = Callable[[VisitNews], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Adds a listener for the life of the process; adding it twice is adding it once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(news: VisitNews) -> None:
    """Tells every listener."""
    for listener in _listeners:
        listener(news)
