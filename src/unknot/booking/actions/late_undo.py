"""A wrong tap is taken back: everybody stands where they stood before it, as long as nobody has answered."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import OverlapError, in_diary, lock_diary
from unknot.booking.domain.lifecycle import State
from unknot.booking.models import Appointment, Delay, LateVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import load
from unknot.booking.queries.late import ANSWERABLE, DelayFacts, delay, still_in_time
from unknot.booking.queries.reasons import at, refusal
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.zones import local, zone_data_version
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

UNDONE = "undone"
GIVEN_AWAY = frozenset({"taken", "their-buffer", "own-buffer", "no-room", "no-kit", "unreachable"})
"""Why a start can't be had when others have come in between. Hours, grid and notice were settled at booking."""


class LateUndoError(ConflictError):
    """This can't be taken back any more. Nothing was changed; move the visits one by one instead."""

    code = "late-undo"


WHY = {
    "answered": "Somebody has answered already, or their visit has changed. Nothing was taken back; move the others by "
    "hand.",
    "newer": "The day was planned anew since. Take that back first.",
    "passed": "A time that was agreed has passed by now. Nothing was taken back; move the others by hand.",
    "given-away": "One of the times was given to somebody else since. Nothing was taken back; move the others by hand.",
}


def undo_late(*, by: Actor, delay_id: UUID, now: datetime) -> DelayFacts:
    """Takes a delay back: every visit goes to where it stood before it, at its table, and its lateness is forgotten.

    All or nothing, while nobody has answered, no visit has changed, no newer delay of the therapist stands and no
    agreed time has passed (or the tap is not five minutes old). Whoever was told hears that their time stands; whoever
    had not been told yet hears nothing. What an earlier delay said counts again. Twice is once. Staff only, else
    NotFoundError. Raises LateUndoError, DiaryBusyError.
    """
    seen = Delay.objects.select_related("therapist").filter(pk=delay_id).first() if is_desk(by) else None
    if seen is None:
        raise NotFoundError
    practice, rooms = practices.practice(seen.practice_id), practices.rooms()
    visits = list(Appointment.objects.filter(pk__in=_of(delay_id).values("visit_id")))
    try:
        with in_diary():
            lock_diary(
                practitioners={seen.therapist.account_id, *(one.practitioner_id for one in visits)},
                rooms=[one.id for one in rooms],
                kit={unit for one in visits for unit in one.kit_units},
                clients={one.client_id for one in visits},
            )
            row = Delay.objects.select_for_update(of=("self",)).get(pk=delay_id)
            if row.undone_at is None:
                parts = list(_of(delay_id).select_related("visit").order_by("stood_at", "id"))
                _check(row, parts, now)
                _put_back(row, parts, practice, by=by, now=now)
    except OverlapError as error:
        raise _refused("given-away") from error
    return delay(delay_id, by=by)


def _of(delay_id: UUID) -> Any:
    return LateVisit.objects.filter(delay_id=delay_id)


def _refused(reason: str) -> LateUndoError:
    return LateUndoError(WHY[reason], extra={"reason": reason})


def _check(row: Delay, parts: list[LateVisit], now: datetime) -> None:
    """Raises LateUndoError."""
    newer = Delay.objects.filter(
        therapist_id=row.therapist_id, day=row.day, undone_at=None, told_at__gte=row.told_at
    ).exclude(pk=row.pk)
    if newer.exists():
        raise _refused("newer")
    for one in parts:
        if one.answer or one.visit.sequence != one.sequence or one.visit.state not in ANSWERABLE:
            raise _refused("answered")
        if not still_in_time(one, told_at=row.told_at, now=now):
            raise _refused("passed")


def _put_back(row: Delay, parts: list[LateVisit], practice: PracticeFacts, *, by: Actor, now: datetime) -> None:
    """Each steps aside before all go back, so that those who came together may change tables with one another."""
    moved = [one.visit_id for one in parts if one.starts_at is not None]
    Appointment.objects.filter(pk__in=moved).update(state=State.EXPIRED)
    for one in parts:
        _restore(one, by=by, now=now)
    for one in parts:
        if one.starts_at is not None:
            _check_place(one, practice, now)
    row.undone_at, row.undone_by = now, by.account_id
    row.save(update_fields=["undone_at", "undone_by"])
    for one in parts:
        _tell(one, _earlier_counts_again(one), practice, now=now)
    audit.record(
        by=by,
        verb="diary.late_undone",
        subject="therapist",
        subject_id=row.therapist_id,
        now=now,
        minutes=row.minutes,
        visits=len(parts),
    )


def _restore(part: LateVisit, *, by: Actor, now: datetime) -> None:
    visit_row = part.visit
    if part.starts_at is not None and part.stood_at is not None:
        back = part.stood_at - visit_row.starts_at
        visit_row.starts_at, visit_row.ends_at = part.stood_at, visit_row.ends_at + back
        visit_row.blocked = DateTimeTZRange(visit_row.blocked.lower + back, visit_row.blocked.upper + back)
        visit_row.local_start = f"{local(part.stood_at, visit_row.timezone):%Y-%m-%dT%H:%M}"
        visit_row.zone_data = zone_data_version()
        visit_row.room_id, visit_row.room_unit = part.stood_in_id, part.stood_unit
    visit_row.sequence += 1
    if not _superseded(part).exists():
        visit_row.late_at = None
    visit_row.save()
    part.answer, part.answered_at, part.answered_by = UNDONE, now, by.account_id
    part.save(update_fields=["answer", "answered_at", "answered_by"])


def _check_place(part: LateVisit, practice: PracticeFacts, now: datetime) -> None:
    """The judge of every booking looks at the visit where it stands again: buffers, drives, tables, kit."""
    seen = visit(part.visit_id, by=system(practice.id))
    day = date.fromisoformat(seen.local_start[:10])
    before = min(now, seen.starts_at)  # a moment after its start it still goes back
    board = load(
        question_of(seen, practice, first=day, last=day, now=before, therapist_slug=seen.therapist_slug, freely=True)
    )
    if not at(board, seen.starts_at) and refusal(board, seen.starts_at).code in GIVEN_AWAY:
        raise _refused("given-away")


def _superseded(part: LateVisit) -> Any:
    """What an earlier delay, not taken back, had said to the same client, latest first."""
    rows = LateVisit.objects.filter(visit_id=part.visit_id, answer="superseded", delay__undone_at=None)
    return rows.exclude(pk=part.pk).order_by("-delay__told_at", "-id")


def _earlier_counts_again(part: LateVisit) -> LateVisit | None:
    before: LateVisit | None = _superseded(part).first()
    if before is not None:
        before.answer, before.answered_at, before.sequence = "", None, part.visit.sequence
        before.save(update_fields=["answer", "answered_at", "sequence"])
    return before


def _tell(part: LateVisit, before: LateVisit | None, practice: PracticeFacts, *, now: datetime) -> None:
    found = visit(part.visit_id, by=system(practice.id))
    if before is not None:
        messages.tell_late(found, practice, late_id=before.pk, placed=before.starts_at is not None, now=now)
    else:
        messages.tell_on_time(found, practice, now=now)
    events.tell(events.VisitNews("moved", practice.id, found.id, found.state, now))
