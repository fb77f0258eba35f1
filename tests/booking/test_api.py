"""The diary over the API, from the first free start to a cancelled visit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.intake.domain.questions import full_questions
from unknot.intake.models import Intake
from unknot.kernel.ids import new_id
from unknot.people.actions import make_token

SLOTS = "/api/v1/practices/riverbend/slots"


@pytest.fixture
def bearer(riverbend: Stage, now: datetime) -> Callable[..., dict[str, str]]:
    """`bearer(email)`: the header of a person's token."""

    def header(email: str, name: str = "") -> dict[str, str]:
        person = account(email, name)
        return {"Authorization": f"Bearer {make_token(account_id=person.pk, label='test', now=timezone.now())}"}

    return header


@pytest.fixture
def tomasz(riverbend: Stage, bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Tomasz's header; his answers are valid."""
    client = riverbend.clients["tomasz@clients.example"]
    with tenancy.scope(practice_id=riverbend.practice.id):
        Intake.objects.create(
            id=new_id(),
            practice=riverbend.practice,
            client=client,
            outcome="clear",
            created_at=timezone.now(),
            screened_at=timezone.now(),
            valid_until=timezone.now() + timedelta(days=30),
        )
    return bearer("tomasz@clients.example")


def post(path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=headers or {})


def free(**query: Any) -> list[dict[str, Any]]:
    today = timezone.now().date()
    wanted = {"service": "therapeutic-60", "from": today + timedelta(days=3), "to": today + timedelta(days=12)} | query
    answer = Client().get(SLOTS, wanted)
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["slots"]
    return found


def wish(slot: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {key: slot[key] for key in ("therapist", "place", "starts_at")}
    return {"practice": "riverbend", "service": "therapeutic-60"} | named | more


def test_slots_carry_the_practice_s_offset(riverbend: Stage) -> None:
    first = free()[0]
    assert first["starts_at"] == f"{first['local_start']}:00-06:00"
    assert (first["timezone"], first["therapist"], first["place"]) == ("America/Edmonton", "maren-oduya", "studio")
    assert free(place="home", service="home-therapeutic-60", lat=53.47, lon=-113.56)[0]["place"] == "home"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"service": "nothing"}, 404, "unknown-service"),
        ({"service": "therapeutic-60", "therapist": "nobody"}, 404, "unknown-therapist"),
        ({"service": "therapeutic-60", "place": "nowhere"}, 404, "unknown-place"),
        ({"service": "therapeutic-60", "from": "2026-11-20", "to": "2027-11-20"}, 422, "day-range"),
        ({"service": "therapeutic-60", "from": "9999-12-31"}, 422, "day-range"),
        ({"service": "home-therapeutic-60", "place": "home"}, 422, "home-address-needed"),
        ({"service": "therapeutic-60", "from": "soon"}, 422, "invalid"),
    ],
)
def test_slots_refuse_by_name(riverbend: Stage, query: dict[str, str], status: int, code: str) -> None:
    answer = Client().get(SLOTS, query)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")


def test_from_a_hold_to_a_visit(riverbend: Stage, tomasz: dict[str, str]) -> None:
    slot = free()[0]
    held = post("holds", wish(slot))
    assert held.status_code == 201
    assert held.json()["visit"]["state"] == "held"
    taken = post("holds", wish(slot))
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/slot-taken")
    assert len(taken.json()["alternatives"]) == 3
    body = {"practice": "riverbend", "hold_id": held.json()["id"], "hold_secret": held.json()["secret"]}
    booked = post("appointments", body, tomasz)
    assert (booked.status_code, booked.json()["state"], booked.json()["starts_at"]) == (
        201,
        "confirmed",
        slot["starts_at"],
    )
    assert post("appointments", body, tomasz).json()["id"] == booked.json()["id"]
    assert Client().get(f"/api/v1/appointments/{booked.json()['id']}", headers=tomasz).json() == booked.json()


def test_a_hold_that_ran_out_names_what_is_free(riverbend: Stage, tomasz: dict[str, str]) -> None:
    slot = free()[0]
    held = post("holds", wish(slot)).json()
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    body = {"practice": "riverbend", "hold_id": held["id"], "hold_secret": held["secret"]}
    over = post("appointments", body, tomasz)
    assert (over.status_code, over.json()["type"]) == (409, "/problems/hold-over")
    offered = over.json()["alternatives"]
    assert (len(offered), slot["starts_at"] in {one["starts_at"] for one in offered}) == (3, True)
    assert post("appointments", wish(offered[0]), tomasz).status_code == 201


def test_a_newcomer_books_directly(riverbend: Stage, bearer: Callable[..., dict[str, str]]) -> None:
    nadia = bearer("nadia@visitors.example")
    slot = free()[0]
    assert post("appointments", wish(slot)).status_code == 401
    nameless = post("appointments", wish(slot), nadia)
    assert (nameless.status_code, nameless.json()["type"]) == (422, "/problems/client-needed")
    body = wish(slot, name="Nadia Brightwater", phone="+17805550177")
    unasked = post("appointments", body, nadia)
    assert (unasked.status_code, unasked.json()["type"]) == (422, "/problems/screening-needed")
    assert unasked.json()["detail"]
    unknown = post("appointments", body | {"screening": {"R99": "yes"}}, nadia)
    assert unknown.status_code == 422
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.count() == 0
    booked = post("appointments", body | {"screening": every_no()}, nadia)
    assert (booked.status_code, booked.json()["state"]) == (201, "confirmed"), booked.json()
    again = post("appointments", wish(free()[4]), nadia)
    assert again.status_code == 201, again.json()


