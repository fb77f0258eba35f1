"""The calls: taps in, events out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.people.actions import make_token
from unknot.treatment import actions
from unknot.treatment.models import ComfortEvent

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


@pytest.fixture
def session_id(visit: VisitFacts, begin: Callable[..., UUID]) -> UUID:
    """A running session."""
    return begin(visit, START)


def caller(actor: Actor, now: datetime) -> dict[str, str]:
    assert actor.account_id is not None
    return {"HTTP_AUTHORIZATION": f"Bearer {make_token(account_id=actor.account_id, label='test', now=now)}"}


def post(session_id: UUID, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return Client().post(f"/api/v1/sessions/{session_id}/comfort", json.dumps(body), "application/json", **headers)


def events(response: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, event, data) of each block."""
    found = []
    for one in b"".join(response.streaming_content).decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in one.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in lines:
            found.append((lines.get("id", ""), lines["event"], json.loads(lines["data"])))
    return found


def test_a_tap_sent_three_times_is_one(session_id: UUID, tomasz: Actor, now: datetime) -> None:
    body, headers = {"tap_id": str(uuid4()), "signal": "stop"}, caller(tomasz, now)
    answers = [post(session_id, body, headers) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert len({json.dumps(one.json()) for one in answers}) == 1
    assert ComfortEvent.objects.count() == 1


def test_refusals_are_problem_details(
    session_id: UUID, tomasz: Actor, priya: Actor, maren: Actor, now: datetime
) -> None:
    body = {"tap_id": str(uuid4()), "signal": "same"}
    assert post(session_id, body, {}).status_code == 401
    for stranger, target in ((priya, session_id), (maren, session_id), (tomasz, uuid4())):
        answer = post(target, body, caller(stranger, now))
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == "/problems/not-found"
    for wrong in ({"signal": "harder"}, {"tap_id": "7"}, {"tapped_at": "2026-11-19T10:00"}):
        assert post(session_id, body | wrong, caller(tomasz, now)).status_code == 422
    assert ComfortEvent.objects.count() == 0


def test_a_late_tap_is_a_conflict(session_id: UUID, tomasz: Actor, maren: Actor, now: datetime) -> None:
    actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=START)
    answer = post(session_id, {"tap_id": str(uuid4()), "signal": "same"}, caller(tomasz, now))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/session-over")


def test_the_stream_resumes_after_the_last_event(session_id: UUID, tomasz: Actor, maren: Actor, now: datetime) -> None:
    seqs = [
        actions.tap(by=tomasz, session_id=session_id, tap_id=uuid4(), signal=signal, now=START).seq
        for signal in ("lighter", "lighter", "stop")
    ]
    actions.end_session(by=maren, session_id=session_id, ended_by="client", now=START + timedelta(minutes=1))
    address, headers = f"/api/v1/sessions/{session_id}/stream", caller(maren, now)
    whole = Client().get(address, **headers)
    assert (whole["Content-Type"], whole["X-Accel-Buffering"], whole["Cache-Control"]) == (
        "text/event-stream",
        "no",
        "no-store",
    )
    heard = events(whole)
    assert [(number, name) for number, name, _ in heard] == [
        *((str(seq), "comfort") for seq in seqs),
        ("", "segment"),
        ("", "ended"),
    ]
    assert len(heard[0][2]["prompts"]) == 2
    rest = events(Client().get(address, HTTP_LAST_EVENT_ID=str(seqs[1]), **headers))
    assert [data["signal"] for _, name, data in rest if name == "comfort"] == ["stop"]
    nothing = events(Client().get(address, HTTP_LAST_EVENT_ID="not a number", **headers))
    assert len(nothing) == len(heard)


def test_who_may_listen(session_id: UUID, tomasz: Actor, priya: Actor, maren: Actor, now: datetime) -> None:
    actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=START)
    address = f"/api/v1/sessions/{session_id}/stream"
    codes = [Client().get(address, **caller(who, now)).status_code for who in (maren, tomasz, priya)]
    assert codes == [200, 200, 404]
    assert Client().get(address).status_code == 401
    assert Client().get(f"/api/v1/sessions/{uuid4()}/stream", **caller(maren, now)).status_code == 404
