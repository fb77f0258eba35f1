"""Late changes: a wish for another time that the practice accepts or declines, while the old time stays.

The new time is a hold of its own (`Appointment.moves` names the visit), under every constraint of the diary; only the
visit it belongs to may stand in its way. Whatever happens to either side, exactly one of the two times is left.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import in_diary, lock_visit
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.domain.limits import answer_by
from unknot.booking.models import Appointment, Change
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.changes import WAITING, ChangeFacts, change_of
from unknot.booking.queries.groups import hears_for_all, is_organiser
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

ANSWERS = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
TIME = (
    "therapist_id", "practitioner_id", "mode", "place_id", "room_id", "room_unit", "kit_units", "starts_at",
    "ends_at", "blocked", "buffer_before", "buffer_after", "local_start", "timezone", "zone_data",
)  # fmt: skip
"""What a hold and its visit exchange when a change is accepted."""


class ChangeOverError(ConflictError):
    """This change was answered, taken back or ran out meanwhile. Nothing was changed; see the visit as it is now."""

    code = "change-over"


class UnknownAnswerError(InvalidError):
    """A change is accepted, declined or withdrawn. Nothing was changed."""

    code = "unknown-answer"


def deadline(row: Appointment, then: datetime, practice: PracticeFacts, now: datetime) -> datetime:
    """Until when the practice may answer: its hours, and never past the old or the new start."""
    return answer_by(now, hours=practice.answer_hours, starts=[row.starts_at, then])


def keep_change(
    row: Appointment,
    new: Appointment,
    practice: PracticeFacts,
    *,
    by: Actor,
    fee_floor: int,
    now: datetime,
    wish: UUID | None = None,
) -> ChangeFacts:
    """Keeps `new` (unsaved, with its time settled) for the visit `row`, both locked. An earlier wish ends with it.

    `wish` names what several people who come at once ask for together.
    """
    same = _locked(row.pk).filter(
        visit_id=row.pk,
        state=WAITING,
        hold__starts_at=new.starts_at,
        hold__therapist_id=new.therapist_id,
        answer_by__gt=now,
    )
    if any(one.hold.place_id == new.place_id for one in same):  # a second press of the same button
        return _found(row)
    drop_change(row, by=by, now=now)
    until = deadline(row, new.starts_at, practice, now)
    new.state, new.moves_id, new.hold_hash, new.hold_expires_at = State.HELD, row.pk, "", until
    new.save(force_insert=True)
    made = Change.objects.create(
        practice_id=row.practice_id,
        visit_id=row.pk,
        hold_id=new.pk,
        wish=wish,
        fee_floor_minor=fee_floor,
        asked_at=now,
        answer_by=until,
    )
    _record(row, "asked", by=by, now=now, change_id=made.pk, starts_at=new.starts_at.isoformat())
    messages.alert_change(visit(row.pk, by=system(row.practice_id)), practice, change_id=made.pk, now=now)
    return _found(row)


def answer_change(*, by: Actor, appointment_id: UUID, change_id: UUID, answer: str, now: datetime) -> ChangeFacts:
    """The answer to a waiting change: staff `accept` or `decline`, its client may `withdraw` it. The same answer twice
    is one. Accepting moves the visit; else the visit stays as it was, and the new time is free again.

    The wish of several who come at once is answered for all of them, and withdrawn by whoever booked. Raises
    NotFoundError (also for a client who accepts), UnknownAnswerError, ChangeOverError, DiaryBusyError.
    """
    if answer not in ANSWERS:
        raise UnknownAnswerError(field="answer")
    asked = Change.objects.select_related("visit").filter(pk=change_id, visit_id=appointment_id).first()
    seen = list(_of_wish(asked).select_related("hold", "visit")) if asked else []
    sides = [row for one in seen for row in (one.hold, one.visit)]
    with in_diary():
        row = lock_visit(
            appointment_id,
            by=None if asked and _organises(by, asked) else by,
            practitioners=[one.practitioner_id for one in sides],
            rooms=[one.room_id for one in sides if one.room_id],
            kit=[piece for one in sides for piece in one.kit_units],
            clients=[one.client_id for one in sides],
        )
        if asked is None or not (is_desk(by) or (answer == "withdraw" and _organises(by, asked))):
            raise NotFoundError
        rows = {row.pk: row} | Appointment.objects.select_for_update().in_bulk([one.visit_id for one in seen])
        waiting = {one.pk: one for one in _locked(appointment_id) if one.pk in {each.pk for each in seen}}
        change = waiting[change_id]
        if change.state == ANSWERS[answer]:
            return _found(row)
        if change.state != WAITING or now >= change.answer_by:
            raise ChangeOverError(extra={"state": change.state})
        parts = [(rows[one.visit_id], one) for one in waiting.values() if one.state == WAITING]
        if any(visit_row.state not in _MOVES_WITH[one.wish is not None] for visit_row, one in parts):
            raise ChangeOverError(extra={"state": change.state})
        for visit_row, one in parts:
            if answer == "accept":
                _accept(visit_row, one, by=by, now=now)
            else:
                _end(visit_row, one, ANSWERS[answer], by=by, now=now)
        return _found(row)


_MOVES_WITH = {False: (State.CONFIRMED,), True: (State.CONFIRMED, State.REQUESTED)}
"""A single change is of a visit that is sure; of several who come at once, some may still have to answer."""


def _of_wish(change: Change) -> QuerySet[Change]:
    """The change with those of everybody whose wish it is too."""
    same = Change.objects.filter(wish=change.wish) if change.wish else Change.objects.filter(pk=change.pk)
    return same.order_by("id")


def _organises(by: Actor, change: Change) -> bool:
    """Whether the wish is this person's: their visit's, or that of a group which they booked."""
    if change.wish is None:
        return can_see_visit(by, client_id=change.visit.client_id, account_id=change.visit.account_id)
    return is_organiser(change.visit_id, by=by)


def _found(row: Appointment) -> ChangeFacts:
    found = change_of(row.pk, by=system(row.practice_id))
    assert found is not None  # noqa: S101 - whoever asks has just seen or made it
    return found


def _locked(visit_id: UUID) -> QuerySet[Change]:
    """The changes of a visit, and of those who wish the same together with it, with their holds, as they are now.
    Holds are locked first, as the clock does, which ends them without the diary's locks: the other way round the two
    would wait for each other."""
    wishes = Change.objects.filter(visit_id=visit_id, wish__isnull=False).values("wish")
    mine = Q(visit_id=visit_id) | Q(wish__in=wishes)
    held = Appointment.objects.filter(pk__in=Change.objects.filter(mine).values("hold_id"))
    list(held.order_by("pk").select_for_update().values_list("pk"))
    return Change.objects.filter(mine).select_related("hold").select_for_update(of=("self", "hold"))


def drop_change(row: Appointment, *, by: Actor, now: datetime, alone: bool = False) -> None:
    """Takes back what waits for a visit (locked): it is cancelled, moved otherwise, or has begun. Nobody is mailed.

    The wish of several who come at once ends for all of them, or with `alone` for this one only: the others still
    come together.
    """
    waiting = list(_locked(row.pk).filter(state=WAITING))
    own = {one.wish for one in waiting if one.visit_id == row.pk}
    for change in waiting:
        if change.visit_id == row.pk:
            _end(row, change, "withdrawn", by=by, now=now)
        elif not alone and change.wish in own:
            _end(Appointment.objects.get(pk=change.visit_id), change, "withdrawn", by=by, now=now)


def asked_at(row: Appointment) -> datetime | None:
    """Since when a change of this visit waits for the practice's answer."""
    return Change.objects.filter(visit_id=row.pk, state=WAITING).values_list("asked_at", flat=True).first()