def every_no() -> dict[str, str]:
    """No to every question of the screening."""
    return {question.id: "no" for group in full_questions() for question in group.questions}


def test_the_same_key_books_once(riverbend: Stage, tomasz: dict[str, str]) -> None:
    slot = free()[0]
    keyed = tomasz | {"Idempotency-Key": "first"}
    one, two = post("appointments", wish(slot), keyed), post("appointments", wish(slot), keyed)
    assert (one.status_code, two.status_code, one.json()) == (201, 201, two.json())
    other = post("appointments", wish(slot), tomasz | {"Idempotency-Key": "second"})
    assert other.json()["type"] == "/problems/slot-taken"


def test_moving_and_cancelling_are_shown_first(riverbend: Stage, tomasz: dict[str, str]) -> None:
    slots = free()
    visit = post("appointments", wish(slots[0]), tomasz).json()
    target = {"starts_at": slots[-1]["starts_at"]}
    path = f"appointments/{visit['id']}"
    shown = post(f"{path}/reschedule?preview=true", target, tomasz)
    assert (shown.status_code, shown.json()["visit"]["starts_at"]) == (200, slots[-1]["starts_at"])
    assert Client().get(f"/api/v1/{path}", headers=tomasz).json() == visit
    moved = post(f"{path}/reschedule", target, tomasz).json()
    assert (moved["visit"]["id"], moved["visit"]["sequence"], moved["fee"]["minor"]) == (visit["id"], 1, 0)
    quote = post(f"{path}/cancel?preview=true", {}, tomasz).json()
    assert (quote["fee"]["minor"], quote["refund"]["minor"], quote["visit"]["state"]) == (0, 11000, "confirmed")
    for _ in range(2):
        gone = post(f"{path}/cancel", {}, tomasz)
        assert (gone.status_code, gone.json()["visit"]["state"]) == (200, "cancelled")
    refused = post(f"{path}/reschedule", target, tomasz)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/visit-state")


def test_staff_see_the_visit_and_strangers_do_not(
    riverbend: Stage, tomasz: dict[str, str], bearer: Callable[..., dict[str, str]]
) -> None:
    visit = post("appointments", wish(free()[0]), tomasz).json()
    assert (
        Client().get(f"/api/v1/appointments/{visit['id']}", headers=bearer("maren@riverbend.example")).json() == visit
    )
    for path in (f"appointments/{visit['id']}", f"appointments/{new_id()}"):
        stranger = bearer("priya@clients.example")
        assert Client().get(f"/api/v1/{path}", headers=stranger).status_code == 404
        assert post(f"{path}/cancel", {}, stranger).status_code == 404
        assert post(f"{path}/reschedule", {"starts_at": "2026-11-20T09:00:00-06:00"}, stranger).status_code == 404
        assert Client().get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"starts_at": None}, "start-needed"),
        ({"starts_at": "2026-11-20T09:00:00"}, "invalid"),
        ({"starts_at": "2026-11-20T09:00:30-06:00"}, "off-grid"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "local-start"),
        ({"starts_at": "2020-01-01T09:00:00Z"}, "past-start"),
        ({"place": "home"}, "home-address-needed"),
        ({"price": 1, "minutes": 5, "starts_at": None}, "start-needed"),
    ],
)
def test_a_tampered_hold_is_refused_by_name(riverbend: Stage, change: dict[str, Any], code: str) -> None:
    answer = post("holds", wish(free()[0]) | change)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}")


def test_a_late_move_is_a_request(riverbend: Stage, tomasz: dict[str, str]) -> None:
    """202 and what waits; its client may take it back, only the practice accepts."""
    first, other = free()[:2]
    visit = post("appointments", wish(first), tomasz).json()
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(change_hours=336)
    address = f"appointments/{visit['id']}"
    assert Client().get(f"/api/v1/{address}/change", headers=tomasz).status_code == 404
    shown = post(f"{address}/reschedule?preview=true", {"starts_at": other["starts_at"]}, tomasz)
    assert (shown.status_code, shown.json()["change"]["id"]) == (202, None)
    asked = post(f"{address}/reschedule", {"starts_at": other["starts_at"]}, tomasz)
    change = asked.json()["change"]
    assert (asked.status_code, asked.json()["visit"], change["state"]) == (202, visit, "waiting")
    assert change["then"]["starts_at"] == other["starts_at"]
    assert Client().get(f"/api/v1/{address}/change", headers=tomasz).json() == change
    assert post(f"{address}/change", {"id": change["id"], "answer": "accept"}, tomasz).status_code == 404
    assert post(f"{address}/change", {"id": change["id"], "answer": "perhaps"}, tomasz).status_code == 422
    back = post(f"{address}/change", {"id": change["id"], "answer": "withdraw"}, tomasz)
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    late = post(f"{address}/change", {"id": change["id"], "answer": "accept"}, staff(riverbend))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/change-over")


def staff(stage: Stage) -> dict[str, str]:
    """The therapist's header."""
    person = next(one for role, one in stage.staff if role == "therapist")
    return {"Authorization": f"Bearer {make_token(account_id=person.pk, label='desk', now=timezone.now())}"}
