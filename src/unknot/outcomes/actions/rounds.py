"""Answers to the longer questions, and the messages that ask for them."""

from collections.abc import Mapping
from datetime import datetime, time
from uuid import UUID

from unknot.booking import queries as booking
from unknot.jobs import queue
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.zones import local, to_utc
from unknot.notifications import actions as notifications
from unknot.outcomes import domain
from unknot.outcomes.actions.ratings import ValueMissingError, record_measure
from unknot.outcomes.queries import MeasureFacts, round_for
from unknot.practice import queries as practices

WRITE_AT = time(10)  # by the practice's clock


class NothingAskedError(ConflictError):
    """These questions are not open now: they were answered, or their time has passed. Nothing was stored."""

    code = "nothing-asked"


def answer_round(
    *, by: Actor, client_id: UUID, activities: Mapping[str, int | None], overall: int | None, now: datetime
) -> list[MeasureFacts]:
    """Stores the answers to the open questions: a rating per activity (0 unable to 10 as before) and the overall
    change (1 very much better to 7 very much worse). What is not asked is not stored; a part may stay unanswered.

    Raises NotFoundError, NothingAskedError, ValueMissingError if nothing was answered, ScoreInvalidError, BadGoalError
    for an activity without words.
    """
    found = round_for(client_id, by=by, now=now).round
    if found is None:
        raise NothingAskedError
    answers: dict[str, float | Mapping[str, int | None]] = {}
    if any(value is not None for value in activities.values()):
        answers["psfs"] = activities
    if overall is not None:
        answers["pgic"] = overall
    made = [
        record_measure(by=by, client_id=client_id, instrument=one, value=answers[one], context=found.context, now=now)
        for one in found.asks
        if one in answers
    ]
    if not made:
        raise ValueMissingError("Rate at least one of them. Nothing was stored yet.", field="activities")
    return made


def plan_rounds(*, by: Actor, appointment_id: UUID, now: datetime) -> int:
    """Plans the messages of a care that has just begun: after its first visit, and only then. Returns how many.

    For the system's job. The same care is planned once, however often a visit is completed.
    """
    visit = booking.visit(appointment_id, by=by)
    if visit.client_id is None or visit.state != "completed":
        return 0
    start = round_for(visit.client_id, by=by, now=now).start
    if start is None or local(visit.starts_at, visit.timezone).date() != start:
        return 0
    planned = 0
    for week, number, day in domain.writing_days(start):
        at = to_utc(datetime.combine(day, WRITE_AT), visit.timezone)
        if at > now:
            planned += queue.enqueue(
                "outcomes.ask",
                practice_id=visit.practice_id,
                at=at,
                key=f"outcomes.ask:{visit.client_id}:{start}:{week}:{number}",
                client_id=str(visit.client_id),
                week=str(week),
                number=str(number),
            )
    return planned


def ask(*, by: Actor, client_id: UUID, week: int, number: int, now: datetime) -> bool:
    """Writes to the client that questions are open, unless they were answered meanwhile or care began anew; True if a
    message went into the outbox. For the system's job, else NotFoundError.
    """
    if by != system(by.practice_id):
        raise NotFoundError
    found = round_for(client_id, by=by, now=now)
    visit = found.last_visit
    if found.week != week or visit is None:
        return False
    practice = practices.practice(visit.practice_id)
    return notifications.schedule(
        practice_id=visit.practice_id,
        key=f"round:{client_id}:{found.start}:{week}:{number}",
        kind="check_in_due",
        due_at=now,
        account_id=visit.account_id,
        client_id=client_id,
        appointment_id=visit.id,
        facts=notifications.visit_facts(
            practice_name=practice.name,
            path=f"/p/{practice.slug}/my/progress/questions/",
            starts_at=visit.starts_at,
            zone=visit.timezone,
        ),
    )