def _accept(row: Appointment, change: Change, *, by: Actor, now: datetime) -> None:
    hold, was = change.hold, row.starts_at
    if hold.state != State.HELD:
        raise ChangeOverError
    _close(change, "accepted", by=by, now=now)
    for name in TIME:
        setattr(row, name, getattr(hold, name))
    row.sequence += 1
    row.fee_floor_minor = max(row.fee_floor_minor, change.fee_floor_minor)
    row.save()
    messages.announce(
        visit(row.pk, by=system(row.practice_id)), practices.practice(row.practice_id), moved=True, now=now
    )
    _record(row, "accepted", by=by, now=now, change_id=change.pk, was=was.isoformat(), starts_at=row.starts_at)
    events.tell(events.VisitNews("moved", row.practice_id, row.pk, row.state, now))


def _end(row: Appointment, change: Change, state: str, *, by: Actor, now: datetime) -> None:
    _close(change, state, by=by, now=now)
    _record(row, state, by=by, now=now, change_id=change.pk)
    if state == "declined" and (change.wish is None or hears_for_all(row.pk)):
        practice = practices.practice(row.practice_id)
        messages.tell_it_stays(visit(row.pk, by=system(row.practice_id)), practice, change_id=change.pk, now=now)


def _close(change: Change, state: str, *, by: Actor, now: datetime) -> None:
    hold = change.hold
    if hold.state == State.HELD:
        hold.state, hold.ended_at = transition(State.HELD, Event.EXPIRE), now
        hold.save(update_fields=["state", "ended_at"])
    change.state, change.answered_at, change.answered_by = state, now, by.account_id
    change.save(update_fields=["state", "answered_at", "answered_by"])


def _record(row: Appointment, verb: str, *, by: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        by=by,
        verb=f"change.{verb}",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        **facts,
    )
