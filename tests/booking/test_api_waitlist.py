"""The waitlist over the API."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.booking.test_api_series import post, token, tomasz
from unknot.booking import actions
from unknot.booking.models import Appointment, WaitlistEntry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import system
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.practice import queries as practices

__all__ = ["tomasz"]
pytestmark = pytest.mark.django_db
PATH = "/api/v1/practices/riverbend/waitlist"
ZONE = "America/Edmonton"


def day(ahead: int, weekday: int) -> date:
    first = local(timezone.now(), ZONE).date() + timedelta(days=ahead)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def get(path: str, headers: dict[str, str]) -> Any:
    return Client().get(path, headers=headers)


def wish(**changes: Any) -> dict[str, Any]:
    """Sundays, when Maren does not work."""
    sunday = day(7, 6).isoformat()
    return {"service": "therapeutic-60", "first": sunday, "last": sunday} | changes


@pytest.fixture
def offered(riverbend: Stage, tomasz: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """`offered()`: Tomasz waited for a taken hour; it is cancelled and offered to him. Gives his wish by the API."""
    monkeypatch.setattr("unknot.booking.actions.waitlist.is_civil", lambda now, zone: True)

    def made() -> Any:
        start, by = f"{day(7, 3)}T10:00", system(riverbend.practice.id)
        with tenancy.scope(practice_id=riverbend.practice.id):
            visit = actions.book_directly(
                by=by,
                practice=practices.practice(riverbend.practice.id),
                service_slug="therapeutic-60",
                therapist_slug="maren-oduya",
                place_slug="studio",
                local_start=start,
                client_id=riverbend.clients["priya@clients.example"].pk,
                intake_id=None,
                now=timezone.now(),
            )
        asked = wish(first=start[:10], last=start[:10], opens="10:00", closes="10:01")
        joined = post(PATH, asked, tomasz)
        assert joined.status_code == 201, joined.json()
        with tenancy.scope(practice_id=riverbend.practice.id):
            actions.cancel(by=by, appointment_id=visit.id, now=timezone.now())
        assert actions.run_waitlist(by=by, now=timezone.now()) == 1
        return get(f"/api/v1/waitlist/{joined.json()['id']}", tomasz).json()

    return made


def test_joining_once_and_seeing_one_s_place(riverbend: Stage, tomasz: dict[str, str]) -> None:
    priya = token("priya@clients.example")
    key = priya | {"Idempotency-Key": "join"}
    first = post(PATH, wish(weekdays=[6, 6], opens="09:00", closes="24:00"), key)
    assert first.status_code == 201, first.json()
    assert (first.json()["ahead"], first.json()["order"]) == (0, "You are the next to be asked.")
    assert [first.json()[one] for one in ("weekdays", "opens", "closes")] == [[6], "09:00", "24:00"]
    assert post(PATH, wish(weekdays=[6, 6], opens="09:00", closes="24:00"), key).json() == first.json()
    mine = post(PATH, wish(), tomasz).json()
    assert (mine["ahead"], mine["order"]) == (1, "One person waits longer than you.")
    assert post(PATH, wish(), tomasz).json() == mine, "the same wish again is the same place"
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert WaitlistEntry.objects.count() == 2
    seen = get(PATH, tomasz).json()
    assert [one["id"] for one in seen["waits"]] == [mine["id"]]
    assert "Whoever waits longest is asked first" in seen["rule"][0]
    foreign, made_up = (get(f"/api/v1/waitlist/{one}", priya) for one in (mine["id"], new_id()))
    assert (foreign.status_code, foreign.json()) == (404, made_up.json())
    assert get(f"/api/v1/waitlist/{mine['id']}", token("maren@riverbend.example")).json()["ahead"] == 1


def test_what_is_free_is_shown_instead(riverbend: Stage, tomasz: dict[str, str]) -> None:
    thursday = day(7, 3).isoformat()
    answer = post(PATH, wish(first=thursday, last=thursday), tomasz)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/times-free")
    assert [one["local_start"][:10] for one in answer.json()["alternatives"]] == [thursday] * 3


def test_taking_what_is_offered(riverbend: Stage, tomasz: dict[str, str], offered: Callable[[], Any]) -> None:
    mine = offered()
    offer = mine["offer"]
    assert (offer["open"], offer["visit"]["local_start"]) == (True, f"{day(7, 3)}T10:00")
    assert datetime.fromisoformat(offer["expires_at"]) > timezone.now() + timedelta(hours=1)
    path = f"/api/v1/offers/{offer['id']}"
    assert get(path, token("priya@clients.example")).status_code == 404
    assert post(f"{path}/answer", {"answer": "accept"}, token("priya@clients.example")).status_code == 404
    done = post(f"{path}/answer", {"answer": "accept"}, tomasz)
    assert (done.status_code, done.json()["state"], done.json()["visit"]["state"]) == (200, "accepted", "confirmed")
    assert post(f"{path}/answer", {"answer": "accept"}, tomasz).json() == done.json()
    assert get(f"/api/v1/waitlist/{mine['id']}", tomasz).json()["state"] == "booked"
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.filter(state="confirmed").count() == 1


def test_passing_it_on_keeps_the_place(tomasz: dict[str, str], offered: Callable[[], Any]) -> None:
    mine = offered()
    path = f"/api/v1/offers/{mine['offer']['id']}/answer"
    done = post(path, {"answer": "decline"}, tomasz)
    assert (done.status_code, done.json()["state"], done.json()["open"]) == (200, "declined", False)
    late = post(path, {"answer": "accept"}, tomasz)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/offer-over")
    after = get(f"/api/v1/waitlist/{mine['id']}", tomasz).json()
    assert (after["state"], after["ahead"], after["offer"], after["joined_at"]) == (
        "waiting",
        0,
        None,
        mine["joined_at"],
    )


def test_leaving_lets_go_of_what_was_kept(riverbend: Stage, tomasz: dict[str, str], offered: Callable[[], Any]) -> None:
    mine = offered()
    path = f"/api/v1/waitlist/{mine['id']}/leave"
    assert post(path, {}, token("priya@clients.example")).status_code == 404
    left = post(path, {}, tomasz)
    assert (left.status_code, left.json()["state"], left.json()["ahead"]) == (200, "left", None)
    assert post(path, {}, tomasz).json() == left.json()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.filter(state="held").count() == 0


def test_without_valid_answers_it_stays_kept(
    riverbend: Stage, tomasz: dict[str, str], offered: Callable[[], Any]
) -> None:
    mine = offered()
    with tenancy.scope(practice_id=riverbend.practice.id):
        Intake.objects.all().update(valid_until=timezone.now())
    answer = post(f"/api/v1/offers/{mine['offer']['id']}/answer", {"answer": "accept"}, tomasz)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/screening-needed")
    assert get(f"/api/v1/offers/{mine['offer']['id']}", tomasz).json()["open"]


def test_a_newcomer_says_their_name(riverbend: Stage) -> None:
    nadia = token("nadia@visitors.example")
    assert post(PATH, wish()).status_code == 401
    nameless = post(PATH, wish(), nadia)
    assert (nameless.status_code, nameless.json()["type"]) == (422, "/problems/client-needed")
    joined = post(PATH, wish(name="Nadia Brightwater"), nadia)
    assert (joined.status_code, joined.json()["ahead"]) == (201, 0)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"last": "2026-01-01"}, 422, "waitlist-wish"),
        ({"first": "2026-01-01", "last": "2027-12-31"}, 422, "waitlist-wish"),
        ({"opens": "12:00", "closes": "09:00"}, 422, "waitlist-wish"),
        ({"opens": "24:01"}, 422, "invalid"),
        ({"opens": "nine"}, 422, "invalid"),
        ({"weekdays": [7]}, 422, "invalid"),
        ({"weekdays": ["0"]}, 422, "invalid"),
        ({"first": "soon"}, 422, "invalid"),
        ({"service": "nothing"}, 404, "unknown-service"),
        ({"therapist": "nobody"}, 404, "unknown-therapist"),
        ({"place": "nowhere"}, 404, "unknown-place"),
        ({"place": "home", "service": "home-therapeutic-60"}, 422, "home-address-needed"),
        ({"client": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a001"}, 404, "not-found"),
    ],
)
def test_wishes_that_make_no_sense(
    riverbend: Stage, tomasz: dict[str, str], change: dict[str, Any], status: int, code: str
) -> None:
    answer = post(PATH, wish(**change), tomasz)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.json()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert WaitlistEntry.objects.count() == 0
