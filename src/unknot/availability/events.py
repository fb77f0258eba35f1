"""News of opening hours for rooms above: they subscribe when they are loaded (`handlers.py`, from their `apps.py`).

A listener runs inside the writer's transaction, with the practice in scope and the therapist's lock held.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HoursNews:
    """A therapist's hours, breaks or exceptions changed."""

    practice_id: UUID
    therapist_id: UUID
    at: datetime


Listener = Callable[[HoursNews], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Adds a listener for the life of the process; adding it twice is adding it once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(news: HoursNews) -> None:
    """Tells every listener."""
    for listener in _listeners:
        listener(news)
