"""The client's body map and consents; who may open them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import queries
from unknot.intake.models import Consent
from unknot.kernel.actors import Actor
from unknot.kernel.ids import new_id

pytestmark = pytest.mark.django_db
BODY_MAP = "/p/riverbend/my/body-map/"
VISIT = UUID("01a1f92b-253d-7725-bc86-6238410c5828")
ANOTHER = UUID("01a1f92b-253d-7725-bc86-6238410c5829")
CONSENT = f"/p/riverbend/my/consent/{VISIT}/"


@pytest.fixture
def someone(riverbend: Stage, client_of: Callable[..., Actor]) -> Actor:
    return client_of(riverbend, next(iter(riverbend.clients)))


@pytest.fixture
def browser(someone: Actor, signed_in: Callable[..., Client]) -> Client:
    return signed_in(someone.account_id)


@pytest.fixture(autouse=True)
def visits(riverbend: Stage, someone: Actor, now: datetime) -> None:
    """Two visits of this client: consents are looked up for real visits only."""
    therapist, service = riverbend.therapists["maren-oduya"], riverbend.services["therapeutic-60"]
    with tenancy.scope(practice_id=riverbend.practice.id):
        for days, visit_id in enumerate((VISIT, ANOTHER)):
            starts = now + timedelta(days=days)
            ends = starts + timedelta(minutes=60)
            Appointment.objects.create(
                id=visit_id,
                practice=riverbend.practice,
                state="confirmed",
                client_id=someone.client_id,
                account_id=someone.account_id,
                therapist=therapist,
                practitioner_id=therapist.account_id,
                service=service,
                place=riverbend.places["studio"],
                starts_at=starts,
                ends_at=ends,
                blocked=DateTimeTZRange(starts, ends),
                local_start=f"2026-11-{17 + days}T10:00",
                timezone="America/Edmonton",
                zone_data="2026f",
                price_minor=11000,
                currency="CAD",
                created_at=now,
            )


@pytest.mark.parametrize("url", [BODY_MAP, CONSENT])
def test_who_may_open(
    riverbend: Stage, openhands: Stage, staff_of: Callable[..., Actor], client_of: Callable[..., Actor],
    signed_in: Callable[..., Client], browser: Client, url: str,
) -> None:  # fmt: skip
    strangers = [email for email in openhands.clients if email not in riverbend.clients]
    table = [
        (browser, 200),
        (signed_in(staff_of(riverbend, "therapist").account_id), 404),
        (signed_in(client_of(openhands, strangers[0]).account_id), 404),
        (Client(), 302),
    ]
    assert [person.get(url).status_code for person, _ in table] == [status for _, status in table]


def test_marking_places_shows_them_again(browser: Client, someone: Actor) -> None:
    form = {"region": ["neck_post:left", "sacrum:midline"], "intensity-neck_post:left": "7", "region-x": "y"}
    page = browser.post(BODY_MAP, form, follow=True)
    assert page.redirect_chain == [(f"{BODY_MAP}?saved=1", 302)]
    assert re.findall(r'value="([a-z_]+:[a-z]+)"\s+id="[^"]+" checked', page.content.decode()) == [
        "neck_post:left",
        "sacrum:midline",
    ]
    with tenancy.scope(practice_id=someone.practice_id):
        kept = queries.current_intake(client_id=someone.client_id)
    assert kept is not None
    assert kept.places[0] == {"region": "neck_post", "laterality": "left", "intensity": 7}
    assert "saved" not in browser.post(BODY_MAP, {}).headers["Location"].split("?")[0]


def rows_of(someone: Actor) -> list[tuple[Any, ...]]:
    with tenancy.scope(practice_id=someone.practice_id):
        rows = Consent.objects.order_by("given_at")
        return [(row.scope, row.regions, row.appointment_id, row.withdrawn_at is None) for row in rows]


def test_agreeing_and_taking_it_back_in_one_tap_each(browser: Client, someone: Actor) -> None:
    assert rows_of(someone) == []
    page = browser.post(CONSENT, {"scope": "treatment", "text_version": "2026.1"}, follow=True)
    assert "You agreed to this treatment." in page.content.decode()
    page = browser.post(CONSENT, {"scope": "sensitive", "region": ["gluteal", "chest"]}, follow=True)
    assert "You agreed: the buttock and back of the hip, the chest wall" in page.content.decode()
    ids = re.findall(r'name="withdraw" value="([^"]+)"', page.content.decode())
    assert len(ids) == 2
    for one in ids:
        browser.post(CONSENT, {"withdraw": one})
    assert rows_of(someone) == [
        ("treatment", [], VISIT, False),
        ("sensitive", ["gluteal", "chest"], VISIT, False),
    ]
    assert "You agreed" not in browser.get(CONSENT).content.decode()


def test_a_yes_for_one_visit_is_none_for_another(browser: Client) -> None:
    browser.post(CONSENT, {"scope": "sensitive", "region": ["chest"]})
    other = browser.get(f"/p/riverbend/my/consent/{ANOTHER}/")
    assert other.status_code == 200
    assert "You agreed" not in other.content.decode()


def test_wrong_consents_are_explained_and_nothing_is_kept(browser: Client, someone: Actor) -> None:
    for wrong in ({"scope": "sensitive"}, {"scope": "sensitive", "region": ["hand", "chest"]}):
        page = browser.post(CONSENT, wrong)
        assert page.status_code == 422
        assert 'href="#regions"' in page.content.decode()
    assert 'value="chest" checked' in page.content.decode()
    assert browser.post(CONSENT, {"scope": "treatment", "text_version": "1900.1"}).status_code == 422
    assert browser.post(CONSENT, {"withdraw": "not-an-id"}).status_code == 404
    assert browser.post(CONSENT, {"withdraw": str(new_id())}).status_code == 404
    assert rows_of(someone) == []


def test_nobody_takes_back_somebody_else_s_yes(
    riverbend: Stage, browser: Client, someone: Actor, client_of: Callable[..., Actor], signed_in: Callable[..., Client]
) -> None:
    browser.post(CONSENT, {"scope": "treatment"})
    with tenancy.scope(practice_id=riverbend.practice.id):
        theirs = Consent.objects.get().pk
    stranger = signed_in(client_of(riverbend, list(riverbend.clients)[1]).account_id)
    assert stranger.post(CONSENT, {"withdraw": str(theirs)}).status_code == 404
    assert rows_of(someone) == [("treatment", [], VISIT, True)]


def test_likely_places_follow_from_the_body_map(browser: Client) -> None:
    browser.post(BODY_MAP, {"region": ["low_back:left"]})
    page = browser.get(CONSENT)
    assert [part.id for part in page.context["likely"]] == ["gluteal", "sacrum"]
    assert " checked" not in page.content.decode()
