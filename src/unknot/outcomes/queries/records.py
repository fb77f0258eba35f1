"""Goals and ratings as stored."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes.models import Goal, Measure
from unknot.outcomes.policies import can_see_progress
from unknot.outcomes.queries.facts import GoalFacts, MeasureFacts, measure_facts
from unknot.people import queries as people
from unknot.people.queries import ClientFacts


def may_read(client_id: UUID, *, by: Actor) -> ClientFacts:
    """The client, if `by` may see their progress. Raises NotFoundError, the same for strangers and made-up ids."""
    if not can_see_progress(by, client_id):
        raise NotFoundError
    return people.client(client_id, by=by)


def goals(client_id: UUID, *, by: Actor, now: datetime | None = None) -> list[GoalFacts]:
    """The client's goals, open ones first, then newest first. Raises NotFoundError. The read is recorded."""
    may_read(client_id, by=by)
    audit.record(by=by, verb="goals.read", subject="client", subject_id=client_id, client_id=client_id, now=now)
    return goal_list(client_id, measures_of(client_id, instrument="goal"))


def measures_of(client_id: UUID, *, instrument: str = "") -> list[MeasureFacts]:
    """The client's ratings by time (of one instrument), for callers that checked and recorded the read."""
    rows = Measure.objects.filter(client_id=client_id).order_by("taken_at", "recorded_at", "id")
    return [measure_facts(row) for row in (rows.filter(instrument=instrument) if instrument else rows)]


def goal_list(client_id: UUID, measures: list[MeasureFacts]) -> list[GoalFacts]:
    """The client's goals with the last attainment of each, for callers that checked the reader."""
    levels = {one.goal_id: int(one.value) for one in measures if one.instrument == "goal"}
    rows = Goal.objects.filter(client_id=client_id).order_by("-set_at", "id")
    found = [GoalFacts(r.pk, r.words, r.region, r.set_at, r.closed_at, levels.get(r.pk)) for r in rows]
    return sorted(found, key=lambda goal: goal.closed_at is not None)
