"""What happens to a group after it was booked: people join and answer for themselves, all move, one or all cancel."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models.base import ModelState

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.booking import gate_event
from unknot.booking.actions.changing import drop_change, keep_change
from unknot.booking.actions.diary import DiaryBusyError, OverlapError, in_diary, lock_diary
from unknot.booking.actions.ending import CancelOutcome, RequestOverError, call_off, fee_now
from unknot.booking.actions.groups import fresh_parts, locked_boards, lost, pick_together
from unknot.booking.actions.holding import Place, check_override, make_room, parse_start, settle
from unknot.booking.actions.late_marks import settle_late
from unknot.booking.actions.moving import MOVABLE, NotMovableError
from unknot.booking.actions.refusals import NotFreeError
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.models import Appointment, Change, Group, GroupVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Question
from unknot.booking.queries.entry import entry_for, parts_of
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.booking.queries.groups import GroupFacts, group, part_of_token
from unknot.booking.queries.together import Taking, needs_a_yes, question_to_move
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money
from unknot.kernel.zones import instant_of, minute_of
from unknot.people import actions as people
from unknot.practice import queries as practices

OPEN = (State.REQUESTED, State.CONFIRMED, State.ARRIVED)


@dataclass(frozen=True)
class GroupCancelOutcome:
    """What cancelling the whole group costs (with `preview`: would cost), visit by visit."""

    group: GroupFacts
    parts: tuple[CancelOutcome, ...]


def join_part(*, by: Actor, token: str, now: datetime) -> UUID:
    """The person behind a link takes their part; returns the id of their visit. Joining twice is joining once.

    The link alone opens nothing: `by` has proved the address it was sent to by signing in with it. A wrong link, one
    that is over, and one that was sent to somebody else get the same NotFoundError. Raises ClientBusyError.
    """
    part = GroupVisit.objects.filter(pk=part_of_token(token), invited=True).select_related("appointment").first()
    if part is None or by.account_id is None or part.appointment.client_id is None:
        raise NotFoundError
    with in_diary():
        seen = part.appointment
        lock_diary(
            practitioners=[seen.practitioner_id],
            rooms=[seen.room_id] if seen.room_id else [],
            clients=[seen.client_id, by.client_id],
        )
        row = Appointment.objects.select_for_update().get(pk=seen.pk)
        if by.answers_for(row.client_id):
            return UUID(str(row.pk))
        if row.state not in OPEN:
            raise NotFoundError
        before = row.client_id
        row.client_id = people.take_over(by=by, client_id=before, now=now)
        row.account_id = by.account_id
        row.save(update_fields=["client_id", "account_id"])
        if row.client_id != before:
            people.forget_invited(by=by, client_id=before, now=now)
        return UUID(str(row.pk))


def answer_part(*, by: Actor, appointment_id: UUID, intake_id: UUID | None, now: datetime) -> VisitFacts:
    """Somebody who was brought along makes their visit sure, with their own answers. Doing it twice changes nothing.

    Answers that the therapist has to talk about first leave it a request. Raises NotFoundError (also for who booked),
    ScreeningNeededError, NotSafeNowError, LifecycleError.
    """
    part = GroupVisit.objects.filter(appointment_id=appointment_id, invited=True).select_related("appointment").first()
    if part is None or not by.answers_for(part.appointment.client_id):
        raise NotFoundError
    with in_diary():
        seen = part.appointment
        lock_diary(practitioners=[seen.practitioner_id], clients=[seen.client_id])
        row = Appointment.objects.select_for_update().get(pk=seen.pk)
        part = GroupVisit.objects.select_for_update().get(pk=part.pk)
        if part.answered_at is not None or row.state == State.CONFIRMED:
            return visit(row.pk, by=by)
        event = gate_event(by, row.client_id, intake_id, now)
        if entry_for(by, parts_of(row, practices.setup()), client_id=row.client_id) == "ask":
            event = Event.REQUEST
        if event == Event.CONFIRM:
            row.state, row.confirmed_at = transition(State(row.state), event), now
        row.intake_id = intake_id
        row.save(update_fields=["state", "confirmed_at", "intake_id"])
        part.answered_at = now
        part.save(update_fields=["answered_at"])
        found = visit(row.pk, by=system(row.practice_id))
        practice = practices.practice(row.practice_id)
        if event == Event.CONFIRM:
            messages.announce(found, practice, now=now)
        else:
            messages.alert_therapist(found, practice, now=now)
        verb = "booked" if event == Event.CONFIRM else "requested"
        audit.record(
            by=by,
            verb=f"visit.{verb}",
            subject="appointment",
            subject_id=row.pk,
            client_id=row.client_id,
            now=now,
            group_id=part.group_id,
        )
        events.tell(events.VisitNews(verb, row.practice_id, row.pk, row.state, now))
        return found


def _managed(group_id: UUID, by: Actor) -> Group:
    """The group's row, for who booked it and for staff. Raises NotFoundError."""
    row: Group | None = Group.objects.filter(pk=group_id).exclude(booked_at=None).first()
    if row is None or not (is_desk(by) or (by.account_id is not None and row.account_id == by.account_id)):
        raise NotFoundError
    return row


