"""How the API treats what it can't use: stable statuses, problem details, one effect per key."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.test_access import House, house  # noqa: F401 - a fixture
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.outcomes.models import Measure
from unknot.people.actions import make_token

JSON = "application/json"
NOBODYS = "3f0d8a52-6a1e-4a65-9d0a-6f8f1c1f4b11"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


def ask(method: str, path: str, body: bytes | str = b"", *, kind: str = JSON, **headers: str) -> Any:
    browser = Client(raise_request_exception=False, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return browser.generic(method, f"/api/v1{path}", body, content_type=kind)


BODIES = {
    "truncated": (b'{"answers": {"G1": "y', JSON, 400),
    "not UTF-8": (b'{"G1": "\xff\xfe"}', JSON, 400),
    "no number": (b'{"G1": NaN}', JSON, 400),
    "a number of 5000 digits": (b'{"G1": ' + b"9" * 5000 + b"}", JSON, 400),
    "ten thousand brackets": (b"[" * 10_000 + b"]" * 10_000, JSON, 400),
    "brackets within a known call": (b'{"G1": ' + b"[" * 900 + b"]" * 900 + b"}", JSON, 422),
    "a form": (b"G1=yes", "application/x-www-form-urlencoded", 415),
    "plain text": (b'{"G1": "yes"}', "text/plain", 415),
    "a megabyte": (b'{"G1": "' + b"y" * 1_000_000 + b'"}', JSON, 413),
    "a list": (b"[1, 2]", JSON, 422),
    "nothing": (b"", JSON, 422),
    "null": (b"null", JSON, 422),
}


@pytest.mark.parametrize("path", ["/guide", "/screening", "/holds"])
@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_none(db: None, path: str, name: str) -> None:
    body, kind, status = BODIES[name]
    answer = ask("POST", path, body, kind=kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert (answer.json()["status"], bool(answer.json()["detail"])) == (status, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/guide", 405),
        ("PUT", "/holds", 405),
        ("TRACE", "/practices/foothills", 405),
        ("GET", "/nothing-here", 404),
        ("GET", "/practices/no-such-practice", 404),
        ("GET", "/practices/%00", 400),
        ("GET", "/practices/a?x=%00", 400),
        ("GET", "/receipts", 401),
        ("GET", f"/sessions/{NOBODYS}/stream", 401),
        ("POST", f"/appointments/{NOBODYS}/cancel", 401),
    ],
)
def test_refusals_are_problem_details(foothills: Stage, method: str, path: str, status: int) -> None:
    answer = ask(method, path)
    assert (answer.status_code, answer["Content-Type"], answer.json()["status"]) == (status, PROBLEM, status)
    assert ("Allow" in answer, answer.get("WWW-Authenticate")) == (status == 405, "Bearer" if status == 401 else None)


def test_the_stream_answers_by_who_asks(house: House) -> None:  # noqa: F811
    def status(who: str, which: str) -> int:
        path = f"/sessions/{house.ids[which]['session_id']}/stream"
        return int(ask("GET", path, authorization=f"Bearer {house.tokens[who]}").status_code)

    assert [status("client", which) for which in ("own", "other", "foreign", "made-up")] == [200, 404, 404, 404]
    assert [status("therapist", which) for which in ("own", "foreign", "made-up")] == [200, 404, 404]
    assert [status(who, "own") for who in ("front_desk", "stranger", "operator")] == [404, 404, 404]
    assert ask("GET", f"/sessions/{NOBODYS}/stream", authorization="Bearer wrong").status_code == 401
    assert ask("GET", "/sessions/no-id/stream", authorization=f"Bearer {house.tokens['client']}").status_code == 422


def test_a_key_has_one_effect_and_one_answer(foothills: Stage, now: datetime) -> None:
    client = foothills.clients["maya@clients.example"]
    token = make_token(account_id=client.account_id, label="test", now=now)

    def rate(value: int, key: str) -> Any:
        body = json.dumps({"instrument": "nprs", "value": value, "window": "average_24h"})
        path = f"/clients/{client.pk}/measures"
        return ask("POST", path, body, authorization=f"Bearer {token}", idempotency_key=key)

    first, again, other = rate(4, "k1"), rate(4, "k1"), rate(5, "k1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert rate(5, "k" * 201).status_code == 400
    with tenancy.scope(practice_id=foothills.practice.id):
        assert Measure.objects.filter(client_id=client.pk).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"taken_at": 1_763_400_000},
        {"value": "4"},
        {"value": True},
        {"value": 10**400},
        {"taken_at": "2026-11-17T09:00:00"},
    ],
)
def test_bodies_are_taken_by_their_type(foothills: Stage, now: datetime, wrong: dict[str, Any]) -> None:
    client = foothills.clients["maya@clients.example"]
    token = make_token(account_id=client.account_id, label="test", now=now)
    body = {"instrument": "nprs", "value": 4, "window": "average_24h"} | wrong
    answer = ask("POST", f"/clients/{client.pk}/measures", json.dumps(body), authorization=f"Bearer {token}")
    assert answer.status_code == 422
    assert [one["field"].split(".")[-1] for one in answer.json()["errors"]] == list(wrong)


def test_the_description_says_problems_and_who_needs_a_token(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for methods in paths.values():
        for details in methods.values():
            for status, answer in details["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == [PROBLEM]
            assert ("401" in details["responses"]) >= (details.get("security") == [{"Bearer": []}])
    assert paths["/api/v1/receipts"]["get"]["security"] == [{"Bearer": []}]
    assert "security" not in paths["/api/v1/guide"]["post"]
    assert "415" in paths["/api/v1/guide"]["post"]["responses"]


def test_a_browser_session_needs_the_token_against_forgery(foothills: Stage, signed_in: Callable[..., Client]) -> None:
    client = foothills.clients["maya@clients.example"]
    browser = signed_in(client.account_id)
    browser.handler.enforce_csrf_checks = True
    body = json.dumps({"instrument": "nprs", "value": 4, "window": "average_24h"})
    answer = browser.post(f"/api/v1/clients/{client.pk}/measures", body, content_type=JSON)
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)


def test_every_shape_has_a_name_of_its_own() -> None:
    """Two shapes of one name become one in the description of the API, and what it says of the other is wrong."""
    from ninja import Schema

    def below(shape: type) -> list[type]:
        return [one for child in shape.__subclasses__() for one in (child, *below(child))]

    ours = {one for one in below(Schema) if one.__module__.startswith("unknot.")}
    names = [one.__name__ for one in ours]
    assert len(names) > 50
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
