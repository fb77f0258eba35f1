"""Writes of the outbox: put in, call off, deliver, stop."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from unknot.db import tenancy
from unknot.db.inserting import insert
from unknot.jobs import queue
from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import to_utc
from unknot.notifications import domain, queries
from unknot.notifications.domain import Kind
from unknot.notifications.gateways import smtp
from unknot.notifications.models import Message, Stop

MOST_TRIES = 8
NEWS = frozenset(
    {Kind.BOOKING_CONFIRMED, Kind.BOOKING_MOVED, Kind.BOOKING_CHANGED, Kind.BOOKING_CANCELLED}
) | frozenset(
    {Kind.SERIES_BOOKED, Kind.SERIES_MOVED, Kind.SERIES_CANCELLED, Kind.RUNNING_LATE, Kind.LATE_NO_TIME, Kind.ON_TIME}
)
"""News of a booking waits UNKNOT_MAIL_DELAY seconds, so that a second thought within it is one mail and not two."""
BEFORE_THE_VISIT = frozenset({Kind.BOOKING_CONFIRMED, Kind.BOOKING_MOVED, Kind.BOOKING_CHANGED}) | frozenset(
    {Kind.BOOKING_REMINDER, Kind.WAITLIST_OFFER, Kind.ON_TIME}
)
_EARLY = timedelta(seconds=5)
_CALENDAR = {
    Kind.BOOKING_CONFIRMED: False,
    Kind.BOOKING_MOVED: False,
    Kind.BOOKING_CHANGED: False,
    Kind.RUNNING_LATE: False,
    Kind.ON_TIME: False,
    Kind.BOOKING_CANCELLED: True,
    Kind.SERIES_BOOKED: False,
    Kind.SERIES_MOVED: False,
    Kind.SERIES_CANCELLED: True,
}
"""Kinds whose mail brings a calendar file, and whether it calls off."""


def visit_facts(
    *,
    practice_name: str,
    path: str,
    starts_at: datetime,
    zone: str,
    ends_at: datetime | None = None,
    location: str = "",
    sequence: int = 0,
    local_start: str = "",
    until: datetime | None = None,
    own: bool = False,
    visits: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The `facts` of a message about a visit; with `ends_at` its news carry a calendar file, and news of several
    `visits` (each from `visit_of_many`) one file of them all.

    `path` is the visit's page on this site ("/p/riverbend/my/visits/<id>/"); `location` the clinic's address, empty for
    a home visit; `until` how long an offered time is kept; `own` that the client did it themselves. There is no field
    for what the visit is about.
    """
    return {
        "practice_name": practice_name,
        "path": path,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat() if ends_at else "",
        "zone": zone,
        "location": location,
        "sequence": sequence,
        "own": own,
        "local_start": local_start,
        "until": until.isoformat() if until else "",
        "visits": [dict(one) for one in visits],
    }


def visit_of_many(
    *, visit_id: UUID, starts_at: datetime, ends_at: datetime, local_start: str, sequence: int, location: str
) -> dict[str, Any]:
    """One of several visits that a message tells of. Arguments as in `visit_facts`."""
    return {
        "id": str(visit_id),
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "local_start": local_start,
        "sequence": sequence,
        "location": location,
    }


