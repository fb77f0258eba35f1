"""What happens to a group after it was booked: people join and answer for themselves, all move, one or all cancel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.booking import gate_event
from unknot.booking.actions.changing import drop_change
from unknot.booking.actions.diary import OverlapError, in_diary, lock_diary
from unknot.booking.actions.ending import CancelOutcome, call_off, fee_now
from unknot.booking.actions.groups import fresh_parts, locked_boards, lost, pick_together
from unknot.booking.actions.holding import Place, check_override, make_room, parse_start, settle
from unknot.booking.actions.moving import MOVABLE, NotMovableError
from unknot.booking.actions.refusals import NotFreeError
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.models import Appointment, Group, GroupVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Question
from unknot.booking.queries.entry import entry_for, parts_of
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.groups import GroupFacts, group, part_of_token
from unknot.booking.queries.together import Taking, question_to_move
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.zones import instant_of
from unknot.people import actions as people
from unknot.practice import queries as practices

OPEN = (State.REQUESTED, State.CONFIRMED, State.ARRIVED)


class GroupMoveLateError(ConflictError):
    """So close to the visit a move for all of you needs the practice's yes: please call. Nothing was changed."""

    code = "group-move-late"


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


def move_group(
    *,
    by: Actor,
    group_id: UUID,
    local_start: str,
    anybody: bool = False,
    preview: bool = False,
    override_reason: str = "",
    now: datetime,
) -> GroupFacts:
    """Moves every visit of a group that is still to come, together or not at all; same place, prices and terms.

    Therapists stay unless `anybody` will do. For who booked the group, outside the time in which a late move needs the
    practice's yes, and for staff. Raises NotFoundError, NotMovableError, GroupMoveLateError, SlotTakenError with starts
    that suit all, and what `hold_slot` raises about a start.
    """
    row = _managed(group_id, by)
    seen = _standing(row)
    practice = practices.practice(row.practice_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    freely = check_override(by, override_reason)
    wish = question_to_move(seen, practice, now=now, anybody=anybody, freely=freely)
    asked, ids = wish.each(first=wall.date(), last=wall.date()), wish.standing
    try:
        with in_diary():
            boards = locked_boards(asked, list(Appointment.objects.filter(pk__in=ids)))
            rows = [one.appointment for one in fresh_parts(row) if one.appointment_id in ids]
            _check_movable(rows, by=by, now=now)
            _move_all(rows, asked, pick_together(boards, starts_at, ids), local_start, by=by)
            found = group(row.pk, by=by)
            if preview:
                raise _PreviewError(found)
            return found
    except _PreviewError as shown:
        return shown.group
    except (NotFreeError, OverlapError) as error:
        raise lost(error, wish, starts_at) from error


def _standing(row: Group) -> list[VisitFacts]:
    """The visits of a group that can still move, in order. Raises NotMovableError if there is none."""
    parts = GroupVisit.objects.filter(group=row, appointment__state__in=MOVABLE).order_by("number")
    found = [visit(one, by=system(row.practice_id)) for one in parts.values_list("appointment_id", flat=True)]
    if not found:
        raise NotMovableError(extra={"state": "over"})
    return found


def _move_all(
    rows: Sequence[Appointment],
    asked: Sequence[Question],
    found: Sequence[Taking],
    local_start: str,
    *,
    by: Actor,
) -> None:
    now, states = asked[0].now, {one.pk: one.state for one in rows}
    # Each row steps aside first, so that two of them may change rooms or hands with one another.
    Appointment.objects.filter(pk__in=list(states)).update(state=State.EXPIRED)
    for one, question, taking in zip(rows, asked, found, strict=True):
        floor = 0 if is_desk(by) or states[one.pk] == State.REQUESTED else fee_now(one, now).amount.minor
        was, starts_at = one.starts_at, instant_of(taking.candidate.minute)
        where = Place(taking.candidate, taking.uses)
        settle(one, question, starts_at, local_start=local_start, found=where)
        make_room(where)
        one.state, one.sequence = states[one.pk], one.sequence + 1
        one.fee_floor_minor = max(floor, one.fee_floor_minor)
        drop_change(one, by=by, now=now)
        one.save()
        _tell_moved(one, was, question, by=by)


class _PreviewError(Exception):
    """Carries what a move would give out of the transaction that is undone."""

    def __init__(self, found: GroupFacts) -> None:
        self.group = found
        super().__init__("preview")


def _check_movable(rows: Sequence[Appointment], *, by: Actor, now: datetime) -> None:
    for one in rows:
        if one.state not in MOVABLE:
            raise NotMovableError(extra={"state": one.state})
        late = now >= one.starts_at - timedelta(hours=one.change_hours)
        if late and one.state == State.CONFIRMED and not is_desk(by):
            raise GroupMoveLateError


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
