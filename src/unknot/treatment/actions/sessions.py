"""Start a session and move through its parts."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import actions as booking
from unknot.booking.queries import VisitFacts
from unknot.db.locks import lock_all
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.ids import digest, new_id
from unknot.treatment import domain
from unknot.treatment.actions.follow_up import rate
from unknot.treatment.models import Plan, SegmentDone, Session
from unknot.treatment.queries.history import history_of
from unknot.treatment.queries.limits import limits_of
from unknot.treatment.queries.plans import latest, request_of
from unknot.treatment.queries.sessions import SessionFacts, join_code, session_by_id
from unknot.treatment.queries.visits import treated_visit


class PlanNotAgreedError(ConflictError):
    """The client has not agreed to this plan yet. Go through it together first; the session was not started."""

    code = "plan-not-agreed"


class TakenBackError(ConflictError):
    """The client took back their yes to this. It was not begun; the session goes on with what is still agreed."""

    code = "taken-back"


class HeldByAnswersError(ConflictError):
    """The client's newest safety answers ask to wait. The session was not started; go through them together first."""

    code = "held-by-answers"


class PlanOutdatedError(ConflictError):
    """Limits or consents became stricter since this plan was made. The session was not started; make the plan anew."""

    code = "plan-outdated"


def start_session(*, by: Actor, appointment_id: UUID, pain: int | None = None, now: datetime) -> UUID:
    """Starts the clock: the visit is in session, its first part runs, the client's phone can join. Returns the
    session's id; starting again returns the same. `pain` is the client's rating now, 0-10.

    For the treating therapist. Raises NotFoundError, PlanNotAgreedError, PlanOutdatedError, HeldByAnswersError,
    TakenBackError if the client took back the treatment itself after agreeing to the plan, the diary's LifecycleError.
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
    limits = limits_of(visit, by=by)
    if limits.held:
        raise HeldByAnswersError
    if domain.stricter_in(request_of(visit, limits, history_of(visit, by=by)), plan.request):
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
        rate(visit, pain, context="before", by=by, taken_at=now, now=now)
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
    session = held(session_id, by=by)
    if not session.is_running:
        raise ConflictError("This session is over. Nothing was changed.")
    if session.part != leave:
        return
    check_agreed(session, key)
    change_part(session, key, at=now)


def check_agreed(session: SessionFacts, key: str) -> None:
    """Raises TakenBackError for a part that the client no longer agrees to, PlanRuleError for one that is not there."""
    if session.stopped_at is not None or session.agreed.segment(key).region in session.dropped:
        raise TakenBackError


def change_part(session: SessionFacts, key: str, *, at: datetime) -> datetime:
    """Closes the open part of a session held under its lock and opens `key` at `at`, never before the open part began;
    returns the moment. For the session's own actions."""
    begun = [span.started_at for span in session.spans if span.ended_at is None]
    at = max([at, *begun])
    SegmentDone.objects.filter(session_id=session.id, ended_at=None).update(ended_at=at)
    open_part(session.practice_id, session.id, session.agreed, key, at)
    return at


def held(session_id: UUID, *, by: Actor) -> SessionFacts:
    """The session under its lock, for the one who treats. Raises NotFoundError."""
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