def schedule(
    *,
    practice_id: UUID,
    key: str,
    kind: str,
    due_at: datetime,
    account_id: UUID | None = None,
    client_id: UUID | None = None,
    appointment_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Puts a message into the outbox and its job into the queue, in the open transaction. False if the key is there.

    `kind` is one of `queries.Kind`, `key` its `queries.message_key`, `facts` from `visit_facts`. The address is
    looked up when the message leaves.
    """
    wait = timedelta(seconds=settings.UNKNOT_MAIL_DELAY) if kind in NEWS else timedelta()
    row = Message(
        practice_id=practice_id,
        key=key,
        kind=Kind(kind).value,
        due_at=due_at + wait,
        account_id=account_id,
        client_id=client_id,
        appointment_id=appointment_id,
        facts=facts or {},
    )
    made = insert(row, once=("practice_id", "key"))
    if made:
        queue.enqueue("notifications.send", practice_id=practice_id, at=row.due_at, message_id=str(row.pk))
    return made


def cancel_for(appointment_id: UUID, *, kinds: Iterable[str] | None = None) -> int:
    """Calls off what is still waiting about a visit (all kinds, or these); returns how many. The rows stay."""
    waiting = Message.objects.filter(appointment_id=appointment_id, state="waiting")
    if kinds is not None:
        waiting = waiting.filter(kind__in=list(kinds))
    return int(waiting.update(state="cancelled", reason="visit-changed"))


def deliver(*, practice_id: UUID, message_id: UUID, now: datetime) -> str:
    """Sends one message if it is still to be sent, and returns its state afterwards.

    Before the mail server is called the row says `unknown`, committed: if this process dies in between, nobody can know
    whether the mail left, and it is not repeated blindly. A server that did not take it sets it back to `waiting` and
    raises, so that the queue tries again; after MOST_TRIES, or a refusal for good, it is `failed` with a reason.
    Must not run inside a transaction.
    """
    with tenancy.scope(practice_id=practice_id):
        row = Message.objects.select_for_update().filter(pk=message_id).first()
        if row is None or row.state != "waiting" or row.due_at > now + _EARLY:
            return row.state if row else "gone"
        mail, state, reason = _written(row, now)
        row.state, row.reason = state, reason
        row.tries += 1
        row.save(update_fields=["state", "reason", "tries"])
    if mail is None:
        return state
    try:
        smtp.post(mail)
    except smtp.NoAnswerError as error:
        if row.tries >= MOST_TRIES:
            return _end(practice_id, row, "failed", str(error.extra["reason"]))
        _end(practice_id, row, "waiting", str(error.extra["reason"]))
        raise
    except smtp.RefusedError as error:
        return _end(practice_id, row, "failed", str(error.extra["reason"]))
    except smtp.UnsureError as error:
        return _end(practice_id, row, "unknown", str(error.extra["reason"]))
    return _end(practice_id, row, "sent", "", sent_at=now, provider_id=mail.message_id)


def stop(*, token: str, now: datetime) -> None:
    """Ends one kind of optional message for the client of a stop link. Raises UnknownStopLinkError."""
    practice_id, client_id, kind = queries.read_stop_link(token)
    with tenancy.scope(practice_id=practice_id):
        Stop.objects.get_or_create(
            practice_id=practice_id, client_id=client_id, kind=kind.value, defaults={"stopped_at": now}
        )


def _end(practice_id: UUID, row: Message, state: str, reason: str, **more: Any) -> str:
    with tenancy.scope(practice_id=practice_id):
        Message.objects.filter(pk=row.pk).update(state=state, reason=reason[:40], **more)
    return state


def _written(row: Message, now: datetime) -> tuple[smtp.Mail | None, str, str]:
    """The mail, and the state and reason to write down before it is sent; or None and why it is not to be sent."""
    try:
        mail, reason = _checked(row, now)
    except (InvalidError, KeyError, ValueError) as error:
        return None, "failed", type(error).__name__
    return mail, "unknown" if mail else "cancelled", reason


def _checked(row: Message, now: datetime) -> tuple[smtp.Mail | None, str]:
    kind, facts = _told_first(row), row.facts
    if kind is None:
        return None, "never-told"
    starts_at, _ = _span(facts)
    if kind in BEFORE_THE_VISIT and now >= starts_at:
        return None, "too-late"
    to = queries.recipient_of(client_id=row.client_id, account_id=row.account_id)
    if to is None:
        return None, "no-address"
    if not queries.wants(kind, client_id=row.client_id, recipient=to):
        return None, "not-wanted"
    optional = kind in domain.OPTIONAL
    stop_link = queries.stop_link(practice_id=row.practice_id, client_id=row.client_id, kind=kind) if optional else ""
    message = domain.render_message(
        kind,
        domain.MessageFacts(
            practice_name=facts["practice_name"],
            starts_at=starts_at,
            zone=facts["zone"],
            link=settings.UNKNOT_URL + facts["path"],
            stop_link=stop_link,
            until=datetime.fromisoformat(facts["until"]) if facts.get("until") else None,
            starts=tuple(_span({**one, "zone": facts["zone"]})[0] for one in facts.get("visits", ())),
        ),
    )
    headers = {"Auto-Submitted": "auto-generated"}
    if optional:
        headers |= {"List-Unsubscribe": f"<{stop_link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    mail = smtp.Mail(
        to=to.email,
        subject=message.subject,
        text=message.text,
        html=message.html,
        message_id=f"<{row.pk}@{host}>",
        headers=headers,
        calendar=_calendar(row, kind, to.email, now),
    )
    return mail, "sending"


def _told_first(row: Message) -> Kind | None:
    """What the message says, if the confirmation before it never left because of a second thought: a move or change is
    then the first that the client hears and confirms the booking; what they called off themselves needs no word (None).
    """
    kind = Kind(row.kind)
    if kind not in (Kind.BOOKING_MOVED, Kind.BOOKING_CHANGED, Kind.BOOKING_CANCELLED) or row.appointment_id is None:
        return kind
    before = Message.objects.filter(appointment_id=row.appointment_id).exclude(pk=row.pk)
    taken_back = before.filter(kind=Kind.BOOKING_CONFIRMED, state="cancelled").exists()
    if not taken_back or before.filter(state__in=["sent", "unknown"], kind__in=sorted(NEWS)).exists():
        return kind
    if kind is not Kind.BOOKING_CANCELLED:
        return Kind.BOOKING_CONFIRMED
    return None if row.facts.get("own") else kind


def _span(facts: dict[str, Any]) -> tuple[datetime, datetime]:
    """Start and end of the visit a message is about, by today's zone data where the agreed wall time is known."""
    starts_at = datetime.fromisoformat(facts["starts_at"])
    ends_at = datetime.fromisoformat(facts["ends_at"]) if facts.get("ends_at") else starts_at
    if not facts.get("local_start"):
        return starts_at, ends_at
    meant = to_utc(datetime.fromisoformat(facts["local_start"]), facts["zone"])
    return meant, meant + (ends_at - starts_at)


def _calendar(row: Message, kind: Kind, email: str, now: datetime) -> tuple[str, bytes] | None:
    """The calendar file of a visit's news, or of several visits'. An address that no calendar file can carry goes
    without one."""
    if kind not in _CALENDAR:
        return None
    cancelled, facts = _CALENDAR[kind], row.facts
    told = [{**one, "zone": facts["zone"]} for one in facts.get("visits", ())]
    if not told and facts.get("ends_at") and row.appointment_id is not None:
        told = [{**facts, "id": str(row.appointment_id)}]
    if not told:
        return None
    try:
        content = queries.visits_calendar(
            [_entry(one) for one in told],
            practice_name=facts["practice_name"],
            email=email,
            now=now,
            cancelled=cancelled,
        )
    except domain.CalendarFileError:
        return None
    return ("CANCEL" if cancelled else "REQUEST"), content


def _entry(one: dict[str, Any]) -> queries.CalendarEntry:
    starts_at, ends_at = _span(one)
    return queries.calendar_entry(
        UUID(one["id"]),
        sequence=int(one["sequence"]),
        starts_at=starts_at,
        ends_at=ends_at,
        location=one["location"],
    )
