"""The client's progress page, without JavaScript."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.outcomes.models import Goal, Measure

TOMASZ = "tomasz@clients.example"
PAGE = "/p/riverbend/my/progress/"


@pytest.fixture
def browser(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    """Tomasz's browser."""
    return signed_in(riverbend.clients[TOMASZ].account_id, strong=False)


def stored(stage: Stage, model: type[Measure] | type[Goal]) -> list[object]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(model.objects.all())


def test_an_empty_page_invites(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()
    assert "No ratings yet" in page
    assert "about once a week" in page


def test_a_rating_is_taken_and_shown(browser: Client, riverbend: Stage) -> None:
    answer = browser.post(f"{PAGE}rating/", {"value": "6", "day": ""}, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "One rating so far: 6 of 10" in answer.content.decode()
    yesterday = local(timezone.now(), "America/Edmonton").date() - timedelta(days=1)
    browser.post(f"{PAGE}rating/", {"value": "8", "day": yesterday.isoformat()})
    rows = stored(riverbend, Measure)
    days = sorted(local(one.taken_at, "America/Edmonton").date() for one in rows if isinstance(one, Measure))
    assert days == [yesterday, yesterday + timedelta(days=1)]


@pytest.mark.parametrize("given", [{}, {"value": "11"}, {"value": "x"}, {"value": "5", "day": "2020-01-01"}])
def test_a_wrong_rating_comes_back(browser: Client, riverbend: Stage, given: dict[str, str]) -> None:
    answer = browser.post(f"{PAGE}rating/", given)
    assert answer.status_code == 422
    assert "form-errors" in answer.content.decode()
    assert stored(riverbend, Measure) == []


def test_a_goal_is_kept_rated_and_closed(browser: Client, riverbend: Stage) -> None:
    browser.post(f"{PAGE}goals/", {"words": "Sleep <b>through</b>"})
    (goal,) = stored(riverbend, Goal)
    assert isinstance(goal, Goal)
    page = browser.get(PAGE).content.decode()
    assert "Sleep &lt;b&gt;through&lt;/b&gt;" in page
    assert browser.post(f"{PAGE}goals/{goal.pk}/", {"level": "1"}).status_code == 302
    assert "More than hoped" in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}goals/{goal.pk}/", {}).status_code == 422
    assert browser.post(f"{PAGE}goals/{goal.pk}/", {"close": "yes"}).status_code == 302
    assert browser.post(f"{PAGE}goals/{uuid4()}/", {"close": "yes"}).status_code == 404
    assert browser.post(f"{PAGE}goals/", {"words": "   "}).status_code == 422


def test_booking_again_is_one_tap(browser: Client, riverbend: Stage, visit_on: Callable[..., Appointment]) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    monday = today - timedelta(days=today.weekday() + 7)
    visit_on(riverbend, TOMASZ, monday)
    page = browser.get(PAGE).content.decode()
    wanted = "/p/riverbend/book/times/?service=therapeutic-60&amp;therapist=maren-oduya&amp;from="
    assert wanted in page


def test_others_are_turned_away(riverbend: Stage, foothills: Stage, signed_in: Callable[..., Client]) -> None:
    assert Client().get(PAGE).status_code == 302
    stranger = signed_in(foothills.clients["maya@clients.example"].account_id)
    assert stranger.get(PAGE).status_code == 404


def test_times_are_the_practice_s_and_not_utc(
    browser: Client, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    monday = today + timedelta(days=14 - today.weekday())
    visit_on(riverbend, TOMASZ, monday, state="confirmed")  # at ten in the morning, 16:00 or 17:00 in UTC
    page = browser.get(PAGE).content.decode()
    assert "at 10:00 a.m." in page.replace("10 a.m.", "10:00 a.m.")


def test_the_questions_are_open_in_their_time_and_keep_what_was_typed(
    browser: Client, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    questions = f"{PAGE}questions/"
    assert "No questions are open" in browser.get(questions).content.decode()
    today = local(timezone.now(), "America/Edmonton").date()
    visit_on(riverbend, TOMASZ, today - timedelta(days=today.weekday() + 7))
    assert questions in browser.get(PAGE).content.decode()
    answer = browser.post(questions, {"name0": "Tie my shoes", "rate1": "4"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Tie my shoes"' in page
    assert "Choose a number from 0 to 10 for this activity." in page
    assert "Say which activity this number is about." in page
    twice = browser.post(questions, {"name0": "Walk", "rate0": "2", "name1": " walk", "rate1": "3"})
    assert "This activity stands here twice." in twice.content.decode()
    assert stored(riverbend, Measure) == []
    assert browser.post(questions, {"name0": "Tie my shoes", "rate0": "2"}).status_code == 302
    [row] = stored(riverbend, Measure)
    assert isinstance(row, Measure)
    assert row.value == {"value": 2.0, "items": {"Tie my shoes": 2}}
    assert "No questions are open" in browser.get(questions).content.decode()
    assert questions not in browser.get(PAGE).content.decode()
