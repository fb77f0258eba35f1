"""Another time, therapist or place for a visit that keeps its identity."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models.base import ModelState

from unknot.audit import actions as audit
from unknot.availability import queries as availability
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.changing import deadline, drop_change, keep_change
from unknot.booking.actions.diary import OverlapError, expire_stale, in_diary, lock_visit
from unknot.booking.actions.ending import RequestOverError, fee_now
from unknot.booking.actions.holding import (
    Place,
    StaffOnlyError,
    check_names,
    check_override,
    kit_of,
    make_room,
    parse_start,
    pick,
    rooms_of,
    settle,
)
from unknot.booking.actions.late_marks import check_sequence, settle_late
from unknot.booking.actions.refusals import NotFreeError, refused
from unknot.booking.actions.waitlist import give_up
from unknot.booking.domain.lifecycle import Event, LifecycleError, State, transition
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import Question, fill, setting
from unknot.booking.queries.changes import ChangeFacts
from unknot.booking.queries.facts import VisitFacts, visit_facts
from unknot.booking.queries.groups import comes_with_others
from unknot.booking.queries.late import ANSWERABLE
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

MOVABLE = frozenset({State.CONFIRMED, State.REQUESTED})


class NotMovableError(LifecycleError):
    """This visit can't be moved as it stands. Nothing was changed; book a new one instead."""


class MoveTogetherError(ConflictError):
    """Several visits start together with this one: whoever booked them moves all at once. Nothing was changed."""

    code = "move-together"


@dataclass(frozen=True)
class MoveOutcome:
    """A moved visit (with `preview`: as it would be). Moving is free; `fee_if_cancelled` is what cancelling costs at
    least from now on, because the move came at short notice.

    With `change` the move came so late that it needs the practice's yes: `visit` is as it was, the new time is kept in
    `change.then` until `change.answer_by`.
    """

    visit: VisitFacts
    fee: Money
    fee_if_cancelled: Money
    tier_text: str
    change: ChangeFacts | None = None


