"""Running late over the API."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.booking.test_api_series import post, token
from unknot.booking import actions, queries
from unknot.booking.models import Appointment, Delay, LateVisit
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.ids import new_id
from unknot.practice import queries as practices

pytestmark = pytest.mark.django_db
PATH = "/api/v1/practices/foothills/delays"
MAYA = "maya@clients.example"


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


@pytest.fixture
def noor(foothills: Stage) -> dict[str, str]:
    return token("noor@foothills.example")


@pytest.fixture
def visit(foothills: Stage, now: datetime) -> queries.VisitFacts:
    """Maya today at one, three hours from now, booked yesterday."""
    by = system(foothills.practice.id)
    with tenancy.scope(practice_id=foothills.practice.id):
        return actions.book_directly(
            by=by,
            practice=practices.practice(foothills.practice.id),
            service_slug="therapeutic-60",
            therapist_slug="noor-haddad",
            place_slug="clinic",
            local_start="2026-11-17T13:00",
            client_id=foothills.clients[MAYA].pk,
            intake_id=None,
            now=now - timedelta(days=1),
        )


def late_at(stage: Stage, visit: queries.VisitFacts) -> str:
    with tenancy.scope(practice_id=stage.practice.id):
        return str(Appointment.objects.get(pk=visit.id).local_start[11:])


def tap(headers: dict[str, str], minutes: int = 20, **more: Any) -> Any:
    return post(PATH, {"therapist": "noor-haddad", "minutes": minutes, **more}, headers)


def test_saying_it_seeing_the_choices_and_choosing(
    foothills: Stage, noor: dict[str, str], visit: queries.VisitFacts
) -> None:
    key = noor | {"Idempotency-Key": "late"}
    said = tap(key)
    assert said.status_code == 201, said.json()
    assert tap(key).json() == said.json()
    with tenancy.scope(practice_id=foothills.practice.id):
        assert Delay.objects.count() == 1
    (one,) = said.json()["visits"]
    assert (one["was_local_start"][11:], one["local_start"][11:], one["minutes"]) == ("13:00", "13:20", 20)
    assert late_at(foothills, visit) == "13:20"
    maya = token(MAYA)
    seen = Client().get(f"/api/v1/late/{one['id']}", headers=maya).json()
    assert seen["open"]
    kinds = [each["kind"] for each in seen["options"]]
    assert {"keep", "other", "day", "shorter", "cancel"} <= set(kinds)
    path = f"/api/v1/late/{one['id']}/answer"
    stale = post(path, {"choice": "other:nobody|clinic|2026-11-17T10:00"}, maya)
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale-answer")
    other = next(each for each in seen["options"] if each["kind"] == "other")
    key = maya | {"Idempotency-Key": "mine"}
    done = post(path, {"choice": other["key"]}, key)
    assert (done.status_code, done.json()["answer"], done.json()["open"]) == (200, "other", False)
    assert done.json()["visit"]["local_start"] == other["local_start"]
    assert post(path, {"choice": other["key"]}, key).json() == done.json()
    again = post(path, {"choice": "cancel"}, maya)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/answered")
    assert Client().get(f"/api/v1/late/{one['id']}", headers=maya).json()["options"] == []
    listed = Client().get(PATH, headers=noor).json()
    assert [(each["therapist"], each["can_undo"], each["visits"][0]["answer"]) for each in listed] == [
        ("noor-haddad", False, "other")
    ]


def test_taking_it_back(foothills: Stage, noor: dict[str, str], visit: queries.VisitFacts) -> None:
    said = tap(noor).json()
    assert said["can_undo"]
    path = f"/api/v1/delays/{said['id']}"
    done = post(f"{path}/undo", {}, noor)
    assert (done.status_code, done.json()["visits"][0]["answer"]) == (200, "undone")
    assert late_at(foothills, visit) == "13:00"
    assert post(f"{path}/undo", {}, noor).json() == done.json() == Client().get(path, headers=noor).json()
    post(f"/api/v1/late/{tap(noor).json()['visits'][0]['id']}/answer", {"choice": "keep"}, token(MAYA))
    second = Client().get(PATH, headers=noor).json()[0]["id"]
    refused = post(f"/api/v1/delays/{second}/undo", {}, noor)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/late-undo")
    assert late_at(foothills, visit) == "13:20"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"minutes": 0}, 422, "late-minutes"),
        ({"minutes": -20}, 422, "late-minutes"),
        ({"minutes": 241}, 422, "late-minutes"),
        ({"minutes": 10**12}, 422, "invalid"),
        ({"minutes": "20"}, 422, "invalid"),
        ({"minutes": 7.5}, 422, "invalid"),
        ({"therapist": "nobody"}, 404, "unknown-therapist"),
        ({"key": "again"}, 422, "invalid"),
    ],
)
def test_what_can_t_be_meant(
    foothills: Stage, noor: dict[str, str], visit: queries.VisitFacts, change: dict[str, Any], status: int, code: str
) -> None:
    answer = post(PATH, {"therapist": "noor-haddad", "minutes": 20} | change, noor)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.json()
    with tenancy.scope(practice_id=foothills.practice.id):
        assert LateVisit.objects.count() == 0


def test_for_whom_it_is(foothills: Stage, noor: dict[str, str], visit: queries.VisitFacts) -> None:
    maya, anders, maren = token(MAYA), token("anders@clients.example"), token("maren@riverbend.example")
    for who in (maya, anders, maren):
        assert tap(who).status_code == 404
        assert Client().get(PATH, headers=who).status_code == 404
    assert tap({}).status_code == 401
    said = tap(noor).json()
    one = said["visits"][0]["id"]
    for who in (anders, maren):
        foreign, made_up = (Client().get(f"/api/v1/late/{each}", headers=who) for each in (one, new_id()))
        assert (foreign.status_code, foreign.json()) == (404, made_up.json())
        assert post(f"/api/v1/late/{one}/answer", {"choice": "cancel"}, who).status_code == 404
    for who in (maya, anders, maren):
        foreign, made_up = (post(f"/api/v1/delays/{each}/undo", {}, who) for each in (said["id"], new_id()))
        assert (foreign.status_code, foreign.json()) == (404, made_up.json())
    assert late_at(foothills, visit) == "13:20"
