"""Goals and ratings: who may write them, what is refused, what counts once."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from unknot.audit.models import Entry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError, UnknotError
from unknot.outcomes import actions, queries
from unknot.outcomes.actions import BadContextError, BadWindowError, TooManyGoalsError
from unknot.outcomes.domain import MeasureOffError, ScoreInvalidError, UnknownMeasureError
from unknot.outcomes.domain.goals import BadGoalError, BadRegionError
from unknot.outcomes.domain.timing import FutureRatingError, OldRatingError
from unknot.outcomes.models import Goal, Measure

TOMASZ = "tomasz@clients.example"
GAIL = "gail@clients.example"


@pytest.fixture
def tomasz(riverbend: Stage, client_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Tomasz, at Riverbend."""
    actor = client_of(riverbend, TOMASZ)
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        yield actor


def rate(by: Actor, client_id: UUID | None, now: datetime, **changes: Any) -> queries.MeasureFacts:
    given: dict[str, Any] = {"instrument": "nprs", "value": 6, "window": "average_24h", "context": "weekly"} | changes
    return actions.record_measure(by=by, client_id=client_id or uuid4(), now=now, **given)


def test_a_rating_is_stored_and_the_act_recorded(tomasz: Actor, now: datetime) -> None:
    made = rate(tomasz, tomasz.client_id, now)
    assert (made.value, made.taken_at) == (6.0, now)
    entry = Entry.objects.get(verb="measure.recorded")
    assert entry.facts == {"instrument": "nprs", "context": "weekly"}
    assert entry.client_id == tomasz.client_id


def test_pain_is_stored_with_the_place_it_is_about(riverbend: Stage, tomasz: Actor, now: datetime) -> None:
    assert rate(tomasz, tomasz.client_id, now).region == ""
    places = [{"region": "shoulder", "intensity": 3}, {"region": "low_back", "intensity": 6}]
    Intake.objects.create(
        practice=riverbend.practice,
        client_id=tomasz.client_id,
        answers={"answers": {"regions": places}, "asked_at": {}},
        created_at=now,
    )
    later = now + timedelta(hours=1)
    assert rate(tomasz, tomasz.client_id, later).region == "low_back"
    assert rate(tomasz, tomasz.client_id, later + timedelta(hours=1), region="hand").region == "hand"
    with pytest.raises(BadRegionError):
        rate(tomasz, tomasz.client_id, later, region="My back!")


def test_steps_of_a_goal_are_fixed_beforehand_and_its_course_is_judged(tomasz: Actor, now: datetime) -> None:
    client = tomasz.client_id
    assert client
    steps = {-2: "Awake at three every night", 0: "Sleep through  most nights", 1: ""}
    goal = actions.set_goal(by=tomasz, client_id=client, words="Sleep", steps=steps, now=now)
    for day, level in ((0, -1), (7, 0), (14, -2)):
        at = now + timedelta(days=day)
        rate(tomasz, client, at, instrument="goal", value=level, window="", context="review", goal_id=goal)
        [facts] = queries.goals(client, by=tomasz)
        if day == 7:
            assert facts.change is not None
            assert facts.change.direction == "better"
    assert facts.change is not None
    assert (facts.level, facts.change.direction, [level for _, level in facts.course]) == (-2, "worse", [-1, 0, -2])
    assert (facts.step_words(0), facts.step_words(1)) == ("Sleep through most nights", "More than hoped")
    with connection.cursor() as cursor:
        cursor.execute("SELECT steps FROM outcomes_goal WHERE id = %s", [goal])
        assert b"Awake" not in bytes(cursor.fetchone()[0])
    for wrong in ({3: "x"}, {0: "w" * 400}):
        with pytest.raises(BadGoalError):
            actions.set_goal(by=tomasz, client_id=client, words="Walk", steps=wrong, now=now)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"value": 11}, ScoreInvalidError),
        ({"value": -1}, ScoreInvalidError),
        ({"value": 4.5}, ScoreInvalidError),
        ({"value": {"run": 3}}, ScoreInvalidError),
        ({"instrument": "happiness", "window": ""}, UnknownMeasureError),
        ({"instrument": "odi", "window": ""}, MeasureOffError),
        ({"window": ""}, BadWindowError),
        ({"window": "last_year"}, BadWindowError),
        ({"instrument": "pgic", "value": 2, "window": "now"}, BadWindowError),
        ({"context": "someday"}, BadContextError),
        ({"instrument": "goal", "value": 1, "window": ""}, NotFoundError),
        ({"instrument": "psfs", "value": {}, "window": ""}, ScoreInvalidError),
        ({"instrument": "psfs", "value": dict.fromkeys("abcdef", 5), "window": ""}, ScoreInvalidError),
    ],
)
def test_what_can_not_be_a_rating_is_refused(
    tomasz: Actor, now: datetime, changes: dict[str, Any], refusal: type[UnknotError]
) -> None:
    with pytest.raises(refusal):
        rate(tomasz, tomasz.client_id, now, **changes)
    assert Measure.objects.count() == 0


