"""The end of a session: said by the therapist, also later from a screen without a line, or by the client's phone."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import actions as booking
from unknot.booking import queries as diary
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.ids import new_id
from unknot.treatment import domain
from unknot.treatment.actions.follow_up import follow_up, rate
from unknot.treatment.actions.sessions import held
from unknot.treatment.models import ComfortEvent, Note, SegmentDone, Session
from unknot.treatment.queries.sessions import SessionFacts, session_by_id
from unknot.treatment.queries.visits import treated_visit
from unknot.treatment.queries.workspace import can_tap, fresh_note

ENDED_BY = ("plan", "client", "therapist")


def end_session(
    *,
    by: Actor,
    session_id: UUID,
    ended_by: str,
    words: str = "",
    pain: int | None = None,
    ended_at: datetime | None = None,
    now: datetime,
) -> None:
    """Ends the session: the visit is completed; note draft, aftercare sheet and check-ins come from what was done.

    `ended_by` plan, client or therapist; `words` the reason of an early end; `pain` the client's rating now, 0-10;
    `ended_at` when it really ended, if the news waited for a line (never before the open part began). Ending twice is
    ending once. Raises NotFoundError, InvalidError.
    """
    session = held(session_id, by=by)
    if ended_by not in ENDED_BY:
        raise InvalidError("Choose how the session ended. It is still running.", field="ended_by")
    if not session.is_running:
        return
    visit = treated_visit(session.appointment_id, by=by)
    at = min(now, max([ended_at or now, *(span.started_at for span in session.spans)]))
    over = _close(session, ended_by, words, at=at)
    _finish(visit, over, at=at, by=by, now=now)
    if pain is not None:
        rate(visit, pain, context="in_room", by=by, taken_at=at, now=now)
    _record(over, visit, by=by, now=now)


def end_by_client(*, by: Actor, session_id: UUID, words: str = "", joined: UUID | None = None, now: datetime) -> None:
    """The client ends the session from their phone: a stop and the end of it, with the reason if they gave one.

    Everything that follows a session is made as when the therapist ends it.

    `joined` as in `tap`. Ending twice is ending once. Raises NotFoundError.
    """
    if not can_tap(session_id, by=by, joined=joined):
        raise NotFoundError
    Session.objects.select_for_update(no_key=True, of=("self",)).get(pk=session_id)
    session = session_by_id(session_id)
    if not session.is_running:
        return
    ComfortEvent.objects.create(
        practice_id=session.practice_id, session_id=session_id, tap_id=new_id(), signal="stop", received_at=now
    )
    over = _close(session, "client", words, at=now)
    unasked = system(session.practice_id)  # the follow-up reads limits and history, which the client's phone may not
    visit = diary.visit(session.appointment_id, by=unasked)
    _finish(visit, over, at=now, by=unasked, now=now)
    _record(over, visit, by=by, now=now)


def _close(session: SessionFacts, ended_by: str, words: str, *, at: datetime) -> SessionFacts:
    SegmentDone.objects.filter(session_id=session.id, ended_at=None).update(ended_at=at)
    row = Session.objects.get(pk=session.id)
    row.ended_at, row.ended_by, row.end_reason = at, ended_by, words.strip() or None
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    return session_by_id(session.id)


def _finish(visit: VisitFacts, over: SessionFacts, *, at: datetime, by: Actor, now: datetime) -> None:
    booking.mark(by=by, appointment_id=visit.id, event="complete", now=now)
    if not Note.objects.filter(appointment_id=visit.id).exists():
        Note.objects.create(
            practice_id=visit.practice_id,
            appointment_id=visit.id,
            client_id=visit.client_id,
            author_id=visit.practitioner_id,
            content=domain.as_data(fresh_note(visit, over, by=by, now=now)),
            version=1,
            saved_at=now,
        )
    follow_up(visit, over.done(at), ended_at=at, by=by, now=now)


def _record(over: SessionFacts, visit: VisitFacts, *, by: Actor, now: datetime) -> None:
    audit.record(
        by=by,
        verb="session.ended",
        subject="session",
        subject_id=over.id,
        client_id=visit.client_id,
        now=now,
        ended_by=over.ended_by,
    )
