"""Cancelling, and what happens to a visit on its day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.changing import asked_at, drop_change
from unknot.booking.actions.diary import OverlapError, in_diary, lock_visit
from unknot.booking.actions.holding import ReasonNeededError, StaffOnlyError
from unknot.booking.actions.late_marks import check_sequence, settle_late
from unknot.booking.actions.refusals import SlotTakenError
from unknot.booking.domain.fees import CancellationTerms, Fee, cancellation_fee
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.facts import BY_HAND, CLOSED_ITSELF, VisitFacts
from unknot.booking.queries.visits import CLOSABLE, visit
from unknot.kernel.actors import SYSTEM, Actor, system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.practice import queries as practices


class VisitOverError(ConflictError):
    """This visit is over. If something was wrong with it, please write to the practice."""

    code = "visit-over"


class UnknownMarkError(InvalidError):
    """That is not something that can happen to a visit. Nothing was changed."""

    code = "unknown-mark"


@dataclass(frozen=True)
class CancelOutcome:
    """What cancelling costs: `fee` is kept, `refund` goes back of what was paid; together the price."""

    visit: VisitFacts
    fee: Money
    refund: Money
    tier_text: str


def fee_now(row: Appointment, now: datetime, *, waived: bool = False) -> Fee:
    """The fee for cancelling now, by the terms frozen on the visit, and never less than a late move left behind."""
    price = Money(row.price_minor, row.currency)
    found = cancellation_fee(price, row.starts_at, now, CancellationTerms.from_rows(row.cancellation_tiers))
    if waived:
        return Fee(price - price, price, 0, "waived by the practice")
    if row.late_at is not None:
        return Fee(price - price, price, 0, "free of charge, because we are late")
    if found.amount.minor < row.fee_floor_minor:
        kept = Money(row.fee_floor_minor, row.currency)
        return Fee(kept, price - kept, found.percent, "as when the visit was moved at short notice")
    return found


def cancel(
    *,
    by: Actor,
    appointment_id: UUID,
    now: datetime,
    preview: bool = False,
    waive_reason: str = "",
    tell: bool = True,
    sequence: int | None = None,
) -> CancelOutcome:
    """Cancels a visit, or, with `preview`, only says what that would cost. Cancelling twice answers the same twice.

    A request that waits for the practice's answer costs nothing; while a change waits, cancelling costs what it did
    when the client asked. Staff may waive the fee and say why. Whatever length or time a visit has, its client can
    cancel it until it is over. Without `tell` no mail is written: whoever cancels several says so once. With `sequence`
    only the visit that the caller has seen is cancelled (StaleAnswerError).

    Raises NotFoundError, LifecycleError, VisitOverError, StaffOnlyError, DiaryBusyError.
    """
    if waive_reason.strip() and not is_desk(by):
        raise StaffOnlyError
    with in_diary():
        row = lock_visit(appointment_id, by=by)
        check_sequence(row, sequence)
        return call_off(row, by=by, now=now, preview=preview, waive_reason=waive_reason, tell=tell)


def call_off(
    row: Appointment,
    *,
    by: Actor,
    now: datetime,
    preview: bool = False,
    waive_reason: str = "",
    tell: bool = True,
) -> CancelOutcome:
    """`cancel` for a row whose locks and access are settled."""
    if row.moves_id is not None:
        raise NotFoundError
    seen_by = system(row.practice_id)
    if row.state == State.CANCELLED:
        price, kept = Money(row.price_minor, row.currency), Money(row.fee_minor, row.currency)
        return CancelOutcome(visit(row.pk, by=seen_by), kept, price - kept, "cancelled before")
    after = transition(State(row.state), Event.CANCEL)
    if now >= row.ends_at and not is_desk(by):
        raise VisitOverError
    fee = fee_now(
        row, min(now, asked_at(row) or now), waived=bool(waive_reason.strip()) or row.state == State.REQUESTED
    )
    if preview:
        return CancelOutcome(visit(row.pk, by=seen_by), fee.amount, fee.refund, fee.tier)
    drop_change(row, by=by, now=now, alone=True)
    settle_late(row, "cancel", by=by, now=now)
    row.state, row.fee_minor, row.ended_at = after, fee.amount.minor, now
    row.sequence += 1
    row.override_reason = waive_reason.strip() or row.override_reason
    row.save(update_fields=["state", "fee_minor", "ended_at", "sequence", "override_reason"])
    found = visit(row.pk, by=seen_by)
    messages.call_off(found, practices.practice(row.practice_id), tell=tell, own=not is_desk(by), now=now)
    _record(row, "cancelled", by=by, now=now, fee_minor=row.fee_minor, waived=bool(waive_reason.strip()))
    return CancelOutcome(found, fee.amount, fee.refund, fee.tier)


class RequestOverError(ConflictError):
    """Nobody answered this request in time, and its time is free for others. Nothing was changed; book a new visit."""

    code = "request-over"


GIVEN_AWAY = "That time was given to somebody else meanwhile. Nothing was changed; book a new visit."
MARKS = {
    "confirm": Event.CONFIRM,
    "decline": Event.DECLINE,
    "arrive": Event.ARRIVE,
    "start": Event.START,
    "complete": Event.COMPLETE,
    "no_show": Event.MISS,
    "reopen": Event.REOPEN,
    "unclose": Event.UNCLOSE,
    "reinstate": Event.REINSTATE,
}


def mark(
    *, by: Actor, appointment_id: UUID, event: str, now: datetime, waive_reason: str = "", tell: bool = True
) -> VisitFacts:
    """What happened to a visit, said by staff: confirm, decline (a request), arrive, start, complete, no_show; and the
    undoing of a slip: reopen, unclose, reinstate. The same mark twice is one.

    Marking a request as arrived or started confirms it on the way. A tap that comes after the visit closed itself
    counts as if it had come before. A visit marked as missed costs what cancelling at its start would, unless waived
    with a reason. Without `tell` no mail is written: whoever answers several says so once.

    Raises NotFoundError (also for anybody but staff), UnknownMarkError, LifecycleError, RequestOverError,
    DiaryBusyError, and SlotTakenError if the time was given away meanwhile.
    """
    if not is_desk(by):
        raise NotFoundError
    if event not in MARKS:
        raise UnknownMarkError(field="event")
    try:
        with in_diary():
            row = lock_visit(appointment_id, by=by)
            before = State(row.state)
            if _said_before(row, MARKS[event]):
                return visit(row.pk, by=by)
            if before == State.HELD:
                raise ReasonNeededError("A hold is booked by its holder, not marked. Nothing was changed.")
            if before == State.REQUESTED and (row.answer_by or row.starts_at) <= now:
                raise RequestOverError
            row.state = transition(_on_the_way(row, MARKS[event]), MARKS[event])
            return _marked(row, before, event, by=by, now=now, reason=waive_reason.strip(), tell=tell)
    except OverlapError as error:
        raise SlotTakenError(GIVEN_AWAY, extra={"alternatives": []}) from error


def _on_the_way(row: Appointment, event: Event) -> State:
    """The state from which `event` leads on: requests are confirmed by coming, closed visits opened by a late tap."""
    state = State(row.state)
    if state == State.REQUESTED and event in (Event.ARRIVE, Event.START):
        return transition(state, Event.CONFIRM)
    if state == State.COMPLETED and row.closing == CLOSED_ITSELF and event in (Event.START, Event.MISS):
        return transition(state, Event.UNCLOSE)
    return state


def _said_before(row: Appointment, event: Event) -> bool:
    """Whether the tap has nothing left to do: it came before, or the visit closed itself while a finger was coming."""
    state = State(row.state)
    if event == Event.ARRIVE and state == State.COMPLETED:
        return row.closing == CLOSED_ITSELF
    if event == Event.UNCLOSE and state == State.CONFIRMED:
        return row.closing == BY_HAND
    done = {
        Event.CONFIRM: State.CONFIRMED,
        Event.DECLINE: State.CANCELLED,
        Event.ARRIVE: State.ARRIVED,
        Event.START: State.IN_SESSION,
        Event.COMPLETE: State.COMPLETED,
        Event.MISS: State.NO_SHOW,
    }
    return done.get(event) == state


def _marked(
    row: Appointment, before: State, event: str, *, by: Actor, now: datetime, reason: str, tell: bool
) -> VisitFacts:
    after = State(row.state)
    if (before, after) != (State.REQUESTED, State.CONFIRMED):  # who answered at last still wishes what the others wish
        drop_change(row, by=by, now=now, alone=after == State.CANCELLED)
    if after not in (State.CONFIRMED, State.ARRIVED):
        settle_late(row, "over", by=by, now=now)
    if before == State.COMPLETED:
        row.closing = BY_HAND
    if after == State.CONFIRMED and row.confirmed_at is None:
        row.confirmed_at = now
    if after == State.NO_SHOW:
        row.fee_minor = fee_now(row, max(now, row.starts_at), waived=bool(reason)).amount.minor
        row.override_reason = reason or row.override_reason
    if before == State.NO_SHOW:
        row.fee_minor = 0
    row.ended_at = now if after in (State.COMPLETED, State.NO_SHOW, State.CANCELLED) else None
    row.sequence += 1 if after == State.CANCELLED else 0
    row.save()
    found = visit(row.pk, by=by)
    practice = practices.practice(row.practice_id)
    if after == State.CONFIRMED and before == State.REQUESTED:
        messages.announce(found, practice, tell=tell, now=now)
    elif after in (State.CANCELLED, State.NO_SHOW):
        messages.call_off(found, practice, tell=tell and after == State.CANCELLED, now=now)
    _record(row, event, by=by, now=now, fee_minor=row.fee_minor, waived=bool(reason))
    return found


def _record(row: Appointment, verb: str, *, by: Actor, now: datetime, fee_minor: int, waived: bool) -> None:
    audit.record(
        by=by,
        verb=f"visit.{verb}",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        state=row.state,
        fee_minor=fee_minor,
        override="fee" if waived else "",
    )
    events.tell(events.VisitNews(verb, row.practice_id, row.pk, row.state, now))


def close(*, by: Actor, appointment_id: UUID, now: datetime) -> bool:
    """Completes a visit that ended long ago and that nobody closed, for the clock. True if it did.

    False if somebody was quicker, or if staff undid it once: then they say when. Raises NotFoundError (also for
    anybody but the system), DiaryBusyError.
    """
    if not by.has(SYSTEM):
        raise NotFoundError
    with in_diary():
        row = lock_visit(appointment_id, by=by)
        wait = timedelta(minutes=practices.practice(row.practice_id).close_after_minutes)
        if not wait or row.closing or row.state not in CLOSABLE or now < row.ends_at + wait:
            return False
        row.state = transition(State(row.state), Event.COMPLETE)
        row.closing, row.ended_at = CLOSED_ITSELF, row.ends_at
        row.save(update_fields=["state", "closing", "ended_at"])
        _record(row, "complete", by=by, now=now, fee_minor=row.fee_minor, waived=False)
        return True
