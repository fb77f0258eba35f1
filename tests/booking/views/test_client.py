"""A client's own visits."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy

TOMASZ, PRIYA = "tomasz@clients.example", "priya@clients.example"


@pytest.fixture
def tomasz(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(riverbend.clients[TOMASZ].account_id, strong=False)


def address(visit: Appointment, page: str = "") -> str:
    return f"/p/riverbend/my/visits/{visit.pk}/{page}"


def state(stage: Stage, visit: Appointment) -> tuple[str, int]:
    with tenancy.scope(practice_id=stage.practice.id):
        row = Appointment.objects.get(pk=visit.pk)
    return row.state, row.fee_minor


def test_coming_and_past(riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]) -> None:
    a_visit(riverbend, TOMASZ)
    a_visit(riverbend, TOMASZ, days=-5, state="completed")
    page = tomasz.get("/p/riverbend/my/").content.decode()
    coming, past = page.split("Before</h2>")
    assert (coming.count("10:00 a.m."), past.count("Book again")) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    riverbend: Stage,
    tomasz: Client,
    a_visit: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    for number in range(count):
        a_visit(riverbend, TOMASZ, days=5 + number)
    with django_assert_num_queries(15):
        tomasz.get("/p/riverbend/my/")


def test_the_fee_is_shown_before_the_button(riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]) -> None:
    free, late = a_visit(riverbend, TOMASZ), a_visit(riverbend, TOMASZ, days=1, hour=1)
    assert "Cancelling costs nothing" in tomasz.get(address(free, "cancel/")).content.decode()
    page = tomasz.get(address(late, "cancel/")).content.decode()
    assert re.search(r"Cancel and owe \$(55|110)", page)
    assert (state(riverbend, free), state(riverbend, late)) == (("confirmed", 0), ("confirmed", 0))
    for _ in range(2):
        assert tomasz.post(address(free, "cancel/"))["Location"] == address(free)
    assert state(riverbend, free) == ("cancelled", 0)
    assert "This visit is cancelled." in tomasz.get(address(free)).content.decode()


def test_moving_shows_what_changes_and_then_does_it(
    riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]
) -> None:
    visit = a_visit(riverbend, TOMASZ)
    page = tomasz.get(address(visit, "move/")).content.decode()
    slot = re.findall(r'name="slot"\s+value="([^"]+)"', page)[-1]
    sure = tomasz.post(address(visit, "move/"), {"slot": slot})
    assert "Move the visit?" in sure.content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.get(pk=visit.pk).local_start == visit.local_start
    done = tomasz.post(address(visit, "move/"), {"slot": slot, "sure": "1"})
    assert done["Location"] == address(visit) + "?new=1"
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.get(pk=visit.pk).local_start == slot.split("|")[2]


def test_a_time_that_is_not_free_keeps_the_visit(riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]) -> None:
    visit, other = a_visit(riverbend, TOMASZ), a_visit(riverbend, PRIYA, hour=12)
    answer = tomasz.post(address(visit, "move/"), {"slot": f"maren-oduya|studio|{other.local_start}", "sure": "1"})
    assert answer.status_code in {409, 422}
    assert state(riverbend, visit) == ("confirmed", 0)


def test_the_calendar_file_says_when_and_nothing_else(
    riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]
) -> None:
    visit = a_visit(riverbend, TOMASZ)
    answer = tomasz.get(address(visit, "calendar.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == visit.starts_at
    assert "herapeutic" not in answer.content.decode()


def test_a_completed_visit_offers_what_comes_after(
    riverbend: Stage, tomasz: Client, a_visit: Callable[..., Any]
) -> None:
    page = tomasz.get(address(a_visit(riverbend, TOMASZ, days=-2, state="completed"))).content.decode()
    assert page.count("Book the same again") == 1
    assert "Move</a>" not in page


@pytest.mark.parametrize("page", ["", "cancel/", "move/", "calendar.ics"])
def test_others_see_what_made_up_ids_show(
    riverbend: Stage, signed_in: Callable[..., Client], a_visit: Callable[..., Any], page: str
) -> None:
    visit = a_visit(riverbend, TOMASZ)
    priya = signed_in(riverbend.clients[PRIYA].account_id)
    own = priya.get(address(visit, page))
    made_up = priya.get(f"/p/riverbend/my/visits/{riverbend.practice.id}/{page}")
    assert (own.status_code, made_up.status_code) == (404, 404)
    assert Client().get(address(visit, page)).status_code == 302
