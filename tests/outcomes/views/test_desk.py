"""A client as the desk sees them, and the therapist's decision."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.outcomes.models import Goal, Measure, Proposal, Questionnaire

TOMASZ = "tomasz@clients.example"


@pytest.fixture
def maren(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    """Maren's browser."""
    return signed_in(riverbend.therapists["maren-oduya"].account_id)


@pytest.fixture
def page(riverbend: Stage) -> str:
    """Tomasz's page at the desk."""
    return f"/p/riverbend/desk/clients/{riverbend.clients[TOMASZ].pk}/"


def test_front_desk_sees_identity_and_visits_but_no_goals(foothills: Stage, signed_in: Callable[..., Client]) -> None:
    maya = foothills.clients["maya@clients.example"]
    with tenancy.scope(practice_id=foothills.practice.id):
        Goal.objects.create(practice=foothills.practice, client=maya, words="Ski again", set_at=maya.created_at)
    path = f"/p/foothills/desk/clients/{maya.pk}/"
    sam = signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))
    seen = sam.get(path).content.decode()
    assert "Maya Thorne" in seen
    assert "Ski again" not in seen
    assert sam.get(f"{path}progress/").status_code == 404
    noor = signed_in(foothills.therapists["noor-haddad"].account_id)
    assert "Ski again" in noor.get(path).content.decode()


def test_a_client_s_visits_are_listed(
    maren: Client, page: str, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    visit_on(riverbend, TOMASZ, date(2026, 9, 15))
    assert "Tuesday, 15 September 2026" in maren.get(page).content.decode()


def test_signing_as_proposed_then_otherwise(maren: Client, page: str, riverbend: Stage) -> None:
    form = maren.get(f"{page}progress/").context["decision"]
    assert maren.post(f"{page}progress/", form.initial | {"reason": ""}).status_code == 302
    other = {"decision": "other", "interval_days": "30", "style": "deep", "reason": ""}
    refused = maren.post(f"{page}progress/", other)
    assert refused.status_code == 422
    assert "say why" in refused.content.decode()
    assert maren.post(f"{page}progress/", other | {"reason": "Away <until> then."}).status_code == 302
    seen = maren.get(f"{page}progress/").content.decode()
    assert "Away &lt;until&gt; then." in seen
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert [one.content["adjusted"] for one in Proposal.objects.order_by("made_at")] == [False, True]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"decision": "other", "interval_days": "", "reason": "x"},
        {"decision": "other", "interval_days": "999", "reason": "x"},
        {"decision": "talk", "reason": ""},
        {"decision": "proposed", "seen": "old"},
    ],
)
def test_a_decision_that_can_not_be_comes_back(maren: Client, page: str, given: dict[str, str]) -> None:
    answer = maren.post(f"{page}progress/", given)
    assert answer.status_code == 422
    assert "form-errors" in answer.content.decode()


def test_a_rating_in_the_room_is_written_down(maren: Client, page: str, riverbend: Stage) -> None:
    assert maren.post(f"{page}progress/rating/", {"value": "2", "context": "in_room"}).status_code == 302
    assert maren.post(f"{page}progress/rating/", {"value": "2", "context": "nowhere"}).status_code == 422
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert [one.context for one in Measure.objects.all()] == ["in_room"]


