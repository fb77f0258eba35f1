"""Opening hours as rows: who sets them, and what the diary reads."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from unknot.audit.models import Entry
from unknot.availability import actions, queries
from unknot.availability.queries import Break, OpeningRule, instant_of_cell
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.practice import queries as practices

ZONE = "America/Edmonton"
THURSDAY, WEDNESDAY = date(2026, 11, 19), date(2026, 11, 18)


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """The therapist, who is also the owner."""
    return staff_of(river, "therapist")


def hours(stage: Stage, day: date, place: str | None = "studio") -> list[str]:
    therapist_id = stage.therapists["maren-oduya"].pk
    inputs = queries.opening([therapist_id], first=day, last=day)[therapist_id]
    place_id = stage.places[place].pk if place else None
    shown = [
        tuple(local(instant_of_cell(cell), ZONE) for cell in window)
        for window in inputs.at(place_id).windows(ZONE, day, day)
    ]
    return [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in shown if opens.date() == day]


def test_the_week_with_its_break(river: Stage) -> None:
    assert hours(river, THURSDAY) == ["09:00-12:30", "13:15-17:00"]
    assert hours(river, THURSDAY, None) == []
    assert hours(river, WEDNESDAY, None) == ["10:00-19:00"]


def test_one_query_for_any_team(foothills: Stage, django_assert_num_queries: Callable[..., Any]) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        practices.setup()
        for count, reads in ((1, 4), (6, 1), (1, 1)):  # all hours are read at the first asking
            ids = [one.pk for one in list(foothills.therapists.values())[:count]]
            with django_assert_num_queries(reads):
                assert set(queries.opening(ids, first=THURSDAY, last=date(2027, 1, 19))) == set(ids)


def test_a_mode_leaves_out_the_other(river: Stage) -> None:
    therapist_id = river.therapists["maren-oduya"].pk
    found = queries.opening([therapist_id], mode="home", first=THURSDAY, last=THURSDAY)[therapist_id]
    assert [one.place_id for one in found.hours] == [None]
    assert found.at(river.places["studio"].pk).windows(ZONE, THURSDAY, THURSDAY) == []


def test_days_that_depart(river: Stage, maren: Actor, now: datetime) -> None:
    wish: dict[str, Any] = {"by": maren, "therapist_id": maren.therapist_id, "now": now}
    off = actions.add_exception(day=THURSDAY, kind="closed", reason="course", **wish)
    actions.add_exception(day=WEDNESDAY, kind="closed", **wish)
    assert (hours(river, THURSDAY), hours(river, WEDNESDAY, None)) == ([], [])
    actions.remove_exception(by=maren, exception_id=off, now=now)
    actions.add_exception(day=THURSDAY, kind="changed", opens=600, closes=720, **wish)
    assert hours(river, THURSDAY) == ["10:00-12:00"]
    actions.add_exception(day=THURSDAY, kind="extra", mode="home", opens=780, closes=900, **wish)
    assert hours(river, THURSDAY, None) == ["13:00-15:00"]
    listed = queries.exceptions(by=maren, first=WEDNESDAY, last=THURSDAY)
    assert [(one.day.day, one.kind, one.mode) for one in listed] == [
        (18, "closed", "clinic"),
        (19, "changed", "clinic"),
        (19, "extra", "home"),
    ]
    verbs = list(Entry.objects.order_by("number").values_list("verb", flat=True))
    assert (verbs.count("hours.exception-added"), verbs.count("hours.exception-removed")) == (4, 1)
    assert "course" not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_a_new_week(river: Stage, maren: Actor, now: datetime) -> None:
    week = [actions.WeeklyHours(OpeningRule(3, 600, 900), river.places["studio"].pk)]
    wish: dict[str, Any] = {"by": maren, "therapist_id": maren.therapist_id, "now": now}
    actions.set_hours(hours=week, breaks=[Break(3, 660, 690)], **wish)
    assert hours(river, THURSDAY) == ["10:00-11:00", "11:30-15:00"]
    assert hours(river, WEDNESDAY, None) == []
    with pytest.raises(actions.PlaceNeededError):
        actions.set_hours(hours=[actions.WeeklyHours(OpeningRule(3, 600, 900), new_id())], breaks=[], **wish)


def test_only_the_owner_and_the_therapist(foothills: Stage, staff_of: Callable[..., Actor], now: datetime) -> None:
    noor, desk, owner = (staff_of(foothills, role) for role in ("therapist", "front_desk", "owner"))
    ivan = foothills.therapists["ivan-petrov"].pk
    with tenancy.scope(practice_id=foothills.practice.id):
        for by in (noor, desk, Actor(practice_id=foothills.practice.id)):
            with pytest.raises(NotFoundError):
                actions.add_exception(by=by, therapist_id=ivan, day=THURSDAY, kind="closed", now=now)
        made = actions.add_exception(by=owner, therapist_id=ivan, day=THURSDAY, kind="closed", now=now)
        for exception_id in (made, new_id()):
            with pytest.raises(NotFoundError):
                actions.remove_exception(by=noor, exception_id=exception_id, now=now)
        with pytest.raises(NotFoundError):
            queries.exceptions(by=Actor(), first=THURSDAY, last=THURSDAY)
        assert len(queries.exceptions(by=desk, first=THURSDAY, last=THURSDAY)) == 1


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"kind": "extra"}, "opening-hours"),
        ({"kind": "extra", "opens": 600, "closes": 601}, "opening-hours"),
        ({"kind": "strange", "opens": 600, "closes": 660}, "opening-hours"),
        ({"kind": "extra", "opens": 600, "closes": 660, "place_id": new_id()}, "place-needed"),
        ({"kind": "extra", "opens": 600, "closes": 660, "mode": "moon"}, "place-needed"),
    ],
)
def test_hours_that_can_not_be(river: Stage, maren: Actor, now: datetime, wish: dict[str, Any], error: str) -> None:
    with pytest.raises(Exception) as caught:
        actions.add_exception(by=maren, therapist_id=maren.therapist_id, day=THURSDAY, now=now, **wish)
    assert caught.value.code == error
