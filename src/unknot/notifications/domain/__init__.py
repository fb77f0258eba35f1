"""What is written to people, when, and once only."""

from unknot.notifications.domain.calendar_file import (
    UID_HOST,
    CalendarEntry,
    CalendarFileError,
    appointment_summary,
    calendar_file,
    cancel_file,
    request_file,
    visit_of_uid,
    visit_uid,
)
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
    "UID_HOST",
    "CalendarEntry",
    "CalendarFileError",
    "Kind",
    "Message",
    "MessageFacts",
    "MessageInvalidError",
    "ReminderRule",
    "appointment_summary",
    "calendar_file",
    "cancel_file",
    "message_key",
    "reminder_due_at",
    "render_message",
    "render_sms",
    "request_file",
    "visit_of_uid",
    "visit_uid",
    "when_text",
]