def reschedule(
    *,
    by: Actor,
    appointment_id: UUID,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    local_start: str,
    now: datetime,
    preview: bool = False,
    minutes: int | None = None,
    override_reason: str = "",
) -> MoveOutcome:
    """Moves a visit: same id, price, terms and buffers, a raised `sequence`, everything checked again.

    Therapist and place stay unless named. Moving to where it stands changes nothing. `minutes` (staff) stretches or
    shortens it; `override_reason` (staff) sets notice and horizon aside. Raises NotFoundError, NotMovableError,
    RequestOverError and what `hold_slot` raises about a start.
    """
    freely = check_override(by, override_reason)
    if minutes is not None and not is_desk(by):
        raise StaffOnlyError
    seen = visit(appointment_id, by=by)
    practice = practices.practice(seen.practice_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    question = question_to_move(
        seen,
        practice,
        wall,
        now=now,
        therapist_slug=therapist_slug,
        place_slug=place_slug,
        freely=freely,
        minutes=minutes,
    )
    return _asked(question, seen, starts_at, local_start, by=by, preview=preview, reason=override_reason)


@dataclass(frozen=True)
class Owed:
    """We are late: the visit is moved only as long as its `sequence` is what its client saw; notice and change window
    do not count, and nothing is charged. `again`: it goes to another day, where its own terms hold.
    """

    sequence: int
    again: bool


def move_for_us(
    *,
    by: Actor,
    seen: VisitFacts,
    therapist_slug: str,
    place_slug: str,
    local_start: str,
    owed: Owed,
    now: datetime,
) -> MoveOutcome:
    """Moves a visit because we are late. Raises StaleAnswerError and what `reschedule` raises."""
    practice = practices.practice(seen.practice_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    question = question_to_move(
        seen, practice, wall, now=now, therapist_slug=therapist_slug, place_slug=place_slug, freely=True
    )
    return _asked(question, seen, starts_at, local_start, by=by, owed=owed)


def _asked(question: Question, seen: VisitFacts, starts_at: datetime, local_start: str, **how: Any) -> MoveOutcome:
    try:
        with in_diary():
            return move_visit(question, seen, starts_at, local_start, **how)
    except NotFreeError as error:
        raise refused(error.reason.code, question, starts_at) from error
    except OverlapError as error:
        raise refused("taken", question, starts_at) from error


def question_to_move(
    seen: VisitFacts,
    practice: PracticeFacts,
    wall: datetime,
    *,
    now: datetime,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    freely: bool = False,
    minutes: int | None = None,
) -> Question:
    """What moving a visit to a wall time asks of the diary; therapist, place and length stay unless named."""
    return question_of(
        seen,
        practice,
        first=wall.date(),
        last=wall.date(),
        now=now,
        therapist_slug=therapist_slug or seen.therapist_slug,
        place_slug=place_slug,
        minutes=minutes,
        freely=freely,
    )


def move_visit(
    question: Question,
    seen: VisitFacts,
    starts_at: datetime,
    local_start: str,
    *,
    by: Actor,
    preview: bool = False,
    reason: str = "",
    tell: bool = True,
    owed: Owed | None = None,
) -> MoveOutcome:
    """Moves a visit as `question` asks, inside a write of the diary. Without `tell` only its reminder is made.

    Raises NotFreeError, NotMovableError, NotFoundError, and with `owed` StaleAnswerError.
    """
    board = setting(question)
    check_names(board)
    team = [one.account_id for one in board.team]
    row = lock_visit(seen.id, by=by, practitioners=team, rooms=rooms_of(board), kit=kit_of(board))
    check_sequence(row, owed.sequence if owed else None)
    if row.state not in (ANSWERABLE if owed else MOVABLE):
        raise NotMovableError(extra={"state": row.state})
    if row.state == State.REQUESTED and (row.answer_by or row.starts_at) <= question.now:
        raise RequestOverError  # the clock is about to end it: moved now, it would come back from the dead
    if not is_desk(by) and comes_with_others(row.pk):
        raise MoveTogetherError
    was, was_until = row.starts_at, row.ends_at
    free = is_desk(by) or row.state == State.REQUESTED or row.late_at is not None
    floor = 0 if free else fee_now(row, question.now).amount.minor
    late = not free and question.now >= row.starts_at - timedelta(hours=row.change_hours)
    same = question.therapist_slug == seen.therapist_slug and question.place_slug == seen.place_slug
    if same and was == starts_at and row.ends_at == starts_at + timedelta(minutes=question.minutes):
        return _outcome(row, visit(row.pk, by=by))
    expire_stale(now=question.now)
    board.opening = availability.opening([one.id for one in board.team], first=question.first, last=question.last)
    fill(board)
    found_place = pick(board, starts_at)
    if late:
        return _ask(row, question, starts_at, local_start, found_place, by=by, preview=preview, floor=floor)
    settle(row, question, starts_at, local_start=local_start, found=found_place)
    row.mode = "clinic" if row.place_id else "home"
    row.sequence += 1
    row.fee_floor_minor = max(floor, row.fee_floor_minor)
    if preview:
        return _outcome(row, visit_facts(row))
    make_room(found_place)
    row.override_reason = reason.strip() or row.override_reason
    drop_change(row, by=by, now=question.now)
    settle_late(row, "moved", by=by, now=question.now)
    if owed is not None and owed.again:
        row.late_at = None
        row.state = transition(State.ARRIVED, Event.LEAVE) if row.state == State.ARRIVED else row.state
    row.save()
    give_up(row.practice_id, row.client_id, was, was_until)
    found = visit(row.pk, by=system(row.practice_id))
    messages.announce(found, question.practice, moved=True, tell=tell, now=question.now)
    _record(row, was, question, by=by)
    return _outcome(row, found)


def _record(row: Appointment, was: datetime, question: Question, *, by: Actor) -> None:
    audit.record(
        by=by,
        verb="visit.moved",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=question.now,
        was=was.isoformat(),
        starts_at=row.starts_at.isoformat(),
        therapist_id=row.therapist_id,
        override="notice" if question.freely else "",
    )
    events.tell(events.VisitNews("moved", row.practice_id, row.pk, row.state, question.now))


def _ask(
    row: Appointment,
    question: Question,
    starts_at: datetime,
    local_start: str,
    found: Place,
    *,
    by: Actor,
    preview: bool,
    floor: int,
) -> MoveOutcome:
    """Too late to move it without being asked: the visit stays, and the new time is kept beside it."""
    new = copy(row)
    new.pk, new.sequence, new.created_at, new.confirmed_at = new_id(), 0, question.now, None
    new._state = ModelState()  # a row of its own, not the visit's again
    settle(new, question, starts_at, local_start=local_start, found=found)
    new.mode = "clinic" if new.place_id else "home"
    seen = visit(row.pk, by=by)
    least = Money(max(floor, row.fee_floor_minor), row.currency)
    if preview:
        until = deadline(row, starts_at, question.practice, question.now)
        change = ChangeFacts(None, "waiting", seen, visit_facts(new), question.now, until, least)
    else:
        make_room(found)
        change = keep_change(row, new, question.practice, by=by, fee_floor=least.minor, now=question.now)
    text = "So close to the visit this needs the practice's yes. The old time stays until they answer."
    return MoveOutcome(seen, Money(0, row.currency), least, text, change)


def _outcome(row: Appointment, found: VisitFacts) -> MoveOutcome:
    least = Money(row.fee_floor_minor, row.currency)
    text = "Moving is free."
    if least.minor:
        text = "Moving is free. Because it comes at short notice, cancelling later costs what cancelling now would."
    return MoveOutcome(found, Money(0, row.currency), least, text)
