"""Goals and ratings as stored."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes import domain
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
    courses: dict[UUID | None, list[tuple[datetime, int]]] = defaultdict(list)
    for one in measures:
        if one.instrument == "goal":
            courses[one.goal_id].append((one.taken_at, int(one.value)))
    rows = Goal.objects.filter(client_id=client_id).order_by("-set_at", "id")
    found = [_goal(row, tuple(courses.get(row.pk, ()))) for row in rows]
    return sorted(found, key=lambda goal: goal.closed_at is not None)


def _goal(row: Goal, course: tuple[tuple[datetime, int], ...]) -> GoalFacts:
    levels = [level for _, level in course]
    return GoalFacts(
        id=row.pk,
        words=row.words,
        region=row.region,
        set_at=row.set_at,
        closed_at=row.closed_at,
        level=levels[-1] if levels else None,
        steps={int(level): words for level, words in (row.steps or {}).items()},
        course=course,
        change=domain.change("goal", levels[0], levels[-1]) if len(levels) > 1 else None,
    )