def test_the_date_of_a_rating(tomasz: Actor, now: datetime) -> None:
    with pytest.raises(FutureRatingError):
        rate(tomasz, tomasz.client_id, now, taken_at=now + timedelta(minutes=6))
    with pytest.raises(OldRatingError):
        rate(tomasz, tomasz.client_id, now, taken_at=now - timedelta(days=7, seconds=1))
    fast_clock = rate(tomasz, tomasz.client_id, now, taken_at=now + timedelta(minutes=4))
    assert fast_clock.taken_at == now
    week_old = rate(tomasz, tomasz.client_id, now, taken_at=now - timedelta(days=7))
    assert week_old.taken_at == now - timedelta(days=7)


def test_the_same_answer_within_a_minute_is_one(tomasz: Actor, now: datetime) -> None:
    first = rate(tomasz, tomasz.client_id, now)
    assert rate(tomasz, tomasz.client_id, now + timedelta(seconds=40)).id == first.id
    assert rate(tomasz, tomasz.client_id, now + timedelta(seconds=61)).id != first.id
    assert rate(tomasz, tomasz.client_id, now, value=5).id != first.id
    assert rate(tomasz, tomasz.client_id, now, context="before").id != first.id
    assert Measure.objects.count() == 4


def test_the_activities_of_a_client_are_averaged(tomasz: Actor, now: datetime) -> None:
    made = rate(tomasz, tomasz.client_id, now, instrument="psfs", window="", value={"lift my daughter": 4, "drive": 7})
    assert made.value == 5.5
    assert Measure.objects.get().value["items"] == {"lift my daughter": 4, "drive": 7}


def test_a_value_is_sealed_in_the_database(tomasz: Actor, now: datetime) -> None:
    rate(tomasz, tomasz.client_id, now, instrument="psfs", window="", value={"lift my daughter": 4})
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM outcomes_measure")
        assert b"daughter" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("role", ["front_desk", "owner"])
def test_front_desk_and_owner_write_no_ratings(
    foothills: Stage, staff_of: Callable[..., Actor], now: datetime, role: str
) -> None:
    maya = foothills.clients["maya@clients.example"].pk
    with tenancy.scope(practice_id=foothills.practice.id), pytest.raises(NotFoundError):
        rate(staff_of(foothills, role), maya, now)


def test_other_people_s_records_look_like_made_up_ones(
    tomasz: Actor, riverbend: Stage, openhands: Stage, staff_of: Callable[..., Actor], now: datetime
) -> None:
    gail = riverbend.clients[GAIL].pk
    for stranger in (gail, uuid4(), openhands.clients[TOMASZ].pk):
        with pytest.raises(NotFoundError):
            rate(tomasz, stranger, now)
        with pytest.raises(NotFoundError):
            actions.set_goal(by=tomasz, client_id=stranger, words="Sleep", now=now)
        with pytest.raises(NotFoundError):
            queries.goals(stranger, by=tomasz)
    maren = staff_of(riverbend, "therapist")
    with pytest.raises(NotFoundError):
        rate(maren, openhands.clients[TOMASZ].pk, now)
    assert rate(maren, gail, now, context="in_room").context == "in_room"


def test_goals_are_kept_once_and_close_once(tomasz: Actor, now: datetime) -> None:
    assert tomasz.client_id
    given = {"by": tomasz, "client_id": tomasz.client_id, "words": "  Lift my\n daughter ", "region": "low_back"}
    first = actions.set_goal(**given, now=now)
    assert actions.set_goal(**given, now=now) == first
    assert [one.words for one in queries.goals(tomasz.client_id, by=tomasz)] == ["Lift my daughter"]
    actions.close_goal(by=tomasz, client_id=tomasz.client_id, goal_id=first, now=now)
    actions.close_goal(by=tomasz, client_id=tomasz.client_id, goal_id=first, now=now + timedelta(days=1))
    assert Goal.objects.get().closed_at == now
    with pytest.raises(NotFoundError):
        actions.close_goal(by=tomasz, client_id=tomasz.client_id, goal_id=uuid4(), now=now)


def test_goals_that_are_none(tomasz: Actor, now: datetime) -> None:
    assert tomasz.client_id
    for words in ("", "   ", "x" * 301, "bell \x07"):
        with pytest.raises(BadGoalError):
            actions.set_goal(by=tomasz, client_id=tomasz.client_id, words=words, now=now)
    with pytest.raises(BadRegionError):
        actions.set_goal(by=tomasz, client_id=tomasz.client_id, words="Sleep", region="Low back!", now=now)
    for number in range(8):
        actions.set_goal(by=tomasz, client_id=tomasz.client_id, words=f"Goal {number}", now=now)
    with pytest.raises(TooManyGoalsError):
        actions.set_goal(by=tomasz, client_id=tomasz.client_id, words="One more", now=now)


def test_how_far_a_goal_is_reached(tomasz: Actor, now: datetime) -> None:
    assert tomasz.client_id
    goal = actions.set_goal(by=tomasz, client_id=tomasz.client_id, words="Sleep through", now=now)
    for days, level in ((0, -1), (1, 1)):
        rate(
            tomasz,
            tomasz.client_id,
            now + timedelta(days=days),
            instrument="goal",
            window="",
            value=level,
            context="review",
            goal_id=goal,
        )
    assert [one.level for one in queries.goals(tomasz.client_id, by=tomasz)] == [1]
