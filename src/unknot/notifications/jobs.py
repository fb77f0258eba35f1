"""Delivery in the background."""

from uuid import UUID

from django.utils import timezone

from unknot.jobs.queue import job
from unknot.notifications import actions


@job("notifications.send", scoped=False)
def send(practice_id: UUID, message_id: str) -> None:
    """Sends one message of the outbox; running it twice sends once."""
    actions.deliver(practice_id=practice_id, message_id=UUID(message_id), now=timezone.now())
