"""Writes about goals and ratings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import queries as booking
from unknot.db.locks import lock_all
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.outcomes import domain
from unknot.outcomes.domain.goals import clean_region, clean_steps, clean_words
from unknot.outcomes.domain.timing import SAME_ANSWER, taken_within
from unknot.outcomes.models import Goal, Measure
from unknot.outcomes.queries import MeasureFacts, may_read, measure_facts
from unknot.outcomes.queries.questionnaires import measure_for

OPEN_GOALS = 8
ACTIVITIES = 5


class TooManyGoalsError(ConflictError):
    """There are eight open goals already. Close one first, so that the plan keeps its direction. Nothing was saved."""

    code = "too-many-goals"


class ValueMissingError(InvalidError):
    """Give the rating as `value`, or as `activities` for the measure psfs. Nothing was stored."""

    code = "value-missing"


class BadWindowError(InvalidError):
    """This rating needs to say which time it is about. Nothing was stored."""

    code = "bad-window"


class BadContextError(InvalidError):
    """This rating needs to say when it was given. Nothing was stored."""

    code = "bad-context"


def set_goal(
    *,
    by: Actor,
    client_id: UUID,
    words: str,
    region: str = "",
    steps: Mapping[int, str] | None = None,
    now: datetime,
) -> UUID:
    """A goal in the client's own words, set by them or their therapist; returns its id. The same open goal is one.

    `steps`: what the levels -2 to 2 would look like, as far as they said. They are fixed with the goal: attainment is
    judged by what was written beforehand. Raises NotFoundError, BadGoalError, BadRegionError, TooManyGoalsError.
    """
    may_read(client_id, by=by)
    text, place, levels = clean_words(words), clean_region(region), clean_steps(steps or {})
    lock_all("outcomes", [client_id])
    held = list(Goal.objects.filter(client_id=client_id, closed_at=None))
    for goal in held:
        if (goal.words, goal.region) == (text, place):
            return UUID(str(goal.pk))
    if len(held) >= OPEN_GOALS:
        raise TooManyGoalsError
    row = Goal.objects.create(
        practice_id=by.practice_id, client_id=client_id, words=text, region=place, steps=levels or None, set_at=now
    )
    audit.record(by=by, verb="goal.set", subject="goal", subject_id=row.pk, client_id=client_id, now=now)
    return UUID(str(row.pk))


def close_goal(*, by: Actor, client_id: UUID, goal_id: UUID, now: datetime) -> None:
    """Closes a goal: reached, or no longer wanted. Closing twice changes nothing. Raises NotFoundError."""
    may_read(client_id, by=by)
    goal = _goal(client_id, goal_id)
    if goal.closed_at is None:
        goal.closed_at = now
        goal.save(update_fields=["closed_at"])
        audit.record(by=by, verb="goal.closed", subject="goal", subject_id=goal_id, client_id=client_id, now=now)


def record_measure(
    *,
    by: Actor,
    client_id: UUID,
    instrument: str,
    value: float | Mapping[str, int | None],
    window: str = "",
    context: str,
    taken_at: datetime | None = None,
    appointment_id: UUID | None = None,
    goal_id: UUID | None = None,
    region: str = "",
    now: datetime,
) -> MeasureFacts:
    """Stores one rating of a client, given by them or written down by their therapist.

    `value` is the score, or for `psfs` the rating per activity. `window` is the time asked about (`average_24h` for the
    weekly pain rating), `context` one of the model's contexts; ratings `in_room` are kept but never used to judge.
    `goal` needs `goal_id`. `region`: where the pain is; for pain the place the client came for if it is left out.
    The same answer again within a minute is the same rating.
    Raises NotFoundError, UnknownMeasureError, MeasureOffError, ScoreInvalidError, BadWindowError, BadContextError,
    BadRegionError, FutureRatingError, OldRatingError.
    """
    may_read(client_id, by=by)
    when = taken_within(taken_at or now, now=now)
    row = measure_for(instrument)
    if context not in dict(Measure.CONTEXTS):
        raise BadContextError(field="context")
    if window != (window if window in row.windows else "") or (row.windows and not window):
        raise BadWindowError(field="window")
    content, place = _scored(row, value), clean_region(region)
    if instrument == "nprs":
        content |= {"region": place or _main_place(client_id)}
    if instrument == "goal":
        if goal_id is None:
            raise NotFoundError
        content["goal"] = str(_goal(client_id, goal_id).pk)
    if appointment_id is not None and booking.visit(appointment_id, by=by).client_id != client_id:
        raise NotFoundError
    return keep(
        content,
        by=by,
        client_id=client_id,
        instrument=instrument,
        window=window,
        context=context,
        appointment_id=appointment_id,
        when=when,
        now=now,
    )


def keep(
    content: dict[str, Any],
    *,
    by: Actor,
    client_id: UUID,
    instrument: str,
    context: str,
    window: str = "",
    appointment_id: UUID | None = None,
    when: datetime,
    now: datetime,
) -> MeasureFacts:
    """Stores a scored answer, for actions that checked who writes and what; the same within a minute is one."""
    lock_all("outcomes", [client_id])
    asked: dict[str, Any] = {"client_id": client_id, "instrument": instrument, "window": window, "context": context}
    asked["appointment_id"] = appointment_id
    nearby = Measure.objects.filter(**asked, taken_at__range=(when - SAME_ANSWER, when + SAME_ANSWER))
    for earlier in nearby.order_by("-recorded_at", "-id"):
        if earlier.value == content:
            return measure_facts(earlier)
    made = Measure.objects.create(
        **asked,
        practice_id=by.practice_id,
        value=content,
        taken_at=when,
        recorded_at=now,
        recorded_by_id=by.account_id,
    )
    facts = {"instrument": instrument, "context": context}
    audit.record(
        by=by, verb="measure.recorded", subject="measure", subject_id=made.pk, client_id=client_id, now=now, **facts
    )
    return measure_facts(made)


def _main_place(client_id: UUID) -> str:
    """The region that the client marked as strongest when they last told what they come for, or empty."""
    told = intake.current_intake(client_id=client_id)
    places = told.places if told is not None else ()
    strongest = max(places, key=lambda one: one.get("intensity") or 0, default=None)
    return str(strongest["region"]) if strongest else ""


def _goal(client_id: UUID, goal_id: UUID) -> Goal:
    goal = Goal.objects.filter(pk=goal_id, client_id=client_id).first()
    if goal is None:
        raise NotFoundError
    found: Goal = goal
    return found


def _scored(row: domain.Measure, value: float | Mapping[str, int | None]) -> dict[str, Any]:
    """What is stored: the score, and for chosen activities the rating of each."""
    if isinstance(value, Mapping):
        if row.slug != "psfs" or not 1 <= len(value) <= ACTIVITIES:
            raise domain.ScoreInvalidError(f"Rate one to {ACTIVITIES} activities.", field="value")
        items = {clean_words(name): rating for name, rating in value.items()}
        return {"value": domain.score_psfs(items).value, "items": items}
    if not row.low <= value <= row.high or (row.whole and value != int(value)):
        raise domain.ScoreInvalidError(f"{row.name} runs from {row.low:g} to {row.high:g}.", field="value")
    return {"value": float(value)}
