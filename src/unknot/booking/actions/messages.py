"""What people are told about their visits: through the outbox, in the writer's transaction, without a health fact."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from unknot.booking.domain.lifecycle import State
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.series import SeriesFacts
from unknot.notifications import actions as notifications
from unknot.notifications.queries import Kind, message_key, reminder_due_at
from unknot.practice.queries import PracticeFacts


def announce(
    visit: VisitFacts,
    practice: PracticeFacts,
    *,
    moved: bool = False,
    changed: bool = False,
    tell: bool = True,
    now: datetime,
) -> None:
    """Tells the client that the visit is booked (moved, changed) and when it is near. Whatever waited is called off.

    Without `tell` only the reminder is made: the news is told elsewhere, once for several visits.
    """
    notifications.cancel_for(visit.id)
    if visit.state != State.CONFIRMED:
        return
    if tell:
        kind = Kind.BOOKING_CHANGED if changed else Kind.BOOKING_MOVED if moved else Kind.BOOKING_CONFIRMED
        _send(visit, practice, kind, due_at=now)
    due_at = reminder_due_at(starts_at=visit.starts_at, booked_at=now, zone=visit.timezone)
    if due_at is not None:
        _send(visit, practice, Kind.BOOKING_REMINDER, due_at=due_at)


def call_off(visit: VisitFacts, practice: PracticeFacts, *, tell: bool, own: bool = False, now: datetime) -> None:
    """Drops what still waits about the visit and, with `tell`, says that it is cancelled. `own`: by the client, who
    hears nothing of it if the booking itself had not been told yet.
    """
    notifications.cancel_for(visit.id)
    if tell:
        _send(visit, practice, Kind.BOOKING_CANCELLED, due_at=now, own=own)


def run_out(visit: VisitFacts, practice: PracticeFacts, *, now: datetime) -> None:
    """Says that the practice gave no answer in time, and that the time is free again."""
    notifications.cancel_for(visit.id)
    _send(visit, practice, Kind.REQUEST_EXPIRED, due_at=now)


def offer(visit: VisitFacts, practice: PracticeFacts, *, offer_id: UUID, until: datetime, now: datetime) -> None:
    """Tells somebody who waits that a time is kept for them. `visit`: the hold, with the person's ids filled in."""
    path = f"/p/{practice.slug}/my/offers/{offer_id}/"
    _send(visit, practice, Kind.WAITLIST_OFFER, due_at=now, path=path, until=until)


def withdraw(hold_id: UUID) -> None:
    """Drops what still waits about a time that is kept no longer."""
    notifications.cancel_for(hold_id)


def invite(visit: VisitFacts, practice: PracticeFacts, *, path: str, now: datetime) -> None:
    """Asks somebody who was brought along to answer for themselves; the link at `path` asks for a second proof."""
    _send(visit, practice, Kind.GROUP_INVITE, due_at=now, path=path)


def alert_therapist(visit: VisitFacts, practice: PracticeFacts, *, now: datetime) -> None:
    """Asks the therapist to look at the diary: a visit waits for their answer."""
    _send(visit, practice, Kind.THERAPIST_ALERT, due_at=now, path=f"/p/{practice.slug}/desk/visits/{visit.id}/")


def announce_series(series: SeriesFacts, practice: PracticeFacts, *, now: datetime) -> None:
    """One mail for all visits of a new series; if they wait for an answer, one word to the therapist instead."""
    first = min(series.visits, key=lambda one: one.starts_at)
    if first.state == State.REQUESTED:
        alert_therapist(first, practice, now=now)
    else:
        tell_of_series(series, practice, Kind.SERIES_BOOKED, visits=series.visits, now=now)


