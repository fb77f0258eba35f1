"""Series over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment, Series
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.ids import new_id
from unknot.people.actions import make_token

pytestmark = pytest.mark.django_db
PATH = "/api/v1/practices/riverbend/series"


def token(email: str, name: str = "") -> dict[str, str]:
    person = account(email, name)
    return {"Authorization": f"Bearer {make_token(account_id=person.pk, label='test', now=timezone.now())}"}


@pytest.fixture
def tomasz(riverbend: Stage) -> dict[str, str]:
    """Tomasz's header; his answers are valid."""
    now = timezone.now()
    with tenancy.scope(practice_id=riverbend.practice.id):
        Intake.objects.create(
            id=new_id(),
            practice=riverbend.practice,
            client=riverbend.clients["tomasz@clients.example"],
            outcome="clear",
            created_at=now,
            screened_at=now,
            valid_until=now + timedelta(days=30),
        )
    return token("tomasz@clients.example")


@pytest.fixture
def rule(riverbend: Stage) -> dict[str, Any]:
    """Four weeks from the first free start in a few days on."""
    today = timezone.now().date()
    query = {"service": "therapeutic-60", "from": today + timedelta(days=3), "to": today + timedelta(days=12)}
    slot = Client().get("/api/v1/practices/riverbend/slots", query).json()["slots"][0]
    return {"service": "therapeutic-60", "therapist": "maren-oduya", "local_start": slot["local_start"], "count": 4}


def post(path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    return Client().post(path, body, content_type="application/json", headers=headers or {})


def rows(stage: Stage) -> tuple[int, int]:
    with tenancy.scope(practice_id=stage.practice.id):
        return Series.objects.count(), Appointment.objects.count()


def test_from_a_preview_to_a_series(riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any]) -> None:
    seen = post(f"{PATH}/preview", rule)
    assert (seen.status_code, seen.json()["free"], seen.json()["rule"]) == (200, 4, "every week")
    assert rows(riverbend) == (0, 0)
    key = tomasz | {"Idempotency-Key": "one"}
    booked = post(PATH, rule, key)
    assert booked.status_code == 201, booked.json()
    dates = booked.json()["dates"]
    assert [one["visit"]["local_start"] for one in dates] == [one["local_start"] for one in seen.json()["dates"]]
    assert post(PATH, rule, key).json() == booked.json()
    assert rows(riverbend) == (1, 4)
    assert Client().get(f"/api/v1/series/{booked.json()['id']}", headers=tomasz).json() == booked.json()
    again = post(PATH, rule, tomasz)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/series-conflict")
    assert again.json()["numbers"] == [1, 2, 3, 4]
    assert all(one["alternatives"] for one in again.json()["conflicts"])
    near = again.json()["conflicts"][1]["alternatives"][0]["slot"]
    picks = [{"number": one, "skip": True} for one in (1, 3, 4)]
    picks.append({"number": 2, "local_start": near["local_start"], "therapist": near["therapist"]})
    other = post(PATH, rule | {"choices": picks}, tomasz)
    assert other.status_code == 201, other.json()
    assert [one["exception"] for one in other.json()["dates"]] == ["left-out", "moved", "left-out", "left-out"]


def test_additions_needs_and_visits_at_home(riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any]) -> None:
    more = rule | {"add": ["foot-massage"], "needs": ["quiet"], "count": 2}
    seen = post(f"{PATH}/preview", more)
    assert seen.status_code == 200, seen.json()
    booked = post(PATH, more, tomasz)
    assert booked.status_code == 201, booked.json()
    assert [one["visit"]["price"]["minor"] for one in booked.json()["dates"]] == [12800, 12800]
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert {tuple(one.access_needs) for one in Appointment.objects.all()} == {("quiet",)}
    today = timezone.now().date()
    where = {"place": "home", "lat": 53.47, "lon": -113.56}
    query = {"service": "home-therapeutic-60", "from": today + timedelta(days=3), "to": today + timedelta(days=12)}
    slot = Client().get("/api/v1/practices/riverbend/slots", query | where).json()["slots"][0]
    home = where | {"service": "home-therapeutic-60", "local_start": slot["local_start"], "count": 3}
    done = post(PATH, home | {"address": "3 Aspen Drive", "add": ["foot-massage"]}, tomasz)
    assert done.status_code == 201, done.json()
    assert [one["visit"]["place"] for one in done.json()["dates"]] == ["home"] * 3