def _lock_parts(row: Group) -> list[GroupVisit]:
    """The parts with their visits' rows, after the locks of all their people, hands and rooms."""
    seen = [one.appointment for one in GroupVisit.objects.filter(group=row).select_related("appointment")]
    lock_diary(
        practitioners=[one.practitioner_id for one in seen],
        rooms=[one.room_id for one in seen if one.room_id],
        kit=[piece for one in seen for piece in one.kit_units],
        clients=[one.client_id for one in seen],
    )
    return fresh_parts(row)


def cancel_group(
    *, by: Actor, group_id: UUID, only: UUID | None = None, preview: bool = False, now: datetime
) -> GroupCancelOutcome:
    """Cancels every visit of a group that is still to come, or with `only` that one: then the others stay as they are.

    Each by its own terms, all in one transaction. For who booked the group and for staff. Raises NotFoundError,
    VisitOverError, LifecycleError, DiaryBusyError.
    """
    row = _managed(group_id, by)
    with in_diary():
        parts = _lock_parts(row)
        chosen = [one for one in parts if only in (None, one.appointment_id)]
        if not chosen:
            raise NotFoundError
        rows = [one.appointment for one in chosen if only is not None or one.appointment.state in OPEN]
        done = tuple(call_off(one, by=by, now=now, preview=preview) for one in rows)
        return GroupCancelOutcome(group(row.pk, by=by), done)


@dataclass(frozen=True)
class GroupMove:
    """A moved group. `then`: its visits at the new time; `least`: what cancelling all of them costs at least from now
    on. With `answer_by` the move came so late that it needs the practice's yes until then: the group is as it was, and
    the new times are kept beside the old ones.
    """

    group: GroupFacts
    then: tuple[VisitFacts, ...]
    least: Money
    answer_by: datetime | None = None


