"""Public holidays, and breaks that hold for a time."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
from django.test import Client

from unknot.audit.models import Entry
from unknot.availability import actions, events, queries
from unknot.availability.queries import Break, OpeningRule, instant_of_cell
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.practice import queries as practices

ZONE = "America/Edmonton"
CHRISTMAS, EVE, NEW_YEAR = date(2026, 12, 25), date(2026, 12, 24), date(2027, 1, 1)
"""A Friday (Maren's home visits), a Thursday (the studio) and a Friday."""


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """The therapist, who is also the owner."""
    return staff_of(river, "therapist")


def hours(stage: Stage, day: date, place: str | None = None) -> list[str]:
    therapist_id = stage.therapists["maren-oduya"].pk
    inputs = queries.opening([therapist_id], first=day, last=day)[therapist_id]
    cells = inputs.at(stage.places[place].pk if place else None).windows(ZONE, day, day)
    shown = [tuple(local(instant_of_cell(cell), ZONE) for cell in window) for window in cells]
    return [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in shown if opens.date() == day]


def test_the_switch_closes_every_public_holiday(river: Stage, maren: Actor, now: datetime) -> None:
    assert hours(river, CHRISTMAS) == ["10:00-19:00"], "open unless the practice says otherwise"
    told: list[events.HoursNews] = []
    events.subscribe(told.append)
    actions.close_on_holidays(by=maren, closed=True, now=now)
    events._listeners.remove(told.append)
    assert [one.therapist_id for one in told] == [maren.therapist_id], "cards and waitlist hear of it"
    assert (hours(river, CHRISTMAS), hours(river, NEW_YEAR)) == ([], [])
    assert hours(river, EVE, "studio") == ["09:00-12:30", "13:15-17:00"]
    actions.close_on_holidays(by=maren, closed=False, now=now)
    assert hours(river, CHRISTMAS) == ["10:00-19:00"]
    verbs = ["practice.holidays-closed", "practice.holidays-open"]
    assert list(Entry.objects.order_by("at", "number").values_list("verb", flat=True)) == verbs


@pytest.mark.parametrize("kind", ["extra", "changed"])
def test_hours_of_that_very_day_win(river: Stage, maren: Actor, now: datetime, kind: str) -> None:
    actions.close_on_holidays(by=maren, closed=True, now=now)
    actions.add_exception(
        by=maren,
        therapist_id=river.therapists["maren-oduya"].pk,
        day=CHRISTMAS,
        kind=kind,
        opens=600,
        closes=720,
        mode="home",
        now=now,
    )
    assert hours(river, CHRISTMAS) == ["10:00-12:00"]
    assert hours(river, NEW_YEAR) == []


def test_only_the_owner_switches(river: Stage, client_of: Callable[..., Actor], now: datetime) -> None:
    with pytest.raises(NotFoundError):
        actions.close_on_holidays(by=client_of(river, "tomasz@clients.example"), closed=True, now=now)
    assert practices.closed_holidays(CHRISTMAS, CHRISTMAS) == {}
    assert practices.holidays(CHRISTMAS, CHRISTMAS) == {CHRISTMAS: "Christmas Day"}


def test_the_page_names_the_days_and_has_the_switch(riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    owner = signed_in(next(person.pk for role, person in riverbend.staff if role == "owner"))
    page = f"/p/riverbend/desk/hours/{riverbend.therapists['maren-oduya'].pk}/"
    assert "Christmas Day" in owner.get(page).content.decode()
    then = owner.post("/p/riverbend/desk/hours/holidays/", {"closed": "yes"}, follow=True)
    assert "Work on public holidays" in then.content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert practices.practice(riverbend.practice.id).holidays == "closed"


def test_a_break_may_hold_for_a_time(river: Stage, maren: Actor, now: datetime) -> None:
    therapist_id, place = river.therapists["maren-oduya"].pk, river.places["studio"].pk
    week = [actions.WeeklyHours(OpeningRule(3, 540, 1020), place)]
    until = date(2026, 12, 24)
    pause = Break(3, 720, 780, date(2026, 11, 26), until)
    actions.set_hours(by=maren, therapist_id=therapist_id, hours=week, breaks=[pause], now=now)
    whole, broken = ["09:00-17:00"], ["09:00-12:00", "13:00-17:00"]
    days = [date(2026, 11, 19), date(2026, 11, 26), date(2026, 12, 17), until]
    assert [hours(river, day, "studio") for day in days] == [whole, broken, broken, whole]
    stored = queries.opening([therapist_id], first=days[0], last=days[0])[therapist_id]
    assert stored.hours[0].breaks == (pause,)
