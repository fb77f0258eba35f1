"""One tap at the desk, and the page on which a client chooses."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from unknot.booking.models import Appointment, LateVisit
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"
DESK = "/p/foothills/desk/"


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


@pytest.fixture
def sam(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The front desk."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))


@pytest.fixture
def maya(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(foothills.clients[MAYA].account_id)


@pytest.fixture
def visit(foothills: Stage, a_visit: Callable[..., Any]) -> Appointment:
    """Maya today at ten, with an hour of patience before it."""
    made: Appointment = a_visit(foothills, MAYA, days=0, hour=10)
    return made


def tap(sam: Client, minutes: str = "20", **more: str) -> Any:
    page = sam.get(f"{DESK}late/").content.decode()
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    assert '<option value="noor-haddad"' in page
    return sam.post(f"{DESK}late/", {"therapist": "noor-haddad", "minutes": minutes, "key": key, **more})


def late(stage: Stage) -> LateVisit:
    with tenancy.scope(practice_id=stage.practice.id):
        row: LateVisit = LateVisit.objects.select_related("visit").get(answer__in=["", "keep", "cancel", "shorter"])
        return row


def test_one_tap_and_the_plan(foothills: Stage, sam: Client, visit: Appointment) -> None:
    assert f'href="{DESK}late/?therapist="' in sam.get(f"{DESK}day/").content.decode()
    done = tap(sam)
    assert done.status_code == 302
    page = " ".join(sam.get(done["Location"]).content.decode().split())
    for words in ("Maya Thorne", "Was 10:00 a.m.", "10:20 a.m.", "not answered, the new time stands", "+14035550130"):
        assert words in page, words
    assert late(foothills).visit.local_start == f"{visit.local_start[:10]}T10:20"


def test_a_wrong_number_is_told(sam: Client, visit: Appointment) -> None:
    for minutes in ("", "-5", "0", "9999", "x"):
        answer = tap(sam, minutes)
        assert (answer.status_code, "from 5 to 240" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(("key", "state"), [("keep", "confirmed"), ("shorter", "confirmed"), ("cancel", "cancelled")])
def test_the_client_chooses(
    foothills: Stage, sam: Client, maya: Client, visit: Appointment, key: str, state: str
) -> None:
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    assert address in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()
    page = maya.get(address).content.decode()
    assert "10:20 a.m." in page
    assert set(re.findall(r'name="choice"\s+value="(\w+)', page)) >= {"keep", "shorter", "cancel", "other", "day"}
    done = maya.post(address, {"choice": key})
    assert done["Location"] == f"/p/foothills/my/visits/{visit.pk}/"
    assert (late(foothills).answer, late(foothills).visit.state) == (key, state)
    assert "this is settled" in maya.get(address).content.decode()
    assert address not in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()


def test_a_choice_that_is_gone_brings_fresh_ones(
    foothills: Stage, sam: Client, maya: Client, visit: Appointment
) -> None:
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    answer = maya.post(address, {"choice": "other:nobody|clinic|2026-11-17T10:00"})
    page = answer.content.decode()
    assert (answer.status_code, "here is what is possible now" in page) == (409, True)
    assert 'value="keep"' in page


def test_the_page_is_for_its_client_alone(
    foothills: Stage, sam: Client, visit: Appointment, signed_in: Callable[..., Client]
) -> None:
    """The link in the mail shows nothing without signing in, and nothing to anybody else."""
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    assert Client().get(address).status_code == 302
    assert signed_in(foothills.clients[ANDERS].account_id).get(address).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_takes_the_same_queries_for_one_and_three(
    foothills: Stage,
    sam: Client,
    a_visit: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    for number in range(count):
        a_visit(foothills, MAYA, days=0, hour=10 + 2 * number)
    tap(sam, "240")
    with django_assert_num_queries(20):
        sam.get(f"{DESK}late/")
