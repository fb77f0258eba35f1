"""A client's own details and record."""

from collections.abc import Callable

import pytest
from django.test import Client

from unknot.audit import actions as audit
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor

TOMASZ = "tomasz@clients.example"
GIVEN = {"name": "Tomasz W.", "preferred_name": "Tomek", "phone": "780 555 0199"}


@pytest.fixture
def browser(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    """Tomasz's browser."""
    return signed_in(riverbend.clients[TOMASZ].account_id, strong=False)


def test_details_are_saved(browser: Client, riverbend: Stage) -> None:
    answer = browser.post("/p/riverbend/my/details/", GIVEN, follow=True)
    assert "Saved." in answer.content.decode()
    row = riverbend.clients[TOMASZ]
    with tenancy.scope(practice_id=riverbend.practice.id):
        row.refresh_from_db()
    assert (row.name, row.phone, row.reminders_by_email) == ("Tomasz W.", "+17805550199", False)


def test_a_wrong_phone_comes_back_with_what_was_typed(browser: Client) -> None:
    answer = browser.post("/p/riverbend/my/details/", GIVEN | {"phone": "99"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="99"' in page
    assert "does not look like a phone number" in page


def test_the_record_shows_others_first_and_own_on_request(
    browser: Client, riverbend: Stage, client_of: Callable[..., Actor], staff_of: Callable[..., Actor]
) -> None:
    tomasz, maren = client_of(riverbend, TOMASZ), staff_of(riverbend, "therapist")
    with tenancy.scope(practice_id=riverbend.practice.id):
        audit.record(by=maren, verb="note.signed", subject="note", client_id=tomasz.client_id)
        audit.record(by=tomasz, verb="goal.set", subject="goal", client_id=tomasz.client_id)
    page = browser.get("/p/riverbend/my/access-log/").content.decode()
    assert "signed a treatment note" in page
    assert "set a goal" not in page
    assert "set a goal" in browser.get("/p/riverbend/my/access-log/?all=yes").content.decode()


def test_strangers_have_no_page(foothills: Stage, riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    maya = signed_in(foothills.clients["maya@clients.example"].account_id)
    for page in ("my/details/", "my/access-log/"):
        assert maya.get(f"/p/riverbend/{page}").status_code == 404
        assert Client().get(f"/p/riverbend/{page}").status_code == 302
