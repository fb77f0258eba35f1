"""Reads of goals, ratings and progress."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes.models import Goal, Measure
from unknot.outcomes.policies import can_see_progress
from unknot.people import queries as people


@dataclass(frozen=True)
class GoalFacts:
    """A goal in the client's words. `level` is the last attainment, -2 to +2, None if never rated."""

    id: UUID
    words: str
    region: str
    set_at: datetime
    closed_at: datetime | None
    level: int | None = None


@dataclass(frozen=True)
class MeasureFacts:
    """One stored rating."""

    id: UUID
    instrument: str
    value: float
    window: str
    context: str
    taken_at: datetime
    appointment_id: UUID | None
    goal_id: UUID | None = None


def measure_facts(row: Measure) -> MeasureFacts:
    """A stored rating as a value."""
    goal = row.value.get("goal")
    return MeasureFacts(
        id=row.pk,
        instrument=row.instrument,
        value=float(row.value["value"]),
        window=row.window,
        context=row.context,
        taken_at=row.taken_at,
        appointment_id=row.appointment_id,
        goal_id=UUID(goal) if goal else None,
    )


def goals(client_id: UUID, *, by: Actor, now: datetime | None = None) -> list[GoalFacts]:
    """The client's goals, open ones first, then newest first. Raises NotFoundError. The read is recorded."""
    check_reader(client_id, by)
    audit.record(by=by, verb="goals.read", subject="client", subject_id=client_id, client_id=client_id, now=now)
    return goal_list(client_id, measures_of(client_id))


def measures_of(client_id: UUID) -> list[MeasureFacts]:
    """All ratings of a client by time, for callers that checked and recorded the read."""
    rows = Measure.objects.filter(client_id=client_id).order_by("taken_at", "recorded_at", "id")
    return [measure_facts(row) for row in rows]


def goal_list(client_id: UUID, measures: list[MeasureFacts]) -> list[GoalFacts]:
    """The client's goals with the last attainment of each, for callers that checked the reader."""
    levels = {one.goal_id: int(one.value) for one in measures if one.instrument == "goal"}
    rows = Goal.objects.filter(client_id=client_id).order_by("-set_at", "id")
    found = [GoalFacts(r.pk, r.words, r.region, r.set_at, r.closed_at, levels.get(r.pk)) for r in rows]
    return sorted(found, key=lambda goal: goal.closed_at is not None)


def check_reader(client_id: UUID, by: Actor) -> None:
    """Raises NotFoundError unless `by` may see this client's progress and the client is of this practice."""
    if not can_see_progress(by, client_id):
        raise NotFoundError
    people.client(client_id, by=by)
