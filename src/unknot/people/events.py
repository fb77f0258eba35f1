"""News of records for rooms above: they subscribe when they are loaded (`handlers.py`, from their `apps.py`).

A listener runs inside the writer's transaction, with the practice in scope; what it writes stands or falls with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RecordNews:
    """From now on another account signs in for a client's record. Copies of the account follow."""

    practice_id: UUID
    client_id: UUID
    account_id: UUID
    at: datetime


Listener = Callable[[RecordNews], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Adds a listener for the life of the process; adding it twice is adding it once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(news: RecordNews) -> None:
    """Tells every listener."""
    for listener in _listeners:
        listener(news)