def test_a_newcomer_books_a_series(riverbend: Stage, rule: dict[str, Any]) -> None:
    nadia = token("nadia@visitors.example")
    assert post(PATH, rule).status_code == 401
    nameless = post(PATH, rule, nadia)
    assert (nameless.status_code, nameless.json()["type"]) == (422, "/problems/client-needed")
    unasked = post(PATH, rule | {"name": "Nadia Brightwater", "phone": "+17805550177"}, nadia)
    assert (unasked.status_code, unasked.json()["type"]) == (422, "/problems/screening-needed")
    assert rows(riverbend) == (0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"count": 10_000}, "series-too-long"),
        ({"count": 2_000_000_000}, "series-too-long"),
        ({"count": 0}, "series-rule"),
        ({"count": None}, "series-rule"),
        ({"until": "2099-01-01"}, "series-rule"),
        ({"count": None, "until": "9999-12-31"}, "series-too-long"),
        ({"every": 0}, "series-rule"),
        ({"every": 2_000_000_000}, "series-too-long"),
        ({"every": 9_999_999_999}, "invalid"),
        ({"unit": "months"}, "invalid"),
        ({"local_start": "2026-13-40T09:00"}, "series-rule"),
        ({"local_start": "9999-12-30T09:00"}, "series-rule"),
        ({"local_start": "0001-01-01T09:00"}, "series-rule"),
        ({"choices": [{"number": 9, "skip": True}]}, "series-choice"),
        ({"choices": [{"number": one, "skip": True} for one in range(1, 5)]}, "series-empty"),
        ({"service": "nothing"}, "unknown-service"),
        ({"therapist": "nobody"}, "unknown-therapist"),
        ({"place": "nowhere"}, "unknown-place"),
        ({"place": "home", "service": "home-therapeutic-60"}, "home-address-needed"),
        ({"choices": [{"number": 1, "local_start": "2026-13-40T09:00"}]}, "series-rule"),
        ({"choices": [{"number": 1, "local_start": "2026-11-30T09:00", "place": "home"}]}, "series-choice"),
        ({"add": ["moonlight"]}, "unknown-service"),
        ({"add": ["cupping", "cupping"]}, "added-twice"),
        ({"add": ["therapeutic-60"]}, "added-twice"),
        ({"service": "cupping"}, "added-alone"),
        ({"needs": ["a pony"]}, "invalid"),
        (
            {"place": "home", "service": "home-therapeutic-60", "lat": 53.47, "lon": -113.56, "add": ["cupping"]},
            "not-there",
        ),
        ({"choices": [{"number": 1, "local_start": "2199-01-01T09:00"}]}, "series-choice"),
    ],
)
def test_refusals_by_name(
    riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    for path in (f"{PATH}/preview", PATH):
        answer = post(path, rule | change, tomasz)
        assert answer.status_code in (404, 422), answer.json()
        assert answer.json()["type"] == f"/problems/{code}"
    assert rows(riverbend) == (0, 0)


def test_a_stranger_s_series_is_not_there(riverbend: Stage, tomasz: dict[str, str], rule: dict[str, Any]) -> None:
    found = post(PATH, rule, tomasz).json()["id"]
    priya = token("priya@clients.example")
    foreign = Client().get(f"/api/v1/series/{found}", headers=priya)
    made_up = Client().get(f"/api/v1/series/{new_id()}", headers=priya)
    assert (foreign.status_code, foreign.json()) == (404, made_up.json())
    maren = Client().get(f"/api/v1/series/{found}", headers=token("maren@riverbend.example"))
    assert maren.status_code == 200
