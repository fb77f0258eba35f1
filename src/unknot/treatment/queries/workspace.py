"""What the session screen, the client's phone and the note form show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.outcomes import queries as outcomes
from unknot.people import queries as people
from unknot.people.queries import ClientFacts
from unknot.practice import queries as practices
from unknot.treatment import domain
from unknot.treatment.models import Session
from unknot.treatment.policies import can_treat, is_client
from unknot.treatment.queries.desk import pain_before
from unknot.treatment.queries.history import history_of
from unknot.treatment.queries.limits import limits_of
from unknot.treatment.queries.notes import NoteFacts, stored_note
from unknot.treatment.queries.plans import plan_of, request_of
from unknot.treatment.queries.sessions import (
    SessionFacts,
    WrittenDown,
    appointment_of_session,
    session_of,
    written_down,
)
from unknot.treatment.queries.visits import chart_visit, client_visit, treated_visit


@dataclass(frozen=True)
class SessionScreen:
    """The therapist's screen. `withdrawn`: regions whose consent was taken back since the plan was agreed; they have
    left the plan. `consented`: sensitive regions that may still be worked on."""

    visit: VisitFacts
    client: ClientFacts
    session: SessionFacts
    withdrawn: tuple[str, ...]

    @property
    def consented(self) -> tuple[str, ...]:
        return tuple(sorted(self.session.plan.request.consented))


@dataclass(frozen=True)
class ComfortPage:
    """The client's phone. Names nobody but the therapist. `private`: sensitive regions that the client agreed to and
    may take back in one tap; a phone that came by code is told no names (`named` False)."""

    session_id: UUID
    appointment_id: UUID
    therapist: str
    running: bool
    private: tuple[str, ...] = ()
    named: bool = False


@dataclass(frozen=True)
class NoteDraft:
    """The note form's ground: the stored note, or a draft from facts (version 0) that nobody saved yet."""

    visit: VisitFacts
    client: ClientFacts
    note: domain.SoapNote
    stored: NoteFacts | None
    session: SessionFacts | None
    mine: bool

    @property
    def version(self) -> int:
        """The version to save upon."""
        return self.stored.version if self.stored else 0

    @property
    def is_signed(self) -> bool:
        """True once locked."""
        return self.stored is not None and self.stored.is_signed


def session_screen(appointment_id: UUID, *, by: Actor) -> SessionScreen:
    """A session for the one who treats. Raises NotFoundError, also when it has not begun."""
    visit = treated_visit(appointment_id, by=by)
    session = session_of(visit.id)
    if session is None or visit.client_id is None:
        raise NotFoundError
    return SessionScreen(
        visit=visit,
        client=people.client(visit.client_id, by=by),
        session=session,
        withdrawn=session.dropped,
    )


def comfort_page(
    *, by: Actor, appointment_id: UUID | None = None, session_id: UUID | None = None, joined: UUID | None = None
) -> ComfortPage:
    """The comfort screen of a visit (its client), or of a session that this browser joined by code.

    `joined` is the session id that the server itself put into the browser's session. Raises NotFoundError.
    """
    if appointment_id is None:
        if session_id is None or session_id != joined:
            raise NotFoundError
        appointment_id = appointment_of_session(session_id)
    else:
        client_visit(appointment_id, by=by)
    found = Session.objects.filter(appointment_id=appointment_id).values_list(
        "id", "ended_at", "appointment__therapist_id", "appointment__client_id"
    )
    row = found.first()
    if row is None:
        raise NotFoundError("The session has not started yet. Open this page again once your therapist has started.")
    therapist = practices.therapist(row[2]).name.split(" ")[0]
    private = tuple(sorted(intake.standing(row[3], appointment_id).regions)) if row[1] is None else ()
    return ComfortPage(
        row[0], appointment_id, therapist, running=row[1] is None, private=private, named=session_id is None
    )


def can_tap(session_id: UUID, *, by: Actor, joined: UUID | None) -> bool:
    """Whether this caller is the client under the hands: the visit's client, or a browser that joined by code."""
    if joined == session_id:
        return Session.objects.filter(pk=session_id).exists()
    if by.client_id is None:
        return False
    return is_client(by, booking.visit(appointment_of_session(session_id), by=by).client_id)


def note_draft(appointment_id: UUID, *, by: Actor, now: datetime) -> NoteDraft:
    """The note of a visit as it stands, or a draft made from plan, session, goals and limits. The read is recorded.

    For therapists of the practice; `mine` says whether the reader may write it. Raises NotFoundError.
    """
    visit = chart_visit(appointment_id, by=by)
    if visit.client_id is None:
        raise NotFoundError
    stored, session = stored_note(visit.id), session_of(visit.id)
    audit.record(
        by=by,
        verb="note.read",
        subject="note" if stored else "appointment",
        subject_id=stored.id if stored else visit.id,
        client_id=visit.client_id,
        now=now,
    )
    note = stored.record.note if stored else fresh_note(visit, session, by=by, now=now)
    if stored and session and not stored.is_signed:
        note = domain.with_comfort(note, session.comfort, ended_words(session, visit))
    return NoteDraft(
        visit=visit,
        client=people.client(visit.client_id, by=by),
        note=note,
        stored=stored,
        session=session,
        mine=can_treat(by, visit.therapist_id),
    )


def fresh_note(visit: VisitFacts, session: SessionFacts | None, *, by: Actor, now: datetime) -> domain.SoapNote:
    """A draft from facts only. Without a session the plan stands in for what was done, for the therapist to correct."""
    if visit.client_id is None:
        raise NotFoundError
    limits = limits_of(visit, by=by)
    measures = outcomes.measures_of(visit.client_id)
    goals = [goal.words for goal in outcomes.goal_list(visit.client_id, measures) if goal.closed_at is None]
    lines = [line.text for line in limits.precautions]
    if session is not None:
        lines += [f"No work on {domain.REGIONS[one].name}: taken back during the session." for one in session.dropped]
        written = [_line(one, session, visit) for one in written_down(session)]
        ended = ended_words(session, visit)
        note = domain.prefill(session.plan, session.done(now), session.comfort, goals, lines, written, ended)
        note = domain.with_all_parts(note, session.plan)
    else:
        plan = plan_of(visit, request_of(visit, limits, history_of(visit, by=by))).plan
        note = domain.prefill(plan, domain.planned_as_done(plan), None, goals, lines)
    pain = pain_before(measures, visit.id)
    return domain.with_pain(note, pain) if pain is not None else note


def ended_words(session: SessionFacts, visit: VisitFacts) -> str:
    """How a session ended, if it was ended early: by whom, when by the place's clock, why. Else empty."""
    if session.ended_at is None or session.ended_by not in ("client", "therapist"):
        return ""
    who = "client" if session.ended_by == "client" else "therapist"
    why = f": {session.end_reason}" if session.end_reason else ""
    return (
        f"The {who} ended the session at {clock_words(session.ended_at, visit)}{why}{'' if why.endswith('.') else '.'}"
    )


def clock_words(at: datetime, visit: VisitFacts) -> str:
    """`14:05` by the clock of the visit's place."""
    return f"{local(at, visit.timezone):%H:%M}"


def _line(one: WrittenDown, session: SessionFacts, visit: VisitFacts) -> str:
    part = next((s for s in session.plan.segments if s.key == one.key), None)
    where = f" {domain.REGIONS[part.region].name}:" if part and part.region else ""
    return f"{clock_words(one.at, visit)}{where} {one.words}"
