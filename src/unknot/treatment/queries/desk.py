"""The opened visit: everything a therapist should know before the door opens."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.outcomes import queries as outcomes
from unknot.outcomes.queries import GoalFacts
from unknot.people import queries as people
from unknot.people.queries import ClientFacts
from unknot.treatment import domain
from unknot.treatment.policies import can_treat
from unknot.treatment.queries.history import PastVisit, history_of
from unknot.treatment.queries.limits import Limits, limits_of
from unknot.treatment.queries.notes import NoteFacts, stored_note
from unknot.treatment.queries.plans import PlanFacts, plan_of, request_of
from unknot.treatment.queries.sessions import SessionFacts, session_of
from unknot.treatment.queries.visits import chart_visit


@dataclass(frozen=True)
class OpenedVisit:
    """One visit, opened. `plan` is None where the precautions leave nothing to plan (`no_plan` says so in words);
    `mine` says that the reader treats it. `pain_before` is the rating given at its start,
    `choice` the style given, beside the guide's lean."""

    visit: VisitFacts
    client: ClientFacts
    goals: tuple[GoalFacts, ...]
    limits: Limits
    history: tuple[PastVisit, ...]
    plan: PlanFacts | None
    no_plan: str
    session: SessionFacts | None
    note: NoteFacts | None
    mine: bool
    pain_before: int | None
    together: tuple[str, ...] = ()
    choice: intake.ChoiceFacts | None = None

    @property
    def care(self) -> str:
        """Age at the visit and who looks after the client, or empty."""
        return self.client.care_words(date.fromisoformat(self.visit.local_start[:10]))

    @property
    def consent(self) -> str:
        """Who consents at the visit, for somebody who is looked after, or empty."""
        return self.client.consent_words(date.fromisoformat(self.visit.local_start[:10]))

    @property
    def last(self) -> PastVisit | None:
        """The visit before this one."""
        return self.history[-1] if self.history else None


def opened_visit(appointment_id: UUID, *, by: Actor, now: datetime) -> OpenedVisit:
    """A visit with client, goals, limits, history, plan, session and note, for therapists of the practice. Recorded.

    Raises NotFoundError for everybody else.
    """
    visit = chart_visit(appointment_id, by=by)
    client_id = visit.client_id
    if client_id is None:
        raise AssertionError("chart_visit has a client")
    audit.record(by=by, verb="chart.opened", subject="appointment", subject_id=visit.id, client_id=client_id, now=now)
    limits = limits_of(visit, by=by)
    history = history_of(visit, by=by)
    plan, no_plan = None, ""
    try:
        plan = plan_of(visit, request_of(visit, limits, history))
    except domain.NothingToPlanError as error:
        no_plan = error.message
    measures = outcomes.measures_of(client_id)
    goals = [goal for goal in outcomes.goal_list(client_id, measures) if goal.closed_at is None]
    return OpenedVisit(
        visit=visit,
        client=people.client(client_id, by=by),
        goals=tuple(goals),
        limits=limits,
        history=history,
        plan=plan,
        no_plan=no_plan,
        session=session_of(visit.id),
        note=stored_note(visit.id),
        mine=can_treat(by, visit.therapist_id),
        pain_before=pain_before(measures, visit.id),
        choice=intake.choice_of(visit.id),
        together=tuple(booking.companions([visit.id], by=by).get(visit.id, ())),
    )


def pain_before(measures: list[outcomes.MeasureFacts], appointment_id: UUID) -> int | None:
    """The pain rating given at the start of a visit, 0-10, or None."""
    ratings = [
        one
        for one in measures
        if one.appointment_id == appointment_id and one.instrument == "nprs" and one.context == "before"
    ]
    return int(ratings[-1].value) if ratings else None