def test_foreign_and_made_up_clients_look_alike(maren: Client, foothills: Stage) -> None:
    for client in (foothills.clients["maya@clients.example"].pk, uuid4()):
        for path in ("", "progress/"):
            assert maren.get(f"/p/riverbend/desk/clients/{client}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("given", "stored_value"),
    [
        ({"instrument": "ftf", "first": "12.5"}, ("ftf", 12.5)),
        ({"instrument": "mschober", "first": "10", "second": "14.5"}, ("mschober", 4.5)),
        ({"instrument": "rmdq", "first": "11"}, ("rmdq", 11.0)),
    ],
)
def test_a_measurement_is_written_down(
    maren: Client, page: str, riverbend: Stage, given: dict[str, str], stored_value: tuple[str, float]
) -> None:
    assert maren.post(f"{page}progress/measurement/", given).status_code == 302
    with tenancy.scope(practice_id=riverbend.practice.id):
        [row] = Measure.objects.all()
    assert (row.instrument, row.value["value"], row.context) == (*stored_value, "review")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"instrument": "ftf", "first": "130"}, "runs from 0 to 100"),
        ({"instrument": "mschober", "first": "10"}, "standing and bent"),
        ({"instrument": "mmst", "first": "15", "second": "10"}, "runs from 0 to 20"),
        ({"instrument": "rmdq", "first": "25"}, "0 to 24"),
        ({"instrument": "rmdq", "first": "7.5"}, "0 to 24"),
        ({"instrument": "odi", "first": "20"}, "odi"),
        ({"instrument": "ftf"}, "Give the number"),
    ],
)
def test_a_measurement_that_can_not_be_comes_back(
    maren: Client, page: str, riverbend: Stage, given: dict[str, str], words: str
) -> None:
    answer = maren.post(f"{page}progress/measurement/", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Measure.objects.count() == 0


def test_the_owner_brings_a_questionnaire_and_answers_for_its_licence(
    maren: Client, riverbend: Stage, made_up: str
) -> None:
    base = "/p/riverbend/desk/questionnaires/"
    assert base in maren.get("/p/riverbend/desk/practice/").content.decode()
    assert "Oswestry" in maren.get(base).content.decode(), "what needs a licence is named"
    wrong = maren.post(base, {"text": made_up.replace("high = 8", "high = 3")})
    assert wrong.status_code == 422
    assert "leave the scale" in wrong.content.decode()
    assert "Stairs are &lt;b&gt;hard&lt;/b&gt;." in wrong.content.decode(), "what was pasted is still there"
    assert maren.post(base, {"text": made_up}).status_code == 302
    page = maren.get(base).content.decode()
    assert "Off: licence not accepted" in page
    assert "Made up for tests; free for everybody." in page
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = Questionnaire.objects.get()
    refused = maren.post(f"{base}{row.pk}/", {"proof": " "})
    assert refused.status_code == 422
    assert len(re.findall(r'\sid="id_proof"', refused.content.decode())) == 1
    assert maren.post(f"{base}{row.pk}/", {"proof": "Letter of 2 May"}).status_code == 302
    assert "Letter of 2 May" in maren.get(base).content.decode()
    assert maren.post(f"{base}{row.pk}/", {"off": "yes"}).status_code == 302
    assert "Letter of 2 May" in maren.get(base).content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        row.refresh_from_db()
    assert row.off_at is not None


def test_several_goals_are_one_score_for_the_therapist(maren: Client, page: str, riverbend: Stage) -> None:
    with tenancy.scope(practice_id=riverbend.practice.id):
        client = riverbend.clients[TOMASZ]
        for level in (1, 1):
            goal = Goal.objects.create(
                practice=riverbend.practice, client=client, words="Walk", set_at=client.created_at
            )
            Measure.objects.create(
                practice=riverbend.practice,
                client=client,
                instrument="goal",
                value={"value": level, "goal": str(goal.pk)},
                context="review",
                taken_at=client.created_at,
                recorded_at=client.created_at,
            )
    assert "All 2 goals together: T 62." in maren.get(f"{page}progress/").content.decode()


def test_a_series_in_the_proposed_rhythm_is_one_tap_for_the_therapist(
    maren: Client, page: str, riverbend: Stage, visit_on: Callable[..., Appointment]
) -> None:
    today = local(timezone.now(), "America/Edmonton").date()
    visit_on(riverbend, TOMASZ, today - timedelta(days=today.weekday() + 7))
    text = maren.get(f"{page}progress/").content.decode()
    link = unescape(re.search(rf'href="({page}series/[^"]*)"', text).group(1))  # type: ignore[union-attr]
    shown = maren.get(link)
    assert (shown.status_code, len(shown.context["dates"])) == (200, 6)
