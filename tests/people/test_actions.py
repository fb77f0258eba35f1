"""A client changes their own details."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from unknot.audit.models import Entry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import actions, queries
from unknot.people.domain.contact import BadNameError, BadPhoneError

TOMASZ = "tomasz@clients.example"


@pytest.fixture
def tomasz(riverbend: Stage, client_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Tomasz, inside Riverbend's walls."""
    actor = client_of(riverbend, TOMASZ)
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        yield actor


def change(by: Actor, now: datetime, **changes: Any) -> None:
    given: dict[str, Any] = {
        "name": "Tomasz Wieland",
        "preferred_name": "Tomek",
        "phone": "780 555 0199",
        "reminders_by_email": False,
    }
    actions.change_details(by=by, now=now, **given | changes)


def test_details_are_kept_in_one_form_and_only_fields_are_recorded(tomasz: Actor, now: datetime) -> None:
    assert tomasz.client_id
    change(tomasz, now)
    facts = queries.client(tomasz.client_id, by=tomasz)
    assert (facts.greeting, facts.phone, facts.reminders_by_email) == ("Tomek", "+17805550199", False)
    assert Entry.objects.get(verb="client.changed").facts == {
        "fields": ["preferred_name", "phone", "reminders_by_email"]
    }
    change(tomasz, now)
    assert Entry.objects.filter(verb="client.changed").count() == 1


def test_details_that_can_not_be(tomasz: Actor, now: datetime) -> None:
    for wrong, refusal in (
        ({"name": " "}, BadNameError),
        ({"preferred_name": "x" * 61}, BadNameError),
        ({"preferred_name": "a\x07"}, BadNameError),
        ({"phone": "12"}, BadPhoneError),
    ):
        with pytest.raises(refusal):
            change(tomasz, now, **wrong)
    change(tomasz, now, phone="", preferred_name="")


def test_staff_have_no_details_of_their_own(riverbend: Stage, staff_of: Callable[..., Actor], now: datetime) -> None:
    with tenancy.scope(practice_id=riverbend.practice.id), pytest.raises(NotFoundError):
        change(staff_of(riverbend, "therapist"), now)
