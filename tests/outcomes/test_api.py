"""Ratings in, progress out, by token."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.outcomes.models import Questionnaire
from unknot.people.actions import make_token

TOMASZ = "tomasz@clients.example"
PAIN = {"instrument": "nprs", "value": 6, "window": "average_24h"}


@pytest.fixture
def calls(now: datetime) -> Callable[[Any], Client]:
    """`calls(account)`: a program with a token of that account."""

    def make(account: Any) -> Client:
        token = make_token(account_id=account.pk, label="test", now=timezone.now())
        return Client(headers={"Authorization": f"Bearer {token}"})

    return make


def test_a_client_rates_and_reads_in_the_right_practice(
    riverbend: Stage, openhands: Stage, calls: Callable[[Any], Client]
) -> None:
    program = calls(riverbend.clients[TOMASZ].account)
    there = openhands.clients[TOMASZ].pk
    made = program.post(f"/api/v1/clients/{there}/measures", PAIN, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["value"] == 6.0
    found = program.get(f"/api/v1/clients/{there}/progress").json()
    assert [one["value"] for one in found["trend"]["points"]] == [6.0]
    assert found["proposal"]["kind"] == "general"
    here = program.get(f"/api/v1/clients/{riverbend.clients[TOMASZ].pk}/progress").json()
    assert here["trend"]["points"] == []


def test_a_repeated_call_is_one_rating(riverbend: Stage, calls: Callable[[Any], Client]) -> None:
    program, client = calls(riverbend.clients[TOMASZ].account), riverbend.clients[TOMASZ].pk
    ids = {
        program.post(f"/api/v1/clients/{client}/measures", PAIN, content_type="application/json").json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"value": 11}, 422, "score-invalid"),
        ({"value": None}, 422, "value-missing"),
        ({"window": ""}, 422, "bad-window"),
        ({"instrument": "nothing", "window": ""}, 404, "measure-unknown"),
        ({"instrument": "odi", "window": ""}, 403, "measure-off"),
        ({"instrument": "goal", "value": 1, "window": ""}, 404, "not-found"),
        ({"taken_at": "2001-01-01T00:00:00Z"}, 422, "rating-too-old"),
        ({"taken_at": (timezone.now() + timedelta(days=400)).isoformat()}, 422, "rating-in-future"),
        ({"taken_at": "2026-11-17T10:00:00"}, 422, "invalid"),
        ({"context": "someday"}, 422, "invalid"),
        ({"appointment": str(uuid4())}, 404, "not-found"),
    ],
)
def test_refusals_name_the_fault(
    riverbend: Stage, calls: Callable[[Any], Client], changes: dict[str, Any], status: int, code: str
) -> None:
    program, client = calls(riverbend.clients[TOMASZ].account), riverbend.clients[TOMASZ].pk
    answer = program.post(f"/api/v1/clients/{client}/measures", PAIN | changes, content_type="application/json")
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (status, code)


def test_activities_are_averaged(riverbend: Stage, calls: Callable[[Any], Client]) -> None:
    program, client = calls(riverbend.clients[TOMASZ].account), riverbend.clients[TOMASZ].pk
    body = {"instrument": "psfs", "activities": [{"name": "drive", "rating": 4}, {"name": "lift", "rating": 7}]}
    made = program.post(f"/api/v1/clients/{client}/measures", body, content_type="application/json")
    assert (made.status_code, made.json()["value"]) == (201, 5.5)


def test_who_is_let_in(riverbend: Stage, foothills: Stage, calls: Callable[[Any], Client]) -> None:
    client = riverbend.clients[TOMASZ].pk
    path = f"/api/v1/clients/{client}/progress"
    assert Client().get(path).status_code == 401
    therapist = calls(riverbend.therapists["maren-oduya"].account)
    assert therapist.get(path).status_code == 200
    strangers = [
        riverbend.clients["gail@clients.example"].account,
        foothills.therapists["noor-haddad"].account,
        next(person for role, person in foothills.staff if role == "front_desk"),
    ]
    assert [calls(one).get(path).status_code for one in strangers] == [404, 404, 404]
    own = foothills.clients["maya@clients.example"].pk
    desk = calls(next(person for role, person in foothills.staff if role == "front_desk"))
    assert desk.get(f"/api/v1/clients/{own}/progress").status_code == 404
    assert therapist.get(f"/api/v1/clients/{uuid4()}/progress").status_code == 404


def test_a_questionnaire_is_read_and_answered_once(
    riverbend: Stage, calls: Callable[[Any], Client], visit_on: Callable[..., Any], made_up: str
) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    visit_on(riverbend, TOMASZ, today - timedelta(days=today.weekday() + 7))
    owner = riverbend.therapists["maren-oduya"].account_id
    with tenancy.scope(practice_id=riverbend.practice.id):
        paper = Questionnaire.objects.create(
            practice=riverbend.practice,
            slug="stairs_4",
            text=made_up,
            installed_by_id=owner,
            installed_at=timezone.now(),
            accepted_by_id=owner,
            accepted_at=timezone.now(),
        )
    client = riverbend.clients[TOMASZ]
    program, base = calls(client.account), f"/api/v1/clients/{client.pk}"
    asked = program.get(f"{base}/questions").json()
    assert (asked["week"], asked["asks"]) == (0, ["psfs"])
    [form] = asked["forms"]
    assert (form["id"], form["title"], form["least_answered"]) == (str(paper.pk), "Stairs and shelves", 3)
    assert form["items"][0] == {"text": "Stairs are <b>hard</b>.", "options": ["never", "sometimes", "often"]}
    path = f"{base}/questionnaires/{paper.pk}/answers"

    def answer(*chosen: int | None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return program.post(path, {"chosen": chosen}, content_type="application/json", headers=headers)

    def refusal(*chosen: int | None) -> tuple[int, str]:
        refused = answer(*chosen)
        return refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]

    assert refusal(0, 1, None, None) == (422, "too-few-answers")
    assert refusal(0, 1, 2, 7) == (422, "score-invalid")
    assert refusal(0, 1, 2, -1) == (422, "invalid")
    made = answer(0, 1, 2, None, key="one")
    assert (made.status_code, made.json()["instrument"], made.json()["value"]) == (201, "stairs_4", 4.0)
    assert answer(0, 1, 2, None, key="one").json() == made.json()
    assert refusal(2, 2, 2, 2) == (409, "nothing-asked")
    assert program.get(f"{base}/questions").json()["forms"] == []
    [series] = program.get(f"{base}/progress").json()["others"]
    assert [(one["value"], one["answered"], one["asked"]) for one in series["points"]] == [(4.0, 3, 4)]
    stranger = calls(riverbend.clients["gail@clients.example"].account)
    assert stranger.get(f"{base}/questions").status_code == 404
    assert stranger.post(path, {"chosen": [0, 0, 0, 0]}, content_type="application/json").status_code == 404