def tell_of_series(
    series: SeriesFacts,
    practice: PracticeFacts,
    kind: Kind,
    *,
    visits: Sequence[VisitFacts],
    own: bool = False,
    now: datetime,
) -> None:
    """One mail about several visits, with one calendar file of them.

    If the booking had not been told yet, the mail is about the booking as it is now, and of a series that its client
    booked and called off at once (`own`) nobody hears.
    """
    never_told = notifications.cancel_for(series.id, kinds=[Kind.SERIES_BOOKED])
    notifications.cancel_for(series.id)
    if never_told:
        left = [one for one in series.visits if one.state == State.CONFIRMED]
        if not left and own:
            return
        kind, visits = (Kind.SERIES_BOOKED, left) if left else (kind, visits)
    first = min(visits, key=lambda one: one.starts_at)
    notifications.schedule(
        practice_id=practice.id,
        key=message_key(str(series.id), kind, sequence=series.sequence),
        kind=kind.value,
        due_at=now,
        account_id=series.account_id,
        client_id=series.client_id,
        appointment_id=series.id,
        facts=notifications.visit_facts(
            practice_name=practice.name,
            path=f"/p/{practice.slug}/my/series/{series.id}/",
            starts_at=first.starts_at,
            zone=series.timezone,
            sequence=series.sequence,
            local_start=first.local_start,
            visits=[_one_of_many(one) for one in sorted(visits, key=lambda one: one.starts_at)],
        ),
    )


def _one_of_many(visit: VisitFacts) -> dict[str, Any]:
    return notifications.visit_of_many(
        visit_id=visit.id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        local_start=visit.local_start,
        sequence=visit.sequence,
        location=visit.address if visit.mode == "clinic" else "",
    )


def alert_change(visit: VisitFacts, practice: PracticeFacts, *, change_id: UUID, now: datetime) -> None:
    """Asks the therapist to look: a client would like another time."""
    path = f"/p/{practice.slug}/desk/requests/"
    _send(visit, practice, Kind.THERAPIST_ALERT, due_at=now, path=path, offset=_short(change_id))


def tell_it_stays(visit: VisitFacts, practice: PracticeFacts, *, change_id: UUID, now: datetime) -> None:
    """Tells the client that the visit keeps its old time. Reminders go on as they were."""
    _send(visit, practice, Kind.BOOKING_STAYS, due_at=now, offset=_short(change_id))


def tell_late(visit: VisitFacts, practice: PracticeFacts, *, late_id: UUID, placed: bool, now: datetime) -> None:
    """Says that we are late, when the visit is planned now (`placed`), and where its client can choose otherwise."""
    notifications.cancel_for(visit.id)
    kind = Kind.RUNNING_LATE if placed else Kind.LATE_NO_TIME
    _send(visit, practice, kind, due_at=now, path=f"/p/{practice.slug}/my/late/{late_id}/")


def tell_on_time(visit: VisitFacts, practice: PracticeFacts, *, now: datetime) -> None:
    """Says that we are not late after all, to whoever had been told; the reminder, if one is due, stands again."""
    never_told = notifications.cancel_for(visit.id, kinds=[Kind.RUNNING_LATE, Kind.LATE_NO_TIME])
    announce(visit, practice, moved=True, tell=False, now=now)
    if not never_told:
        _send(visit, practice, Kind.ON_TIME, due_at=now)


def _short(change_id: UUID) -> str:
    return f"c{change_id.hex[-15:]}"


def _send(
    visit: VisitFacts,
    practice: PracticeFacts,
    kind: Kind,
    *,
    due_at: datetime,
    path: str = "",
    offset: str = "0",
    until: datetime | None = None,
    own: bool = False,
) -> None:
    to_client = kind != Kind.THERAPIST_ALERT
    notifications.schedule(
        practice_id=practice.id,
        key=message_key(str(visit.id), kind, offset, sequence=visit.sequence),
        kind=kind.value,
        due_at=due_at,
        account_id=visit.account_id if to_client else visit.practitioner_id,
        client_id=visit.client_id if to_client else None,
        appointment_id=visit.id,
        facts=notifications.visit_facts(
            practice_name=practice.name,
            path=path or f"/p/{practice.slug}/my/visits/{visit.id}/",
            starts_at=visit.starts_at,
            zone=visit.timezone,
            ends_at=visit.ends_at,
            location=visit.address if visit.mode == "clinic" else "",
            sequence=visit.sequence,
            local_start=visit.local_start,
            until=until,
            own=own,
        ),
    )
