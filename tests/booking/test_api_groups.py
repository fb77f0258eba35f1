"""Visits together over the API: a start for all, kept, booked, moved and cancelled as one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.booking.test_api import post
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.intake.domain.questions import short_questions
from unknot.intake.models import Intake
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message
from unknot.people.actions import make_token

pytestmark = pytest.mark.django_db
ALEX = "alex@visitors.example"
COUPLE = [{"service": "therapeutic-60"}, {"service": "therapeutic-75"}]


@pytest.fixture
def bearer() -> Callable[..., dict[str, str]]:
    """`bearer(email)`: the header of a person's token."""

    def header(email: str) -> dict[str, str]:
        person = account(email, "")
        return {"Authorization": f"Bearer {make_token(account_id=person.pk, label='test', now=timezone.now())}"}

    return header


@pytest.fixture
def maya(foothills: Stage, bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Maya's header; her answers are valid."""
    now = timezone.now()
    with tenancy.scope(practice_id=foothills.practice.id):
        Intake.objects.create(
            id=new_id(),
            practice=foothills.practice,
            client=foothills.clients["maya@clients.example"],
            outcome="clear",
            created_at=now,
            screened_at=now,
            valid_until=now + timedelta(days=30),
        )
    return bearer("maya@clients.example")


def starts(**more: Any) -> list[dict[str, Any]]:
    today = timezone.now().date()
    days = {"from": str(today + timedelta(days=3)), "to": str(today + timedelta(days=9))}
    answer = post("practices/foothills/groups/starts", {"people": COUPLE, **days, **more})
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["starts"]
    return found


def held(start: dict[str, Any], **more: Any) -> Any:
    wish = {"practice": "foothills", "people": COUPLE, "place": start["place"], "starts_at": start["starts_at"]}
    return post("groups/holds", wish | more)


@pytest.fixture
def booking(maya: dict[str, str]) -> dict[str, Any]:
    """What books Maya and Alex, from kept times."""
    kept = held(starts()[0])
    assert kept.status_code == 201, kept.json()
    return {
        "practice": "foothills",
        "hold_id": kept.json()["id"],
        "hold_secret": kept.json()["secret"],
        "coming": [{}, {"name": "Alex Quill", "email": ALEX}],
    }


def states(stage: Stage) -> list[str]:
    with tenancy.scope(practice_id=stage.practice.id):
        return sorted(Appointment.objects.values_list("state", flat=True))


def test_from_a_start_to_two_visits(
    foothills: Stage, maya: dict[str, str], booking: dict[str, Any], bearer: Callable[..., dict[str, str]]
) -> None:
    made = post("groups", booking, maya)
    assert made.status_code == 201, made.json()
    group = made.json()
    assert [(one["called"], one["own"], one["waits"]) for one in group["parts"]] == [
        ("Maya", True, False),
        ("Alex", False, True),
    ]
    assert post("groups", booking, maya).json() == group, "booking twice is booking once"
    read = Client().get(f"/api/v1/groups/{group['id']}", headers=maya)
    assert read.json() == group
    assert Client().get(f"/api/v1/groups/{group['id']}", headers=bearer(ALEX)).status_code == 404
    assert Client().get(f"/api/v1/groups/{uuid4()}", headers=maya).status_code == 404
    assert states(foothills) == ["confirmed", "requested"]


def test_who_is_brought_along_joins_and_answers(
    foothills: Stage, maya: dict[str, str], booking: dict[str, Any], bearer: Callable[..., dict[str, str]]
) -> None:
    group = post("groups", booking, maya).json()
    with tenancy.scope(practice_id=foothills.practice.id):
        link = Message.objects.get(kind="group_invite").facts["path"].split("/")[-2]
    alex = bearer(ALEX)
    wrong = post("groups/join", {"practice": "foothills", "token": "made-up"}, alex)
    other = post("groups/join", {"practice": "foothills", "token": link}, bearer("anders@clients.example"))
    assert (wrong.status_code, other.status_code) == (404, 404)
    assert wrong.json() == other.json()
    mine = post("groups/join", {"practice": "foothills", "token": link}, alex)
    assert mine.status_code == 200, mine.json()
    seen = Client().get(f"/api/v1/groups/{group['id']}", headers=alex).json()
    assert [one["visit"] is None for one in seen["parts"]] == [True, False]
    assert "Thorne" not in str(seen)
    early = post(f"groups/{group['id']}/confirm", {}, alex)
    assert (early.status_code, early.json()["type"]) == (422, "/problems/screening-needed")
    answers = {row: "no" for card in short_questions() for row in card.rules}
    sure = post(f"groups/{group['id']}/confirm", {"screening": answers}, alex)
    assert sure.status_code == 200, sure.json()
    assert states(foothills) == ["confirmed", "confirmed"]
    assert post(f"groups/{group['id']}/confirm", {}, maya).status_code == 404, "who booked has no part to confirm"


def test_all_move_and_cancel_or_nobody(foothills: Stage, maya: dict[str, str], booking: dict[str, Any]) -> None:
    url = f"groups/{post('groups', booking, maya).json()['id']}"
    to = starts()[-1]
    shown = post(f"{url}/reschedule?preview=true", {"starts_at": to["starts_at"], "anybody": True}, maya)
    assert shown.status_code == 200, shown.json()
    assert {one["local_start"] for one in shown.json()["then"]} == {to["local_start"]}
    assert Client().get(f"/api/v1/{url}", headers=maya).json()["local_start"] != to["local_start"]
    moved = post(f"{url}/reschedule", {"local_start": to["local_start"], "anybody": True}, maya).json()["group"]
    assert {one["visit"]["local_start"] for one in moved["parts"]} == {to["local_start"]}
    price = post(f"{url}/cancel?preview=true", {}, maya).json()
    assert (len(price["parts"]), price["preview"]) == (2, True)
    assert states(foothills) == ["confirmed", "requested"]
    one = moved["parts"][1]["visit"]["id"]
    assert [row["visit"] for row in post(f"{url}/cancel?visit={one}", {}, maya).json()["parts"]] == [one]
    assert states(foothills) == ["cancelled", "confirmed"]
    assert post(f"{url}/cancel", {}, maya).status_code == 200
    assert states(foothills) == ["cancelled", "cancelled"]
    again = post(f"{url}/cancel", {}, maya)
    assert (again.status_code, again.json()["parts"]) == (200, []), "cancelling twice is cancelling once"
    once = post(f"{url}/cancel?visit={one}", {}, maya)
    assert once.status_code in {200, 409}, once.json()
    assert states(foothills) == ["cancelled", "cancelled"]


def test_somebody_elses_group_is_not_there(
    foothills: Stage, maya: dict[str, str], booking: dict[str, Any], bearer: Callable[..., dict[str, str]]
) -> None:
    """Also for a client of the same practice, by every call; nothing changes and nothing is told."""
    group = post("groups", booking, maya).json()["id"]
    anders = bearer("anders@clients.example")
    before = states(foothills)
    answers = [Client().get(f"/api/v1/groups/{group}", headers=anders)]
    answers += [post(f"groups/{group}/{one}", {}, anders) for one in ("confirm", "cancel", "cancel?preview=true")]
    answers.append(post(f"groups/{group}/reschedule", {"starts_at": starts()[-1]["starts_at"]}, anders))
    assert [one.status_code for one in answers] == [404] * 5
    assert "Maya" not in "".join(str(one.json()) for one in answers)
    assert states(foothills) == before


def test_one_who_can_not_come_leaves_everybody_unbooked(
    foothills: Stage, maya: dict[str, str], booking: dict[str, Any]
) -> None:
    """The first seat could be booked, the second's answers are missing: neither is, and the times stay kept."""
    with tenancy.scope(practice_id=foothills.practice.id):
        own = foothills.clients["maya@clients.example"]
        child = own.__class__.objects.create(
            practice=foothills.practice, account=own.account, name="Iris Thorne", relation="child", born_on="2016-05-09"
        )
    answer = post("groups", booking | {"coming": [{}, {"client": str(child.pk)}]}, maya)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/screening-needed"), answer.json()
    assert states(foothills) == ["held", "held"]
    with tenancy.scope(practice_id=foothills.practice.id):
        assert not Message.objects.exists()


def test_a_start_that_is_gone_names_what_suits_all(foothills: Stage) -> None:
    start = starts()[0]
    named = [{"service": "therapeutic-60", "therapist": one} for one in ("noor-haddad", "sofia-marchetti")]
    start = starts(people=named)[0]
    assert held(start, people=named).status_code == 201
    taken = held(start, people=named)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/slot-taken")
    near = taken.json()["alternatives"]
    assert len(near) == 3
    assert held(near[0], people=named).status_code == 201


def test_the_same_key_keeps_one_time(foothills: Stage, maya: dict[str, str]) -> None:
    start = starts()[0]
    wish = {"practice": "foothills", "people": COUPLE, "place": start["place"], "starts_at": start["starts_at"]}
    once, twice = (post("groups/holds", wish, maya | {"Idempotency-Key": "couple-1"}) for _ in range(2))
    assert once.json() == twice.json()
    assert states(foothills) == ["held", "held"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"people": COUPLE[:1]}, 422, "group-size"),
        ({"people": []}, 422, "group-size"),
        ({"people": COUPLE * 3}, 422, "invalid"),
        ({"people": [{"service": "nothing"}] * 2}, 404, "unknown-service"),
        ({"people": [{"service": "therapeutic-60", "therapist": "nobody"}] * 2}, 404, "unknown-therapist"),
        ({"place": "nowhere"}, 404, "unknown-place"),
        ({"place": "home"}, 422, "home-address-needed"),
        ({"starts_at": None}, 422, "start-needed"),
        ({"starts_at": None, "local_start": "2026-02-30T10:00"}, 422, "local-start"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, 422, "local-start"),
        ({"practice": "nowhere"}, 404, "not-found"),
    ],
)
def test_bad_holds_are_refused_by_name(foothills: Stage, change: dict[str, Any], status: int, code: str) -> None:
    start = starts()[0]
    answer = held(start, **change)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.json()
    assert states(foothills) == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"coming": [{}]}, 422, "group-people"),
        ({"coming": [{}, {}]}, 422, "group-people"),
        ({"coming": [{}, {"client": str(uuid4())}]}, 404, "not-found"),
        ({"coming": [{}, {"name": "Alex", "email": "not an address"}]}, 422, "invalid"),
        ({"coming": [{}, {"name": "Alex"}]}, 422, "no-contact"),
        ({"hold_secret": "wrong"}, 404, "unknown-hold"),
        ({"hold_id": str(uuid4())}, 404, "unknown-hold"),
    ],
)
def test_bad_bookings_keep_the_times_and_book_nobody(
    foothills: Stage, maya: dict[str, str], booking: dict[str, Any], change: dict[str, Any], status: int, code: str
) -> None:
    answer = post("groups", booking | change, maya)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.json()
    assert states(foothills) == ["held", "held"]
