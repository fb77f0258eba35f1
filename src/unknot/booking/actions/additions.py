"""Other additions for a visit that is booked: the same start, another length, price and perhaps another room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.availability import queries as availability
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import OverlapError, expire_stale, in_diary, lock_visit
from unknot.booking.actions.ending import RequestOverError
from unknot.booking.actions.holding import change_units, check_override, kit_of, rooms_of
from unknot.booking.actions.moving import MOVABLE, MoveTogetherError, NotMovableError
from unknot.booking.actions.refusals import NotFreeError, refused
from unknot.booking.domain.additions import Agreed, with_additions
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.parts import AddedTwiceError, TooMuchError, check_parts
from unknot.booking.domain.spans import blocked_span
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import Board, Question, fill, setting
from unknot.booking.queries.changes import waiting_on
from unknot.booking.queries.entry import entry_for, not_for_new
from unknot.booking.queries.facts import VisitFacts, visit_facts
from unknot.booking.queries.groups import comes_with_others
from unknot.booking.queries.menu import check_there
from unknot.booking.queries.pools import Found, ways
from unknot.booking.queries.reasons import at, refusal
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError
from unknot.kernel.money import Money
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts, ServiceFacts

WIDE = 366
"""Days ahead: a visit that is booked already is not asked for notice and horizon again when staff change it."""


class AskDeskError(ConflictError):
    """That can't be changed online any more. Nothing was changed; call the practice."""

    code = "ask-desk"


class ChangeWaitsError(ConflictError):
    """Another time for this visit waits for an answer. Nothing was changed; answer that first."""

    code = "change-waits"


class SeenOtherwiseError(ConflictError):
    """The visit changed after you opened the page. Nothing was changed; look at it again."""

    code = "seen-otherwise"


@dataclass(frozen=True)
class AdditionsOutcome:
    """The visit with its new additions (with `preview`: as it would be), and its price before."""

    visit: VisitFacts
    was: VisitFacts
    before: Money


def change_additions(
    *,
    by: Actor,
    appointment_id: UUID,
    add: Sequence[str],
    now: datetime,
    preview: bool = False,
    sequence: int | None = None,
    override_reason: str = "",
) -> AdditionsOutcome:
    """Leaves exactly the additions `add` (slugs) in a visit. Its start, therapist and place stay; length, buffers,
    room, kit and the day's limits are asked of the diary again. All or nothing; nothing to change changes nothing.

    Clients may until the change window (`change_hours`) begins; staff until it starts. `sequence`: the visit's when it
    was looked at. `override_reason` (staff) sets limits of the day aside. Raises NotFoundError, NotMovableError,
    AskDeskError, MoveTogetherError, ChangeWaitsError, SeenOtherwiseError, NotForNewError, UnknownServiceError,
    AddedTwiceError, TooMuchError, NotThereError, StaffOnlyError, and what `hold_slot` raises about a start.
    """
    freely = check_override(by, override_reason)
    seen = visit(appointment_id, by=by)
    main, added = _chosen(seen, add)
    check_there(added, at_home=seen.mode == "home")
    practice = practices.practice(seen.practice_id)
    then = with_additions(_agreed(seen), main, added)
    if then.minutes > 480:
        raise TooMuchError(field="add")
    question = _question(seen, practice, main, added, then, by=by, freely=freely, now=now)
    try:
        with in_diary():
            board = setting(question)
            row = lock_visit(
                seen.id,
                by=by,
                practitioners=[one.account_id for one in board.team],
                rooms=rooms_of(board),
                kit=kit_of(board),
            )
            _may(row, seen, question, by=by, sequence=sequence)
            if {one.service_id for one in then.parts[1:]} == {one.service_id for one in seen.added}:
                return AdditionsOutcome(seen, seen, seen.price)
            uses = None if _only_less(seen, then, question, row) else _uses(board, row)
            return _write(row, seen, then, uses, question, by=by, preview=preview, reason=override_reason)
    except NotFreeError as error:
        raise refused(error.reason.code, question, seen.starts_at) from error
    except OverlapError as error:
        raise refused("taken", question, seen.starts_at) from error


def _chosen(seen: VisitFacts, add: Sequence[str]) -> tuple[ServiceFacts, tuple[ServiceFacts, ...]]:
    """The massage and the wanted additions by today's menu; additions that are in it may have left the menu since."""
    wanted = list(add)
    if len(set(wanted)) < len(wanted):
        raise AddedTwiceError(field="add")
    known = practices.services_at(wanted)
    had = practices.services_of(one.service_id for one in seen.added)
    known |= {one.slug: one for one in had.values() if one.slug in wanted}
    if any(slug not in known or not known[slug].addon for slug in wanted):
        raise practices.UnknownServiceError("This practice has no such addition. Leave it out.", field="add")
    added = tuple(sorted((known[slug] for slug in wanted), key=lambda one: wanted.index(one.slug)))
    check_parts(seen.service, added)
    return seen.service, added


def _agreed(seen: VisitFacts) -> Agreed:
    return Agreed(seen.parts, seen.minutes, seen.price, seen.buffer_before, seen.buffer_after)


