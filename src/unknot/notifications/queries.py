"""Reads about messages, and the times and files that other rooms need for theirs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.module_loading import import_string

from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.notifications import domain
from unknot.notifications.domain import (
    UID_HOST,
    CalendarEntry,
    Kind,
    message_key,
    reminder_due_at,
    visit_of_uid,
    visit_uid,
)
from unknot.notifications.models import Message, Stop

__all__ = [
    "UID_HOST",
    "CalendarEntry",
    "Kind",
    "MessageFacts",
    "Recipient",
    "calendar_entry",
    "message_key",
    "messages_of_visit",
    "recipient_of",
    "reminder_due_at",
    "stop_link",
    "visit_calendar",
    "visit_of_uid",
    "visit_uid",
    "visits_calendar",
    "wants",
]
_SALT = "unknot.notifications.stop"


class UnknownStopLinkError(NotFoundError):
    """This link to stop messages is not one of ours, or it was cut off on its way. Open it from the mail again."""

    code = "unknown-stop-link"


class Recipient(Protocol):
    """Where mail for a person goes, and whether they want reminders."""

    @property
    def email(self) -> str: ...

    @property
    def reminders(self) -> bool: ...


@dataclass(frozen=True)
class MessageFacts:
    """One message of a visit, for staff who ask whether it left. No address, no text."""

    kind: str
    state: str
    due_at: datetime
    sent_at: datetime | None
    reason: str


def messages_of_visit(appointment_id: UUID, *, by: Actor) -> list[MessageFacts]:
    """What was or will be sent about a visit, by due time. For staff; NotFoundError for others."""
    if not by.has("therapist", "front_desk", "owner", SYSTEM):
        raise NotFoundError
    rows = Message.objects.filter(appointment_id=appointment_id).order_by("due_at", "id")
    return [MessageFacts(row.kind, row.state, row.due_at, row.sent_at, row.reason) for row in rows]


def recipient_of(*, client_id: UUID | None, account_id: UUID | None) -> Recipient | None:
    """The person's present address. People stand above this room, so settings name who knows."""
    find = cast(Callable[..., Recipient | None], import_string(settings.UNKNOT_RECIPIENT_FINDER))
    return find(client_id=client_id, account_id=account_id)


def wants(kind: Kind, *, client_id: UUID | None, recipient: Recipient) -> bool:
    """False if this client stopped this kind of optional message."""
    if kind not in domain.OPTIONAL or client_id is None:
        return True
    if kind is Kind.BOOKING_REMINDER and not recipient.reminders:
        return False
    return not Stop.objects.filter(client_id=client_id, kind=kind.value).exists()


def stop_link(*, practice_id: UUID, client_id: UUID | None, kind: Kind) -> str:
    """The address that stops this kind of message for this client in one step, without signing in."""
    token = signing.dumps([str(practice_id), str(client_id or ""), kind.value], salt=_SALT)
    return f"{settings.UNKNOT_URL}/mail/stop/{token}/"


def read_stop_link(token: str) -> tuple[UUID, UUID, Kind]:
    """Practice, client and kind of a stop link. Raises UnknownStopLinkError."""
    try:
        practice_id, client_id, kind = signing.loads(token, salt=_SALT)
        return UUID(practice_id), UUID(client_id), Kind(kind)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise UnknownStopLinkError from error


def visit_calendar(
    *,
    appointment_id: UUID,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    practice_name: str,
    location: str,
    email: str,
    now: datetime,
    cancelled: bool = False,
) -> bytes:
    """A calendar file of a visit; the same uid in mails and downloads. Raises CalendarFileError (InvalidError).

    `location` is the clinic's address; leave it empty for a visit at somebody's home.
    """
    entry = calendar_entry(appointment_id, sequence=sequence, starts_at=starts_at, ends_at=ends_at, location=location)
    return visits_calendar([entry], practice_name=practice_name, email=email, now=now, cancelled=cancelled)


def calendar_entry(
    appointment_id: UUID, *, sequence: int, starts_at: datetime, ends_at: datetime, location: str
) -> CalendarEntry:
    """A visit as `visits_calendar` takes it. Arguments as in `visit_calendar`."""
    return CalendarEntry(visit_uid(appointment_id), sequence, starts_at, ends_at, location)


def visits_calendar(
    entries: Sequence[CalendarEntry], *, practice_name: str, email: str, now: datetime, cancelled: bool = False
) -> bytes:
    """One calendar file of several visits, each under the uid of its own file. Raises CalendarFileError."""
    organizer = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].strip(" >")
    return domain.calendar_file(
        "CANCEL" if cancelled else "REQUEST",
        entries,
        summary=domain.appointment_summary(practice_name),
        organizer=organizer if "." in organizer.rpartition("@")[2] else "no-reply@unknot.example",
        attendee=email,
        stamp=now,
    )
