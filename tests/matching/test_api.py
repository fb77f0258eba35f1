"""GET /therapists."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from unknot.config.demo_data.build import Stage

ADDRESS = "/api/v1/therapists"
HERE = {"lat": 53.5186, "lon": -113.4966}


def ask(client: Client, **given: Any) -> Any:
    return client.get(ADDRESS, HERE | given)


def test_ranked_with_parts_reasons_and_three_starts(riverbend: Stage, openhands: Stage, client: Client) -> None:
    body = ask(client).json()
    assert body["count"] == len(body["therapists"]) == 3
    for one in body["therapists"]:
        assert one["score"] == sum(part["points"] for part in one["parts"])
        assert one["why"] != []
        assert 0 < len(one["starts"]) <= 3
        first = datetime.fromisoformat(one["starts"][0]["starts_at"])
        assert first.utcoffset() == first.astimezone(ZoneInfo("America/Edmonton")).utcoffset()
    assert [one["score"] for one in body["therapists"]] == sorted(
        (one["score"] for one in body["therapists"]), reverse=True
    )


def test_days_are_local_and_run_to_their_end(openhands: Stage, client: Client) -> None:
    day = (timezone.now() + timedelta(days=7)).date().isoformat()
    starts = [start for one in ask(client, **{"from": day, "to": day}).json()["therapists"] for start in one["starts"]]
    assert {start["starts_at"][:10] for start in starts} <= {day}


def test_an_instant_of_its_own_zone_is_kept(openhands: Stage, client: Client) -> None:
    since = (timezone.now() + timedelta(days=2)).astimezone(UTC)
    body = ask(client, **{"from": since.isoformat(), "to": (since + timedelta(days=5)).isoformat()}).json()
    starts = [datetime.fromisoformat(start["starts_at"]) for one in body["therapists"] for start in one["starts"]]
    assert starts != []
    assert min(starts) >= since


@pytest.mark.parametrize(
    "given",
    [
        {"lat": 91},
        {"radius_km": 0},
        {"mode": "moon"},
        {"minutes": 1},
        {"service": "Ünknown"},
        {"from": "2020-01-01", "to": "2020-01-02"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"to": "0001-01-01"},
        {"skills": ["a"] * 11},
        {"limit": 0},
    ],
)
def test_what_cannot_be_meant_is_refused(openhands: Stage, client: Client, given: dict[str, Any]) -> None:
    answer = ask(client, **given)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_by_distance_by_the_clock_and_with_a_course(riverbend: Stage, openhands: Stage, client: Client) -> None:
    near = [one["distance_km"] for one in ask(client, order="nearest").json()["therapists"]]
    assert near == sorted(near)
    assert len(near) == 3
    early = ask(client, after="09:00", before="10:30").json()["therapists"]
    clocks = {start["starts_at"][11:16] for one in early for start in one["starts"]}
    assert clocks
    assert clocks <= {"09:00", "09:15", "09:30", "09:45", "10:00", "10:15"}
    skilled = {one["therapist"] for one in ask(client, must_have=["jaw"]).json()["therapists"]}
    assert skilled < {one["therapist"] for one in ask(client).json()["therapists"]}
    assert ask(client, limit=1).json()["therapists"] == ask(client).json()["therapists"][:1]
    answer = ask(client, after="17:00", before="09:00")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "search-hours")


def test_a_place_is_needed(db: None, client: Client) -> None:
    assert client.get(ADDRESS).status_code == 422


def test_nobody_for_an_unknown_service(openhands: Stage, client: Client) -> None:
    assert ask(client, service="hot-stones").json()["therapists"] == []
