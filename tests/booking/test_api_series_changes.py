"""Moving and cancelling visits of a series over the API."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.test_api_series import PATH, post, rule, token, tomasz
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id

__all__ = ["rule", "tomasz"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def series(riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any]) -> dict[str, Any]:
    """Four weeks of Tomasz's."""
    found: dict[str, Any] = post(PATH, rule, tomasz).json()
    return found


def starts(stage: Stage) -> list[str]:
    with tenancy.scope(practice_id=stage.practice.id):
        rows = Appointment.objects.filter(state="confirmed").order_by("starts_at")
        return [one.local_start for one in rows]


def free_on(series: dict[str, Any], number: int, **more: str) -> list[str]:
    """Free starts of the day of one visit."""
    day = series["dates"][number - 1]["visit"]["local_start"][:10]
    query = {"service": "therapeutic-60", "from": day, "to": day, **more}
    found = Client().get("/api/v1/practices/riverbend/slots", query).json()["slots"]
    return [one["local_start"] for one in found]


def shifted(start: str, days: int) -> str:
    return f"{date.fromisoformat(start[:10]) + timedelta(days=days)}{start[10:]}"


def test_this_and_the_following_are_seen_and_moved(
    riverbend: Stage, tomasz: dict[str, str], series: dict[str, Any]
) -> None:
    before, path = starts(riverbend), f"/api/v1/series/{series['id']}/move"
    goal = free_on(series, 2)[-1]
    wish = {"number": 2, "local_start": goal}
    seen = post(f"{path}?preview=true", wish, tomasz)
    assert seen.status_code == 200, seen.json()
    assert [(one["number"], one["free"], one["alternatives"]) for one in seen.json()["moves"]] == [
        (2, True, []),
        (3, True, []),
        (4, True, []),
    ]
    assert starts(riverbend) == before
    key = tomasz | {"Idempotency-Key": "move"}
    moved = post(path, wish, key)
    assert (moved.status_code, moved.json()["preview"]) == (200, False)
    after = starts(riverbend)
    assert after == [before[0], goal, shifted(goal, 7), shifted(goal, 14)]
    assert post(path, wish, key).json() == moved.json()
    assert starts(riverbend) == after
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert set(Appointment.objects.filter(state="confirmed").values_list("sequence", flat=True)) == {0, 1}
    now_known = Client().get(f"/api/v1/series/{series['id']}", headers=tomasz).json()
    assert [one["exception"] for one in now_known["dates"]] == ["", "moved", "moved", "moved"]


def test_one_that_can_not_move_stops_all_with_alternatives(
    riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any], series: dict[str, Any]
) -> None:
    goal = free_on(series, 2)[-1]
    other = post(PATH, rule | {"local_start": shifted(goal, 7), "count": 1}, tomasz)
    assert other.status_code == 201, other.json()
    before, path = starts(riverbend), f"/api/v1/series/{series['id']}/move"
    wish = {"number": 2, "local_start": goal}
    seen = post(f"{path}?preview=true", wish, tomasz).json()["moves"]
    assert [one["free"] for one in seen] == [True, False, True]
    assert (seen[1]["reason"], bool(seen[1]["detail"]), bool(seen[1]["alternatives"])) == ("taken", True, True)
    refused = post(path, wish, tomasz)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/series-conflict")
    assert (refused.json()["numbers"], refused.json()["conflicts"]) == ([3], [seen[1]])
    assert starts(riverbend) == before
    near = seen[1]["alternatives"][0]
    picks = [{"number": 3, "local_start": near["local_start"]}, {"number": 4, "skip": True}]
    moved = post(path, wish | {"choices": picks}, tomasz)
    assert [one["local_start"] for one in moved.json()["moves"]] == [goal, near["local_start"]]


@pytest.mark.parametrize(("scope", "left"), [("one", 3), ("following", 1), ("all", 0)])
def test_cancelling(riverbend: Stage, tomasz: dict[str, str], series: dict[str, Any], scope: str, left: int) -> None:
    path, wish = f"/api/v1/series/{series['id']}/cancel", {"number": 2, "scope": scope}
    seen = post(f"{path}?preview=true", wish, tomasz).json()
    assert (seen["preview"], len(seen["visits"]), len(starts(riverbend))) == (True, 4 - left, 4)
    key = tomasz | {"Idempotency-Key": "cancel"}
    done = post(path, wish, key)
    assert (done.status_code, {one["state"] for one in done.json()["visits"]}) == (200, {"cancelled"})
    assert done.json()["fee"] == {"minor": sum(one["minor"] for one in done.json()["fees"]), "currency": "CAD"}
    assert post(path, wish, key).json() == done.json()
    assert len(starts(riverbend)) == left
    if scope == "all":
        again = post(path, wish, tomasz)
        assert (again.status_code, again.json()["type"]) == (409, "/problems/series-over")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"number": 5}, 404, "not-found"),
        ({"number": 0}, 422, "invalid"),
        ({"number": "2"}, 422, "invalid"),
        ({"number": 99}, 422, "invalid"),
        ({"scope": "some"}, 422, "invalid"),
        ({"local_start": "next Monday"}, 422, "invalid"),
        ({"local_start": "2199-01-01T09:00"}, 422, "series-choice"),
        ({"local_start": "2026-13-40T09:00"}, 422, "series-rule"),
        ({"therapist": "nobody"}, 404, "unknown-therapist"),
        ({"place": "nowhere"}, 404, "unknown-place"),
        ({"choices": [{"number": 1, "skip": True}]}, 422, "series-choice"),
    ],
)
def test_moves_that_make_no_sense(
    riverbend: Stage,
    tomasz: dict[str, str],
    series: dict[str, Any],
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    before = starts(riverbend)
    wish = {"number": 2, "local_start": series["dates"][1]["visit"]["local_start"]} | change
    for more in ("", "?preview=true"):
        answer = post(f"/api/v1/series/{series['id']}/move{more}", wish, tomasz)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.json()
    assert starts(riverbend) == before


def test_a_stranger_s_series_can_t_be_touched(riverbend: Stage, series: dict[str, Any]) -> None:
    before, priya = starts(riverbend), token("priya@clients.example")
    start = datetime.fromisoformat(before[1]) + timedelta(hours=1)
    wish = {"number": 2, "scope": "all", "local_start": f"{start:%Y-%m-%dT%H:%M}"}
    for verb in ("move", "cancel"):
        foreign = post(f"/api/v1/series/{series['id']}/{verb}", wish, priya)
        made_up = post(f"/api/v1/series/{new_id()}/{verb}", wish, priya)
        assert (foreign.status_code, foreign.json()) == (404, made_up.json())
        assert post(f"/api/v1/series/{series['id']}/{verb}", wish).status_code == 401
    assert starts(riverbend) == before
