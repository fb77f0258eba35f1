"""Many at once, over HTTP, against the real server: one time is sold once, one key books once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("demo")]

SERVICE = "relaxation-60"
ROUND = "abcdefghijklmnopqrst"  # twenty people


def test_one_time_is_sold_once_and_the_others_get_times_that_are_free(demo: Demo) -> None:
    free = _free(demo)
    start = free[len(free) // 2]
    people = demo.tokens(*(f"race-{letter}@visitors.example" for letter in ROUND))
    wish = _wish(demo, start)
    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(lambda token: _book(demo, token, wish), people))
    won = [token for token, answer in zip(people, answers, strict=True) if answer.status_code == 201]
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: len(people) - 1}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.headers["content-type"].split(";")[0] for answer in refused} == {"application/problem+json"}
    assert {answer.json()["type"] for answer in refused} == {"/problems/slot-taken"}
    offered = {one["local_start"] for answer in refused for one in answer.json()["alternatives"]}
    assert all(answer.json()["alternatives"] for answer in refused)
    assert start["local_start"] not in offered
    assert offered <= {one["local_start"] for one in _free(demo)}
    _each_can_be_booked(demo, refused, [one for one in people if one not in won])


def _each_can_be_booked(demo: Demo, refused: list[httpx.Response], late: list[str]) -> None:
    """Somebody who came too late takes each alternative in turn, and gives it back for the next."""
    offered = {one["local_start"]: one for answer in refused for one in answer.json()["alternatives"]}
    for token, one in zip(late, offered.values(), strict=False):
        booked = _book(demo, token, _wish(demo, one))
        assert booked.status_code == 201
        with _api(demo, token) as api:
            assert api.post(f"/appointments/{booked.json()['id']}/cancel").status_code == 200


def test_the_same_key_books_once_and_says_the_same(demo: Demo) -> None:
    start = _free(demo)[0]
    [token] = demo.tokens("repeats@visitors.example")
    wish = _wish(demo, start)
    key = {"Idempotency-Key": "a-phone-in-a-tunnel"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: _book(demo, token, wish, key), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = _book(demo, token, {**wish, "name": "Somebody else"}, key)
    assert other.status_code == 422
    assert other.headers["content-type"].split(";")[0] == "application/problem+json"
    assert demo.rows(
        "SELECT count(*) FROM booking_appointment a JOIN people_account p ON p.id = a.account_id WHERE p.email = %s",
        "repeats@visitors.example",
    ) == [(1,)]


def _free(demo: Demo) -> list[dict[str, Any]]:
    today = datetime.now(UTC).date()
    asked = {"service": SERVICE, "therapist": "owen-blackwood", "to": str(today + timedelta(days=30))}
    with demo.api() as api:
        found = api.get("/practices/foothills/slots", params=asked)
    assert found.status_code == 200
    return list(found.json()["slots"])


def _answers(demo: Demo) -> dict[str, str]:
    """No to every safety question that a booking asks."""
    with demo.api() as api:
        groups = api.get("/screening").json()["groups"]
    return {question["id"]: "no" for group in groups for question in group["questions"]}


def _wish(demo: Demo, start: dict[str, Any]) -> dict[str, Any]:
    asked = {key: start[key] for key in ("therapist", "place", "local_start")}
    return {"practice": "foothills", "service": SERVICE, "name": "Somebody new", "screening": _answers(demo), **asked}


def _api(demo: Demo, token: str) -> httpx.Client:
    return demo.api({"token": token})


def _book(demo: Demo, token: str, wish: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    with _api(demo, token) as api:
        return api.post("/appointments", json=wish, headers=headers)
