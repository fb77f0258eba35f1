"""Consent for somebody who does not consent alone: who spoke, what the person said themselves, and their no."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.test_access import things
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions, domain, queries
from unknot.intake.models import Consent
from unknot.kernel.actors import Actor
from unknot.people import actions as people
from unknot.people.models import Client as Person
from unknot.practice import queries as practices

MAYA = "maya@clients.example"


@pytest.fixture
def maya(foothills: Stage, client_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Maya, inside Foothills' walls."""
    actor = client_of(foothills, MAYA)
    with tenancy.scope(practice_id=foothills.practice.id, account_id=actor.account_id):
        yield actor


def ward(maya: Actor, now: datetime, *, age: int, relation: str = "child") -> tuple[Actor, UUID]:
    born = date(now.year - age, 1, 2)
    made = people.add_dependant(by=maya, now=now, name="Iris Thorne", born_on=born, relation=relation)
    assert maya.account_id
    return practices.actor(maya.account_id, maya.practice_id, strong=True), made


def agree(by: Actor, client_id: UUID, now: datetime, **facts: Any) -> queries.ConsentFacts:
    return actions.give_consent(by=by, client_id=client_id, scope="treatment", now=now, **facts)


@pytest.mark.parametrize(
    ("age", "refused", "enough"),
    [(4, [""], "told"), (9, ["", "told"], "yes"), (16, ["", "told"], "yes")],
)
def test_a_child_is_asked_or_told_as_its_age_needs(
    maya: Actor, now: datetime, age: int, refused: list[str], enough: str
) -> None:
    carer, child = ward(maya, now, age=age)
    for word in refused:
        with pytest.raises(domain.ConsentScopeError) as refusal:
            agree(carer, child, now, assent=word)
        assert refusal.value.field == "assent"
    assert not Consent.objects.exists()
    given = agree(carer, child, now, assent=enough)
    assert (given.given_as, given.assent) == ("guardian", enough)


def test_an_adult_who_decides_is_not_consented_for(maya: Actor, now: datetime) -> None:
    carer, mother = ward(maya, now, age=70, relation="relative")
    with pytest.raises(domain.ConsentScopeError):
        agree(carer, mother, now)
    Person.objects.filter(pk=mother).update(decides="carer")
    with pytest.raises(domain.ConsentScopeError):
        agree(carer, mother, now)
    given = agree(carer, mother, now, assent="told")
    assert given.given_as == "decision_maker"
    own = agree(maya, maya.client_id, now) if maya.client_id else None
    assert own is not None
    assert (own.given_as, own.assent) == ("self", "")


def test_a_no_needs_nobody_else(maya: Actor, now: datetime) -> None:
    carer, child = ward(maya, now, age=9)
    given = agree(carer, child, now, assent="yes")
    back = actions.withdraw_consent(by=carer, consent_id=given.id, now=now + timedelta(minutes=1))
    assert not back.in_force


def test_the_page_says_who_consents_and_what_to_read_to_the_child(
    foothills: Stage, maya: Actor, now: datetime, signed_in: Callable[..., Client], staff_of: Callable[..., Actor]
) -> None:
    _, child = ward(maya, now, age=9)
    row = Person.objects.select_related("account").get(pk=child)
    visit = things(foothills, row, now, hours=1)["visit_id"]
    browser = signed_in(maya.account_id)
    url = reverse("intake:consent", args=["foothills", visit])
    page = browser.get(url).content.decode()
    assert "You consent for Iris, and come along." in page
    assert "nobody is cross" in page
    refused = browser.post(url, {"scope": "treatment", "text_version": "2026.1"})
    assert (refused.status_code, "tick their yes" in refused.content.decode()) == (422, True)
    browser.post(url, {"scope": "treatment", "text_version": "2026.1", "assent": "yes"})
    assert Consent.objects.get().given_as == "guardian"
    noor = signed_in(foothills.therapists["noor-haddad"].account_id)
    desk = reverse("intake:desk_consent", args=["foothills", visit])
    form = {"scope": "sensitive", "region": "gluteal", "assent": "yes"}
    said = noor.post(desk, form | {"method": "verbal"})
    assert (said.status_code, "given in writing" in said.content.decode()) == (422, True)
    assert "Guardian consents, the child agrees too." in said.content.decode()
    noor.post(desk, form | {"method": "paper"})
    assert Consent.objects.get(scope="sensitive").method == "paper"
    noor.post(desk, {"withdraw": str(Consent.objects.get(scope="sensitive").pk)})
    assert not Consent.objects.filter(scope="sensitive", withdrawn_at=None).exists()
