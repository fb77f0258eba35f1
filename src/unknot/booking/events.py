"""News of the diary for rooms above: subscribe in the room's `apps.py`.

Receivers run inside the writer's transaction, with the practice in scope: enqueue work there, do none. A receiver that
raises undoes the booking, so receivers do not raise.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.dispatch import Signal

visit_changed = Signal()
"""Sent with `news: VisitNews`."""


@dataclass(frozen=True, slots=True)
class VisitNews:
    """`verb`: requested, booked, moved, rezoned, cancelled, declined, or the mark that was made (arrive, complete, ...)."""

    verb: str
    practice_id: UUID
    appointment_id: UUID
    state: str
    at: datetime


def tell(news: VisitNews) -> None:
    """Tells every subscriber."""
    visit_changed.send(sender=VisitNews, news=news)
