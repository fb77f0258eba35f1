"""Asking late for another time, and the page at the desk where such wishes wait."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment, Change
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"
DESK = "/p/foothills/desk/"


@pytest.fixture
def sam(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The front desk."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))


@pytest.fixture
def maya(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(foothills.clients[MAYA].account_id)


@pytest.fixture
def asked(foothills: Stage, maya: Client, a_visit: Callable[..., Any]) -> Appointment:
    """A visit in five days whose client may not move it freely any more, and wishes for the first other time."""
    visit: Appointment = a_visit(foothills, MAYA, change_hours=336)
    address = f"/p/foothills/my/visits/{visit.pk}/move/"
    page = maya.get(f"{address}?with=anyone").content.decode()
    assert "another time needs our yes" in page
    slot = re.findall(r'name="slot"\s+value="([^"]+)"', page)[0]
    sure = maya.post(address, {"slot": slot}).content.decode()
    assert ("Ask for this time?" in sure, "Ask for it" in sure) == (True, True)
    done = maya.post(address, {"slot": slot, "sure": "1"})
    assert done["Location"] == f"/p/foothills/my/visits/{visit.pk}/"
    assert "You asked for another time" in maya.get(done["Location"]).content.decode()
    return visit


def state(stage: Stage) -> str:
    with tenancy.scope(practice_id=stage.practice.id):
        return str(Change.objects.get().state)


def form(browser: Client, visit: Appointment, answer: str) -> dict[str, str]:
    page = browser.get(f"{DESK}requests/").content.decode()
    assert ("Maya Thorne" in page, "+14035550130" in page) == (True, True)
    return {"change": re.findall(r'name="change"\s+value="([^"]+)"', page)[0], "answer": answer}


@pytest.mark.parametrize(("answer", "after"), [("accept", "accepted"), ("decline", "declined")])
def test_the_desk_answers(
    foothills: Stage, sam: Client, maya: Client, asked: Appointment, answer: str, after: str
) -> None:
    assert "asks for another time" in sam.get(f"{DESK}day/").content.decode()
    done = sam.post(f"{DESK}requests/{asked.pk}/", form(sam, asked, answer))
    assert (done.status_code, done["Location"], state(foothills)) == (302, f"{DESK}requests/", after)
    assert "Nothing waits" in sam.get(f"{DESK}requests/").content.decode()
    page = maya.get(f"/p/foothills/my/visits/{asked.pk}/").content.decode()
    assert ("Your visit stays as it was" in page) == (after == "declined")


def test_its_client_takes_it_back(foothills: Stage, sam: Client, maya: Client, asked: Appointment) -> None:
    wanted = form(sam, asked, "accept")
    assert maya.post(f"/p/foothills/my/visits/{asked.pk}/change/", wanted).status_code == 302
    assert state(foothills) == "withdrawn"
    late = sam.post(f"{DESK}requests/{asked.pk}/", wanted)
    assert (late.status_code, "taken back or ran out" in late.content.decode()) == (409, True)


def test_visits_to_confirm_wait_there_too(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, ANDERS, state="requested", answer_by=timezone.now() + timedelta(hours=5))
    page = sam.get(f"{DESK}requests/").content.decode()
    assert ("Visits to confirm" in page, "Answer by" in page) == (True, True)
    assert sam.post(f"{DESK}requests/{visit.pk}/", {"answer": "arrive"}).status_code == 422
    assert sam.post(f"{DESK}requests/{visit.pk}/", {"answer": "confirm"}).status_code == 302
    with tenancy.scope(practice_id=foothills.practice.id):
        assert Appointment.objects.get().state == "confirmed"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    foothills: Stage,
    sam: Client,
    a_visit: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    for hour in range(count):
        a_visit(foothills, ANDERS, state="requested", hour=8 + 2 * hour, answer_by=timezone.now() + timedelta(hours=5))
    with django_assert_num_queries(17):
        sam.get(f"{DESK}requests/")
