"""The longer questions from the first visit to the answer: planned once, asked once, reminded once, never after it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from unknot.booking.events import VisitNews
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.outcomes import actions, queries
from unknot.outcomes.actions import NothingAskedError, ValueMissingError
from unknot.outcomes.handlers import on_visit
from unknot.outcomes.models import Measure

TOMASZ = "tomasz@clients.example"
FIRST = date(2026, 10, 5)  # a Monday
SLEEP, LIFT = "Sleep through the night", "Lift my daughter"


@pytest.fixture
def tomasz(riverbend: Stage, client_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Tomasz, at Riverbend, who came for the first time on 5 October."""
    actor = client_of(riverbend, TOMASZ)
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        yield actor


@pytest.fixture
def first(riverbend: Stage, visit_on: Callable[..., Appointment]) -> Appointment:
    return visit_on(riverbend, TOMASZ, FIRST)


def later(weeks: int, *, days: int = 0) -> datetime:
    return datetime(2026, 10, 5, 16, 0, tzinfo=UTC) + timedelta(weeks=weeks, days=days)


def answer(by: Actor, now: datetime, **given: Any) -> list[queries.MeasureFacts]:
    assert by.client_id
    asked = {"activities": {SLEEP: 3, LIFT: 5}, "overall": None} | given
    return actions.answer_round(by=by, client_id=by.client_id, now=now, **asked)


def waiting(stage: Stage) -> list[tuple[str, datetime, str, str]]:
    """Jobs of this practice, those that are due at once first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, scheduled_at, args ->> 'week', args ->> 'number' FROM procrastinate_jobs"
            " WHERE status = 'todo' AND task_name LIKE 'outcomes.%%' AND args ->> 'practice_id' = %s"
            " ORDER BY scheduled_at NULLS FIRST",
            [str(stage.practice.id)],
        )
        return list(cursor.fetchall())


def test_at_the_start_activities_are_named_and_asked_again_as_they_were(tomasz: Actor, first: Appointment) -> None:
    assert tomasz.client_id
    made = answer(tomasz, later(0, days=1), overall=2)  # the overall change is not asked yet
    assert [(one.instrument, one.value, one.context) for one in made] == [("psfs", 4.0, "intake")]
    assert queries.round_for(tomasz.client_id, by=tomasz, now=later(0, days=2)).round is None
    found = queries.round_for(tomasz.client_id, by=tomasz, now=later(4))
    assert found.activities == (SLEEP, LIFT)
    assert found.round is not None
    assert (found.round.week, found.round.asks) == (4, ("psfs", "pgic"))
    made = answer(tomasz, later(4), activities={SLEEP: 8, LIFT: None}, overall=2)
    assert [(one.instrument, one.value, one.context) for one in made] == [
        ("psfs", 8.0, "review"),
        ("pgic", 2.0, "review"),
    ]


def test_activities_are_compared_with_themselves(tomasz: Actor, first: Appointment) -> None:
    assert tomasz.client_id
    answer(tomasz, later(0, days=1), activities={SLEEP: 3, LIFT: 9})
    answer(tomasz, later(4), activities={SLEEP: 8, LIFT: None})
    view = queries.progress(tomasz.client_id, by=tomasz, now=later(4, days=1))
    [activities] = [one for one in view.others if one.instrument == "psfs"]
    assert activities.change is not None
    assert activities.change.direction == "better"  # 3 -> 8, not 6 -> 8
    assert "from 3 to 8" in activities.change.sentence
    assert activities.blanks == ((2, 2), (1, 2))  # what was left open is said, not counted


def test_nothing_is_stored_when_nothing_is_asked_or_answered(tomasz: Actor, first: Appointment) -> None:
    with pytest.raises(NothingAskedError):
        answer(tomasz, later(3))
    with pytest.raises(ValueMissingError):
        answer(tomasz, later(4), activities={SLEEP: None})
    assert Measure.objects.count() == 0


def test_a_first_visit_plans_four_messages_once_and_a_second_none(
    tomasz: Actor, first: Appointment, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    by, now = system(riverbend.practice.id), later(0)
    assert actions.plan_rounds(by=by, appointment_id=first.pk, now=now) == 4
    assert actions.plan_rounds(by=by, appointment_id=first.pk, now=now) == 0
    second = visit_on(riverbend, TOMASZ, FIRST + timedelta(days=7))
    assert actions.plan_rounds(by=by, appointment_id=second.pk, now=later(1)) == 0
    assert [(name, week, number, at.astimezone(UTC).isoformat()) for name, at, week, number in waiting(riverbend)] == [
        ("outcomes.ask", "4", "0", "2026-11-02T16:00:00+00:00"),
        ("outcomes.ask", "4", "1", "2026-11-06T16:00:00+00:00"),
        ("outcomes.ask", "10", "0", "2026-12-14T16:00:00+00:00"),
        ("outcomes.ask", "10", "1", "2026-12-18T16:00:00+00:00"),
    ]


def test_the_diary_s_news_plans_and_other_news_do_not(tomasz: Actor, first: Appointment, riverbend: Stage) -> None:
    for state in ("confirmed", "no_show"):
        on_visit(VisitNews("moved", riverbend.practice.id, first.pk, state, later(0)))
    assert waiting(riverbend) == []
    for _ in range(2):
        on_visit(VisitNews("complete", riverbend.practice.id, first.pk, "completed", later(0)))
    assert [name for name, *_ in waiting(riverbend)] == ["outcomes.plan_rounds"]


def test_a_client_is_asked_once_reminded_once_and_left_alone_after_the_answer(
    tomasz: Actor, first: Appointment, riverbend: Stage
) -> None:
    assert tomasz.client_id
    given: dict[str, Any] = {"by": system(riverbend.practice.id), "client_id": tomasz.client_id}
    assert actions.ask(**given, week=4, number=0, now=later(4)) is True
    assert actions.ask(**given, week=4, number=0, now=later(4)) is False  # the worker fell and came back
    assert actions.ask(**given, week=4, number=1, now=later(4, days=4)) is True
    answer(tomasz, later(4, days=5), overall=3)
    assert actions.ask(**given, week=4, number=1, now=later(4, days=6)) is False
    assert actions.ask(**given, week=4, number=0, now=later(10)) is False  # its time has passed
    assert Message.objects.filter(key__startswith="round:").count() == 2
    [path] = {one.facts["path"] for one in Message.objects.filter(key__startswith="round:")}
    assert path == "/p/riverbend/my/progress/questions/"


def test_only_the_system_asks_and_only_client_and_therapists_see(
    tomasz: Actor, first: Appointment, riverbend: Stage, foothills: Stage, staff_of: Callable[..., Actor]
) -> None:
    assert tomasz.client_id
    with pytest.raises(NotFoundError):
        actions.ask(by=tomasz, client_id=tomasz.client_id, week=4, number=0, now=later(4))
    assert queries.round_for(tomasz.client_id, by=staff_of(riverbend, "therapist"), now=later(4)).round is not None
    with tenancy.scope(practice_id=foothills.practice.id):
        for role in ("front_desk", "owner"):
            with pytest.raises(NotFoundError):
                queries.round_for(tomasz.client_id, by=staff_of(foothills, role), now=later(4))
