"""A client's answer to our lateness: applied under the diary's locks, so that any mix in any order leaves it sound."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import in_diary, lock_visit
from unknot.booking.actions.ending import cancel
from unknot.booking.actions.late_marks import StaleAnswerError, check_sequence, settle_late
from unknot.booking.actions.late_together import cancel_party, keep_party, move_party
from unknot.booking.actions.moving import Owed, move_for_us
from unknot.booking.domain.late_options import ALL, CANCEL, CANCEL_ALL, DAY, KEEP, MOVES, SHORTER, Option
from unknot.booking.models import Appointment, LateVisit
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.late import LateFacts, late_options, late_party, late_visit, whom
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError
from unknot.kernel.money import Money, share
from unknot.practice import queries as practices


class AnsweredError(ConflictError):
    """This was answered before, or the visit has begun. Nothing was changed; the visit's own page shows how it is."""

    code = "answered"


def answer_late(*, by: Actor, late_id: UUID, choice: str, now: datetime) -> LateFacts:
    """Gives the client what they chose, free of charge. `choice` is the key of an option of `queries.late_options`.

    Of visits at once, the answer of whoever booked counts for all of them, whom it moves or calls off as one; the
    others may only give up their own. Everything is asked again under the locks. The same answer twice is one. Raises
    NotFoundError, AnsweredError, StaleAnswerError (the choice is not there any more: show fresh ones),
    SlotTakenError, DiaryBusyError.
    """
    late = late_visit(late_id, by=by)
    kind = choice.partition(":")[0]
    if late.answer and late.answer == kind:
        return late
    if not late.is_open(now):
        raise AnsweredError
    option = next((one for one in late_options(late, now=now) if one.key == choice), None)
    if option is None:
        raise StaleAnswerError
    with in_diary():
        _apply(late, option, by=by, now=now)
        done = LateVisit.objects.filter(pk=late_id)
        done.update(answer=kind, answered_at=now, answered_by=by.account_id)
        audit.record(
            by=by,
            verb="late.answered",
            subject="appointment",
            subject_id=late.visit.id,
            client_id=late.visit.client_id,
            now=now,
            answer=kind,
        )
    return late_visit(late_id, by=by)


def _apply(late: LateFacts, option: Option, *, by: Actor, now: datetime) -> None:
    visit_id, party = late.visit.id, late_party(late.visit)
    if whom(late, party) == ALL and option.kind != CANCEL:
        _for_all(party, option, by=by, now=now)
    elif option.kind in MOVES:
        therapist, place, local_start = (*option.key.partition(":")[2].split("|"), "", "")[:3]
        move_for_us(
            by=by,
            seen=late.visit,
            therapist_slug=therapist,
            place_slug=place,
            local_start=local_start,
            owed=Owed(late.sequence, again=option.kind == DAY),
            now=now,
        )
    elif option.kind == CANCEL:
        cancel(by=by, appointment_id=visit_id, now=now, sequence=late.sequence)
    else:
        row = lock_visit(visit_id, by=by)
        check_sequence(row, late.sequence)
        settle_late(row, KEEP, by=by, now=now)
        if option.kind == SHORTER:
            _shorten(row, option.minutes, by=by, now=now)


def _for_all(party: Sequence[VisitFacts], option: Option, *, by: Actor, now: datetime) -> None:
    if option.kind in MOVES:
        local_start = option.key.rpartition("|")[2]
        move_party(by=by, seen=party, local_start=local_start, again=option.kind == DAY, now=now)
    elif option.kind == CANCEL_ALL:
        cancel_party(by=by, seen=party, now=now)
    else:
        keep_party(by=by, seen=party, now=now)


def _shorten(row: Appointment, minutes: int, *, by: Actor, now: datetime) -> None:
    """Ends as agreed, and costs its share of the price. What it gives back of its time stays inside what it had."""
    whole = int((row.ends_at - row.starts_at).total_seconds()) // 60
    less = row.ends_at - (row.starts_at + timedelta(minutes=minutes))
    row.ends_at -= less
    row.blocked = DateTimeTZRange(row.blocked.lower, row.blocked.upper - less)
    row.price_minor = share(Money(row.price_minor, row.currency), rate_ppm=minutes * 1_000_000 // whole).minor
    row.sequence += 1
    row.save(update_fields=["ends_at", "blocked", "price_minor", "sequence"])
    found = visit(row.pk, by=system(row.practice_id))
    messages.announce(found, practices.practice(row.practice_id), moved=True, now=now)
    events.tell(events.VisitNews("moved", row.practice_id, row.pk, row.state, now))
    del by