def _question(
    seen: VisitFacts,
    practice: PracticeFacts,
    main: ServiceFacts,
    added: tuple[ServiceFacts, ...],
    then: Agreed,
    *,
    by: Actor,
    freely: bool,
    now: datetime,
) -> Question:
    """What the longer visit asks of the diary. It stands where it stands: no grid, and for staff no notice."""
    practice = replace(practice, grid_minutes=5)
    if is_desk(by):
        practice = replace(practice, notice_minutes=0, horizon_days=WIDE)
    wall = datetime.fromisoformat(seen.local_start).date()
    question = question_of(
        seen, practice, first=wall, last=wall, now=now, therapist_slug=seen.therapist_slug, freely=freely
    )
    return replace(question, service=main, extras=added, length=(then.minutes, then.before, then.after))


def _may(row: Appointment, seen: VisitFacts, question: Question, *, by: Actor, sequence: int | None) -> None:
    """Raises what `change_additions` says about who may, and when."""
    now = question.now
    if (row.sequence, row.starts_at) != (seen.sequence, seen.starts_at) or sequence not in (None, row.sequence):
        raise SeenOtherwiseError
    if row.state not in MOVABLE or row.starts_at <= now:
        raise NotMovableError(
            "What is added to this visit can't be changed as it stands. Nothing was changed.",
            extra={"state": row.state},
        )
    if row.state == State.REQUESTED and (row.answer_by or row.starts_at) <= now:
        raise RequestOverError
    if waiting_on([row.pk]):
        raise ChangeWaitsError
    if is_desk(by):
        return
    if comes_with_others(row.pk):
        raise MoveTogetherError
    late = row.late_at is None and now >= row.starts_at - timedelta(hours=row.change_hours)
    new = tuple(one for one in question.extras if one.id not in {part.service_id for part in seen.added})
    way_in = entry_for(by, new, client_id=row.client_id)
    if way_in == "closed":
        raise not_for_new(new[0])
    if late or way_in == "ask":
        raise AskDeskError


def _only_less(seen: VisitFacts, then: Agreed, question: Question, row: Appointment) -> bool:
    """Whether the visit needs nothing that it has not got already."""
    smaller = then.minutes <= seen.minutes and then.before <= seen.buffer_before and then.after <= seen.buffer_after
    return smaller and len(question.kit_kinds) <= len(row.kit_units) and _kept_kit(question, seen, row) is not None


def _kept_kit(question: Question, seen: VisitFacts, row: Appointment) -> list[int] | None:
    """The pieces of kit that it keeps, one of each kind; None if one is missing."""
    kinds = {piece.id: piece.kind for piece in practices.kit(question.kit_kinds)} if question.kit_kinds else {}
    kept = [unit for unit in row.kit_units if kinds.get(unit) in question.kit_kinds]
    return kept if {kinds[unit] for unit in kept} == set(question.kit_kinds) else None


def _uses(board: Board, row: Appointment) -> Found:
    """Its own room if that can be, else another that fits. Raises NotFreeError."""
    question = board.question
    expire_stale(now=question.now)
    board.opening = availability.opening([one.id for one in board.team], first=question.first, last=question.last)
    fill(board)
    for one in at(board, row.starts_at):
        found = list(ways(board, one.place, row.starts_at))
        if found:
            return next((way for way in found if way.room and way.room.id == row.room_id), found[0])
    raise NotFreeError(refusal(board, row.starts_at))


def _write(
    row: Appointment,
    seen: VisitFacts,
    then: Agreed,
    uses: Found | None,
    question: Question,
    *,
    by: Actor,
    preview: bool,
    reason: str,
) -> AdditionsOutcome:
    row.ends_at = row.starts_at + timedelta(minutes=then.minutes)
    row.buffer_before, row.buffer_after = then.before, then.after
    span = blocked_span(
        row.starts_at,
        then.minutes,
        before=then.before,
        after=then.after,
        buffer_rule=question.practice.buffer_rule,
    )
    row.blocked = DateTimeTZRange(*span)
    row.parts = [one.as_row() for one in then.parts]
    row.price_minor = then.price.minor
    if uses is None:
        row.kit_units = _kept_kit(question, seen, row) or []
    else:
        row.room = None
        row.room_id = uses.room.id if uses.room else None
        row.room_unit, row.kit_units = uses.room_unit, list(uses.kit_units)
    row.sequence += 1
    if preview:
        return AdditionsOutcome(visit_facts(row), seen, seen.price)
    if uses is not None:
        change_units(uses)
    row.override_reason = reason.strip() or row.override_reason
    row.save()
    found = visit(row.pk, by=system(row.practice_id))
    messages.announce(found, question.practice, changed=True, now=question.now)
    audit.record(
        by=by,
        verb="visit.additions-changed",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=question.now,
        additions=len(then.parts) - 1,
        minutes=then.minutes,
        price_minor=then.price.minor,
        override="limits" if question.freely else "",
    )
    events.tell(events.VisitNews("changed", row.practice_id, row.pk, row.state, question.now))
    return AdditionsOutcome(found, seen, seen.price)
