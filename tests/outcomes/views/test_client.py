"""The client's progress page, without JavaScript."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.outcomes.domain import Item
from unknot.outcomes.forms import QuestionnaireForm
from unknot.outcomes.models import Goal, Measure, Questionnaire

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


def test_a_series_in_the_proposed_rhythm_is_one_tap(
    browser: Client, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    last = today - timedelta(days=today.weekday() + 7)
    visit_on(riverbend, TOMASZ, last)  # at ten
    page = browser.get(PAGE).content.decode()
    link = unescape(re.search(r'href="([^"]*/book/series/[^"]*)"', page).group(1))  # type: ignore[union-attr]
    assert "every=1&unit=weeks&count=6" in link
    assert "time=10%3A00" in link
    shown = browser.get(link)
    assert shown.status_code == 200
    assert len(shown.context["dates"]) == 6


def test_steps_in_own_words_can_be_chosen_and_their_course_is_a_table(browser: Client, riverbend: Stage) -> None:
    browser.post(f"{PAGE}goals/", {"words": "Sleep", "step0": "Awake at three", "step2": "Sleep to six"})
    [goal] = stored(riverbend, Goal)
    for level in ("-2", "0"):
        assert browser.post(f"{PAGE}goals/{goal.pk}/", {"level": level}).status_code == 302
        with tenancy.scope(practice_id=riverbend.practice.id):
            Measure.objects.update(taken_at=timezone.now() - timedelta(hours=1))
    page = browser.get(PAGE).content.decode()
    for words in ("Awake at three", "Sleep to six", "Much more than hoped", "from -2 to 0: better"):
        assert words in page
    refused = browser.post(f"{PAGE}goals/", {"words": "", "step1": "half a night"})
    assert refused.status_code == 422
    assert 'value="half a night"' in refused.content.decode()


def test_a_wish_for_the_plan_is_kept(browser: Client) -> None:
    assert browser.post(f"{PAGE}wish/", {"target": "5"}).status_code == 302
    page = browser.get(PAGE).content.decode()
    assert '<option value="5" selected>' in page
    assert 'name="compare"' not in page, "nobody asked for firm work"


def test_a_questionnaire_of_the_practice_is_answered(
    browser: Client, riverbend: Stage, visit_on: Callable[..., Appointment], made_up: str
) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    visit_on(riverbend, TOMASZ, today - timedelta(days=today.weekday() + 7))
    owner = riverbend.therapists["maren-oduya"].account_id
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = Questionnaire.objects.create(
            practice=riverbend.practice,
            slug="stairs_4",
            text=made_up,
            installed_by_id=owner,
            installed_at=timezone.now(),
            accepted_by_id=owner,
            accepted_at=timezone.now(),
        )
    paper = f"{PAGE}questions/{row.pk}/"
    first = browser.post(f"{PAGE}questions/", {"name0": "Tie my shoes", "rate0": "2"})
    assert first["Location"] == paper
    page = browser.get(paper).content.decode()
    assert "Stairs are &lt;b&gt;hard&lt;/b&gt;." in page
    assert "Made up for Unknot&#x27;s tests." in page
    few = browser.post(paper, {"item0": "1", "item1": "2"})
    assert few.status_code == 422
    assert "at least 3 of 4" in few.content.decode()
    assert re.search(r'name="item1" value="2"[^>]* checked', few.content.decode())
    assert browser.post(paper, {"item0": "1", "item1": "2", "item2": "2"}).status_code == 302
    assert "Stairs and shelves" in browser.get(PAGE).content.decode()
    assert "3 of 4 were answered" in browser.get(PAGE).content.decode()
    assert browser.get(paper).status_code == 404


def test_an_empty_list_of_statements_is_no_answer() -> None:
    statements = [Item("One"), Item("Two")]
    for data in ({}, {"ticked": ["0"], "none": "on"}, {"ticked": ["7"]}):
        assert not QuestionnaireForm(data, items=statements).is_valid()
    none, one = (QuestionnaireForm(data, items=statements) for data in ({"none": "on"}, {"ticked": ["1"]}))
    assert none.is_valid()
    assert one.is_valid()
    assert (none.chosen(), one.chosen()) == ([None, None], [None, 0])