def move_group(
    *,
    by: Actor,
    group_id: UUID,
    local_start: str,
    anybody: bool = False,
    preview: bool = False,
    override_reason: str = "",
    now: datetime,
) -> GroupMove:
    """Moves every visit of a group that is still to come, together or not at all; same place, prices and terms.

    Therapists stay unless `anybody` will do. For who booked the group and for staff. So close to it that a client's
    move needs the practice's yes, the new times are kept and the old ones stay (`answer_change`). Raises NotFoundError,
    NotMovableError, SlotTakenError with starts that suit all, DiaryBusyError and what `hold_slot` raises about a start.
    """
    row = _managed(group_id, by)
    seen = _standing(row)
    practice = practices.practice(row.practice_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    freely, late = check_override(by, override_reason), needs_a_yes(seen, by=by, now=now)
    wish = question_to_move(seen, practice, now=now, anybody=anybody, freely=freely, beside=late)
    asked, ids = wish.each(first=wall.date(), last=wall.date()), wish.standing
    try:
        with in_diary():
            boards = locked_boards(asked, list(Appointment.objects.filter(pk__in=ids)))
            rows = [one.appointment for one in fresh_parts(row) if one.appointment_id in ids]
            _check_standing(rows, seen, now=now)
            found = pick_together(boards, starts_at, ids)
            moving = Moving(row, rows, asked, found, local_start)
            done = _ask_all(moving, by=by) if late else move_all(moving, by=by)
            if preview:
                raise _PreviewError(done)
            return done
    except _PreviewError as shown:
        return shown.move
    except (NotFreeError, OverlapError) as error:
        raise lost(error, wish, starts_at) from error


def _standing(row: Group) -> list[VisitFacts]:
    """The visits of a group that can still move, in order. Raises NotMovableError if there is none."""
    parts = GroupVisit.objects.filter(group=row, appointment__state__in=MOVABLE).order_by("number")
    found = [visit(one, by=system(row.practice_id)) for one in parts.values_list("appointment_id", flat=True)]
    if not found:
        raise NotMovableError(extra={"state": "over"})
    return found


def _check_standing(rows: Sequence[Appointment], seen: Sequence[VisitFacts], *, now: datetime) -> None:
    """The visits (locked) are those that were looked at before. Raises NotMovableError, RequestOverError,
    DiaryBusyError."""
    for one, before in zip(rows, seen, strict=True):
        if one.state not in MOVABLE:
            raise NotMovableError(extra={"state": one.state})
        if one.state == State.REQUESTED and (one.answer_by or one.starts_at) <= now:
            raise RequestOverError
        if (one.state, one.sequence) != (before.state, before.sequence):
            raise DiaryBusyError


@dataclass(frozen=True)
class Moving:
    """Everything that a move of all is made of, under the locks."""

    group: Group
    rows: Sequence[Appointment]
    asked: Sequence[Question]
    found: Sequence[Taking]
    local_start: str

    @property
    def now(self) -> datetime:
        return self.asked[0].now

    def settle(self, row: Appointment, number: int) -> Place:
        """Writes the new time and place on a row; not saved."""
        taking = self.found[number]
        where = Place(taking.candidate, taking.uses)
        starts_at = instant_of(taking.candidate.minute)
        settle(row, self.asked[number], starts_at, local_start=self.local_start, found=where)
        make_room(where)
        return where

    def outcome(self, ids: Sequence[UUID], least: int, answer_by: datetime | None, *, by: Actor) -> GroupMove:
        """As it stands now."""
        then = tuple(visit_facts(Appointment.objects.select_related(*RELATED).get(pk=one)) for one in ids)
        return GroupMove(group(self.group.pk, by=by), then, Money(least, then[0].price.currency), answer_by)


def _floor(row: Appointment, now: datetime, *, by: Actor) -> int:
    """What cancelling this visit costs at least once it was moved."""
    free = is_desk(by) or row.state == State.REQUESTED or row.late_at is not None
    return max(0 if free else fee_now(row, now).amount.minor, row.fee_floor_minor)


def move_all(moving: Moving, *, by: Actor, again: bool = False) -> GroupMove:
    """Writes the move of all, under the locks. `again`: we were late, they come another day, where their own terms
    hold. Raises OverlapError."""
    now, states = moving.now, {one.pk: one.state for one in moving.rows}
    floors = [_floor(one, now, by=by) for one in moving.rows]
    for one in moving.rows:
        drop_change(one, by=by, now=now)
        settle_late(one, "moved", by=by, now=now)
    # Each row steps aside first, so that two of them may change rooms or hands with one another.
    Appointment.objects.filter(pk__in=list(states)).update(state=State.EXPIRED)
    for number, one in enumerate(moving.rows):
        was = one.starts_at
        moving.settle(one, number)
        one.state, one.sequence, one.fee_floor_minor = states[one.pk], one.sequence + 1, floors[number]
        if again:
            one.late_at = None
            one.state = transition(State.ARRIVED, Event.LEAVE) if one.state == State.ARRIVED else one.state
        one.save()
        _tell_moved(one, was, moving.asked[number], by=by)
    return moving.outcome([one.pk for one in moving.rows], sum(floors), None, by=by)


def _ask_all(moving: Moving, *, by: Actor) -> GroupMove:
    """Too late to move them without being asked: all stay, and the new times are kept beside the old ones."""
    now, wish = moving.now, new_id()
    floors = [_floor(one, now, by=by) for one in moving.rows]
    waiting = Change.objects.filter(visit__in=moving.rows, state="waiting", answer_by__gt=now).select_related("hold")
    before = {one.visit_id: one for one in waiting}
    wanted = [(one.candidate.minute, one.candidate.therapist.id) for one in moving.found]
    kept = [before.get(one.pk) for one in moving.rows]
    same = [(minute_of(one.hold.starts_at), one.hold.therapist_id) if one else None for one in kept]
    if same != wanted:  # else it is a second press of the same button
        for one in moving.rows:
            drop_change(one, by=by, now=now)
        for number, one in enumerate(moving.rows):
            new = copy(one)
            new.pk, new.sequence, new.created_at, new.confirmed_at, new.answer_by = new_id(), 0, now, None, None
            new._state = ModelState()  # a row of its own, not the visit's again
            moving.settle(new, number)
            keep_change(one, new, moving.asked[number].practice, by=by, fee_floor=floors[number], now=now, wish=wish)
    mine = {one.visit_id: one for one in waiting.all()}
    until = min(one.answer_by for one in mine.values())
    return moving.outcome([mine[one.pk].hold_id for one in moving.rows], sum(floors), until, by=by)


class _PreviewError(Exception):
    """Carries what a move would give out of the transaction that is undone."""

    def __init__(self, move: GroupMove) -> None:
        self.move = move
        super().__init__("preview")


def _tell_moved(row: Appointment, was: datetime, question: Question, *, by: Actor) -> None:
    now = question.now
    messages.announce(visit(row.pk, by=system(row.practice_id)), question.practice, moved=True, now=now)
    audit.record(
        by=by,
        verb="visit.moved",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        was=was.isoformat(),
        starts_at=row.starts_at.isoformat(),
        therapist_id=row.therapist_id,
        override="",
    )
    events.tell(events.VisitNews("moved", row.practice_id, row.pk, row.state, now))
