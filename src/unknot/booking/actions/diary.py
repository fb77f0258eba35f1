"""How every write of the diary runs: one transaction, every lock first and in one order, then reads, then the write.

The order is therapists (by account), rooms, kit, clients, each sorted; after them only rows of visits and, last, the
audit chain. A caller whose own transaction has written something else before must take the locks first: see
`take_hold`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.refreshing import refresh
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.models import Appointment, Change
from unknot.booking.policies import can_see_visit
from unknot.booking.queries.groups import hears_for_all
from unknot.booking.queries.rows import ended_by_now
from unknot.booking.queries.visits import visit
from unknot.db.locks import lock_in_order
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.practice import queries as practices

WAIT = "2s"
LOCK_NOT_AVAILABLE, DEADLOCK, EXCLUSION = "55P03", "40P01", "23P01"


class DiaryBusyError(ConflictError):
    """Many people are booking here at this very moment. Nothing was changed; please try again."""

    code = "diary-busy"


class ClientBusyError(ConflictError):
    """The same person has another visit at that time. Nothing was booked; move that one or choose another time."""

    code = "client-busy"


class OverlapError(Exception):
    """An exclusion constraint spoke: somebody else's row stands there. Always turned into a refusal for people."""


_locked: ContextVar[set[UUID] | None] = ContextVar("unknot_diary_locked", default=None)
"""The therapists' locks that the write under way has taken."""


@contextmanager
def in_diary() -> Iterator[None]:
    """One write of the diary: a transaction (or savepoint) that waits two seconds for a lock and no longer.

    It ends by making anew the search cards of the therapists whose locks were taken, where their diary changed.
    Raises DiaryBusyError, ClientBusyError, OverlapError. After any of them the caller's transaction can go on.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            with _noting_locks() as locked:
                yield
                if locked:
                    refresh(locked)
    except OperationalError as error:
        if sqlstate(error) in (LOCK_NOT_AVAILABLE, DEADLOCK):
            raise DiaryBusyError from error
        raise
    except IntegrityError as error:
        if sqlstate(error) != EXCLUSION:
            raise
        if _constraint(error) == "diary_client":
            raise ClientBusyError from error
        raise OverlapError from error


@contextmanager
def _noting_locks() -> Iterator[set[UUID] | None]:
    """The set that `lock_diary` fills; None in a write inside a write: the outer one ends with the cards."""
    if _locked.get() is not None:
        yield None
        return
    locked: set[UUID] = set()
    token = _locked.set(locked)
    try:
        yield locked
    finally:
        _locked.reset(token)


def sqlstate(error: DatabaseError) -> str:
    """PostgreSQL's code for what went wrong."""
    return str(getattr(error.__cause__, "sqlstate", "") or "")


def _constraint(error: DatabaseError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")


def lock_diary(
    *,
    practitioners: Iterable[UUID] = (),
    rooms: Iterable[UUID] = (),
    kit: Iterable[int] = (),
    clients: Iterable[UUID | None] = (),
) -> None:
    """Locks everything that a write consumes. Nothing of the diary may have been decided from reads before."""
    people = set(practitioners)
    lock_in_order(
        [
            ("therapist", people),
            ("room", rooms),
            ("kit", [UUID(int=one) for one in kit]),
            ("client", [one for one in clients if one is not None]),
        ]
    )
    if (noted := _locked.get()) is not None:
        noted |= people


def lock_visit(
    appointment_id: UUID,
    *,
    by: Actor | None,
    practitioners: Iterable[UUID] = (),
    rooms: Iterable[UUID] = (),
    kit: Iterable[int] = (),
    clients: Iterable[UUID | None] = (),
) -> Appointment:
    """The visit's row, fresh, after locking its therapist, room, kit and client and those given besides.

    `by` None: access was checked by other means. Raises NotFoundError, and DiaryBusyError if the visit went to somebody
    else while we waited.
    """
    seen = Appointment.objects.filter(pk=appointment_id).first()
    if seen is None or (by and not can_see_visit(by, client_id=seen.client_id, account_id=seen.account_id)):
        raise NotFoundError
    own_room = [seen.room_id] if seen.room_id else []
    lock_diary(
        practitioners={seen.practitioner_id, *practitioners},
        rooms={*own_room, *rooms},
        kit={*seen.kit_units, *kit},
        clients={seen.client_id, *clients},
    )
    row: Appointment = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment_id)
    if (row.practitioner_id, row.room_id, row.kit_units) != (seen.practitioner_id, seen.room_id, seen.kit_units):
        raise DiaryBusyError
    return row


def expire_stale(*, now: datetime) -> list[UUID]:
    """Ends holds of the practice in scope that ran out, and requests nobody answered in time; gives their ids.

    Who asked is told that the time is free again. Rows that somebody is changing right now are left to them.
    """
    found = ended_by_now(now)
    held = [pk for pk, state, _ in found if state == State.HELD]
    if held:
        Appointment.objects.filter(pk__in=held).update(state=transition(State.HELD, Event.EXPIRE))
    for pk, state, moves_id in found:
        if state == State.REQUESTED:
            _run_out(pk, now)
        elif moves_id is not None:
            _stays(pk, moves_id, now)
    return [pk for pk, _, _ in found]


def _stays(hold_id: UUID, visit_id: UUID, now: datetime) -> None:
    """A change to which the practice gave no answer in time: the visit keeps its old one."""
    change = Change.objects.get(hold_id=hold_id)
    change.state, change.answered_at = "expired", now
    change.save(update_fields=["state", "answered_at"])
    row = Appointment.objects.get(pk=visit_id)
    by = system(row.practice_id)
    found = visit(visit_id, by=by)
    if change.wish is None or hears_for_all(visit_id):
        messages.tell_it_stays(found, practices.practice(row.practice_id), change_id=change.pk, now=now)
    audit.record(
        by=by,
        verb="change.expired",
        subject="appointment",
        subject_id=visit_id,
        client_id=row.client_id,
        now=now,
        change_id=change.pk,
    )


def _run_out(request_id: UUID, now: datetime) -> None:
    """A request to which the practice gave no answer in time."""
    row = Appointment.objects.get(pk=request_id)
    row.state, row.ended_at = transition(State.REQUESTED, Event.EXPIRE), now
    row.sequence += 1
    row.save(update_fields=["state", "ended_at", "sequence"])
    for change in Change.objects.filter(visit_id=row.pk, state="waiting"):  # the others still wish to come then
        Appointment.objects.filter(pk=change.hold_id, state=State.HELD).update(state=State.EXPIRED, ended_at=now)
        change.state, change.answered_at = "withdrawn", now
        change.save(update_fields=["state", "answered_at"])
    by = system(row.practice_id)
    messages.run_out(visit(row.pk, by=by), practices.practice(row.practice_id), now=now)
    audit.record(
        by=by,
        verb="visit.expired",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        answer_by=row.answer_by.isoformat() if row.answer_by else "",
    )
    events.tell(events.VisitNews("expired", row.practice_id, row.pk, row.state, now))
