"""Start, move through and end a session."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import actions as booking
from unknot.booking.queries import VisitFacts
from unknot.db.locks import lock_all
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.ids import digest, new_id
from unknot.outcomes import actions as outcomes
from unknot.treatment import domain
from unknot.treatment.actions.follow_up import follow_up
from unknot.treatment.models import Note, Plan, SegmentDone, Session
from unknot.treatment.queries.history import history_of
from unknot.treatment.queries.limits import limits_of
from unknot.treatment.queries.plans import latest, request_of
from unknot.treatment.queries.sessions import SessionFacts, join_code, session_by_id
from unknot.treatment.queries.visits import treated_visit
from unknot.treatment.queries.workspace import fresh_note

ENDED_BY = ("plan", "client", "therapist")


class PlanNotAgreedError(ConflictError):
    """The client has not agreed to this plan yet. Go through it together first; the session was not started."""

    code = "plan-not-agreed"


class TakenBackError(ConflictError):
    """The client took back their yes to this. It was not begun; the session goes on with what is still agreed."""

    code = "taken-back"


class PlanOutdatedError(ConflictError):
    """Limits or consents became stricter since this plan was made. The session was not started; make the plan anew."""

    code = "plan-outdated"


def start_session(*, by: Actor, appointment_id: UUID, pain: int | None = None, now: datetime) -> UUID:
    """Starts the clock: the visit is in session, its first part runs, the client's phone can join. Returns the
    session's id; starting again returns the same. `pain` is the client's rating now, 0-10.

    For the treating therapist. Raises NotFoundError, PlanNotAgreedError, PlanOutdatedError, TakenBackError if the
    client took back the treatment itself after agreeing to the plan, the diary's LifecycleError.
    """
    visit = treated_visit(appointment_id, by=by)
    lock_all("treatment", [appointment_id])
    running = Session.objects.filter(appointment_id=appointment_id).values_list("pk", flat=True).first()
    if running is not None:
        return UUID(str(running))
    row = latest(visit)
    if row is None or row.agreed_at is None:
        raise PlanNotAgreedError
    plan = domain.plan_from_data(row.content)
    if domain.stricter_in(_request(visit, by=by), plan.request):
        raise PlanOutdatedError
    if visit.client_id is None:
        raise NotFoundError
    back = intake.standing(visit.client_id, appointment_id).taken_back_at
    if back is not None and back > row.agreed_at:
        raise TakenBackError(
            "The client took back their agreement to the treatment. The session was not started; talk with them, and "
            "agree on the plan anew if they wish it."
        )
    booking.mark(by=by, appointment_id=appointment_id, event="start", now=now)
    session = _begin(visit, row, plan, now)
    if pain is not None:
        _rate(visit, pain, context="before", by=by, now=now)
    audit.record(
        by=by,
        verb="session.started",
        subject="session",
        subject_id=session.pk,
        client_id=visit.client_id,
        now=now,
        plan_version=row.version,
    )
    return UUID(str(session.pk))


def move_to_segment(*, by: Actor, session_id: UUID, leave: str, key: str, now: datetime) -> None:
    """Ends the part `leave` and begins the part `key`. A repeated or late request, sent when another part is under way
    already, changes nothing. Raises NotFoundError, ConflictError when the session is over, TakenBackError for a part
    that the client no longer agrees to."""
    session = _held(session_id, by=by)
    if not session.is_running:
        raise ConflictError("This session is over. Nothing was changed.")
    if session.part != leave:
        return
    if session.stopped_at is not None or session.plan.segment(key).region in session.dropped:
        raise TakenBackError
    SegmentDone.objects.filter(session_id=session_id, ended_at=None).update(ended_at=now)
    open_part(session.practice_id, session_id, session.plan, key, now)


def end_session(
    *, by: Actor, session_id: UUID, ended_by: str, words: str = "", pain: int | None = None, now: datetime
) -> None:
    """Ends the session: the visit is completed; note draft, aftercare sheet and check-ins come from what was done.

    `ended_by` plan, client or therapist; `words` the reason of an early end; `pain` the client's rating now, 0-10.
    Ending twice is ending once. Raises NotFoundError, InvalidError.
    """
    session = _held(session_id, by=by)
    if ended_by not in ENDED_BY:
        raise InvalidError("Choose how the session ended. It is still running.", field="ended_by")
    if not session.is_running:
        return
    visit = treated_visit(session.appointment_id, by=by)
    SegmentDone.objects.filter(session_id=session_id, ended_at=None).update(ended_at=now)
    row = Session.objects.get(pk=session_id)
    row.ended_at, row.ended_by, row.end_reason = now, ended_by, words.strip() or None
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    booking.mark(by=by, appointment_id=visit.id, event="complete", now=now)
    over = session_by_id(session_id)
    if not Note.objects.filter(appointment_id=visit.id).exists():
        _draft(visit, over, by=by, now=now)
    if pain is not None:
        _rate(visit, pain, context="in_room", by=by, now=now)
    follow_up(visit, over.done(now), ended_at=now, by=by, now=now)
    audit.record(
        by=by,
        verb="session.ended",
        subject="session",
        subject_id=session_id,
        client_id=visit.client_id,
        now=now,
        ended_by=ended_by,
    )


def _held(session_id: UUID, *, by: Actor) -> SessionFacts:
    """The session under its lock, for the one who treats."""
    Session.objects.select_for_update(no_key=True, of=("self",)).filter(pk=session_id).first()
    session = session_by_id(session_id)
    treated_visit(session.appointment_id, by=by)
    return session


def _begin(visit: VisitFacts, row: Plan, plan: domain.Plan, now: datetime) -> Session:
    session_id = new_id()
    session = Session(
        id=session_id,
        practice_id=visit.practice_id,
        appointment_id=visit.id,
        plan=row,
        join_hash=digest(join_code(session_id)),
        started_at=now,
    )
    session.save(force_insert=True)
    open_part(visit.practice_id, session_id, plan, plan.segments[0].key, now)
    return session


def open_part(practice_id: UUID, session_id: UUID, plan: domain.Plan, key: str, now: datetime) -> None:
    """Begins a part. For this room's actions, under the lock on the session."""
    SegmentDone.objects.create(
        practice_id=practice_id,
        session_id=session_id,
        key=key,
        content={"walton": plan.segment(key).walton_max},
        started_at=now,
    )


def _draft(visit: VisitFacts, session: SessionFacts, *, by: Actor, now: datetime) -> None:
    if by.account_id is None:
        raise NotFoundError
    Note.objects.create(
        practice_id=visit.practice_id,
        appointment_id=visit.id,
        client_id=visit.client_id,
        author_id=by.account_id,
        content=domain.as_data(fresh_note(visit, session, by=by, now=now)),
        version=1,
        saved_at=now,
    )


def _rate(visit: VisitFacts, pain: int, *, context: str, by: Actor, now: datetime) -> None:
    if visit.client_id is None:
        raise NotFoundError
    outcomes.record_measure(
        by=by,
        client_id=visit.client_id,
        instrument="nprs",
        value=pain,
        window="now",
        context=context,
        taken_at=now,
        appointment_id=visit.id,
        now=now,
    )


def _request(visit: VisitFacts, *, by: Actor) -> domain.PlanRequest:
    return request_of(visit, limits_of(visit, by=by), history_of(visit, by=by))
