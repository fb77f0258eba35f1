"""What is written to people, when, and once only."""

from unknot.notifications.domain.messages import (
    OPTIONAL,
    SUBJECT,
    Kind,
    Message,
    MessageFacts,
    MessageInvalidError,
    render_message,
    render_sms,
    when_text,
)
from unknot.notifications.domain.timing import DAY_BEFORE, ReminderRule, message_key, reminder_due_at

__all__ = [
    "DAY_BEFORE",
    "OPTIONAL",
    "SUBJECT",
    "Kind",
    "Message",
    "MessageFacts",
    "MessageInvalidError",
    "ReminderRule",
    "message_key",
    "reminder_due_at",
    "render_message",
    "render_sms",
    "when_text",
]
