"""One answer to our lateness for everybody who comes together: all stay, all move, or all are called off.

Every lock of everybody is taken first, in the one order; whoever was seen to come and does not any more, or has begun
meanwhile, makes the answer a stale one.
"""

from collections.abc import Sequence
from datetime import datetime

from unknot.booking.actions.diary import OverlapError, in_diary, lock_diary
from unknot.booking.actions.ending import call_off
from unknot.booking.actions.group_changes import Moving, move_all
from unknot.booking.actions.groups import locked_boards, lost, pick_together
from unknot.booking.actions.holding import parse_start
from unknot.booking.actions.late_marks import StaleAnswerError, settle_late
from unknot.booking.actions.refusals import NotFreeError
from unknot.booking.domain.late_options import KEEP
from unknot.booking.models import Appointment, Group
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.groups import groups_of
from unknot.booking.queries.late import ANSWERABLE
from unknot.booking.queries.together import question_to_move
from unknot.kernel.actors import Actor
from unknot.practice import queries as practices


def move_party(*, by: Actor, seen: Sequence[VisitFacts], local_start: str, again: bool, now: datetime) -> None:
    """Moves all of these visits (those of `late_party`) because we are late, or none: same place, hands and prices,
    nothing charged. `again`: they go to another day, where their own terms hold.

    Raises StaleAnswerError, SlotTakenError with starts that suit all, DiaryBusyError.
    """
    practice = practices.practice(seen[0].practice_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    wish = question_to_move(seen, practice, now=now, freely=True)
    asked, ids = wish.each(first=wall.date(), last=wall.date()), wish.standing
    try:
        with in_diary():
            boards = locked_boards(asked, list(Appointment.objects.filter(pk__in=ids)))
            rows = _fresh(seen)
            found = pick_together(boards, starts_at, ids)
            group = Group.objects.get(pk=groups_of(ids)[ids[0]])
            move_all(Moving(group, rows, asked, found, local_start), by=by, again=again)
    except (NotFreeError, OverlapError) as error:
        raise lost(error, wish, starts_at) from error


def keep_party(*, by: Actor, seen: Sequence[VisitFacts], now: datetime) -> None:
    """The new time is fine for all of them. Raises StaleAnswerError, DiaryBusyError."""
    with in_diary():
        for row in _locked(seen):
            settle_late(row, KEEP, by=by, now=now)


def cancel_party(*, by: Actor, seen: Sequence[VisitFacts], now: datetime) -> None:
    """Calls all of them off, free of charge; each is told. Raises StaleAnswerError, DiaryBusyError, VisitOverError."""
    with in_diary():
        for row in _locked(seen):
            call_off(row, by=by, now=now)


def _locked(seen: Sequence[VisitFacts]) -> list[Appointment]:
    rows = list(Appointment.objects.filter(pk__in=[one.id for one in seen]))
    lock_diary(
        practitioners=[one.practitioner_id for one in rows],
        rooms=[one.room_id for one in rows if one.room_id],
        kit=[piece for one in rows for piece in one.kit_units],
        clients=[one.client_id for one in rows],
    )
    return _fresh(seen)


def _fresh(seen: Sequence[VisitFacts]) -> list[Appointment]:
    """Their rows, locked, in the same order, and as they were seen."""
    rows = Appointment.objects.select_for_update().filter(pk__in=[one.id for one in seen]).order_by("pk")
    found = {row.pk: row for row in rows}
    for one in seen:
        row = found[one.id]
        if row.state not in ANSWERABLE or (row.state, row.sequence) != (one.state, one.sequence):
            raise StaleAnswerError
    return [found[one.id] for one in seen]
