"""Children and relatives with a record of their own, and who answers for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from unknot.audit.models import Entry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import actions, queries
from unknot.people.domain.care import BadBirthDateError
from unknot.people.models import Client
from unknot.practice import queries as practices

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"
BORN = date(2017, 3, 21)


@pytest.fixture
def maya(foothills: Stage, client_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Maya, inside Foothills' walls."""
    actor = client_of(foothills, MAYA)
    with tenancy.scope(practice_id=foothills.practice.id, account_id=actor.account_id):
        yield actor


def add(by: Actor, now: datetime, **changes: Any) -> UUID:
    given: dict[str, Any] = {"name": "Iris Thorne", "born_on": BORN, "relation": "child"}
    return actions.add_dependant(by=by, now=now, **given | changes)


def again(by: Actor) -> Actor:
    assert by.account_id
    return practices.actor(by.account_id, by.practice_id, strong=True)


def test_a_child_gets_a_record_of_its_own_that_the_carer_answers_for(maya: Actor, now: datetime) -> None:
    child = add(maya, now, preferred_name="Iri")
    carer = again(maya)
    assert dict(carer.dependants) == {child: "Iri"}
    assert carer.client_id == maya.client_id != child
    facts = queries.client(child, by=carer)
    assert (facts.relation, facts.decides, facts.born_on) == ("child", "carer", BORN)
    assert facts.guardian
    assert facts.guardian.name == "Maya Thorne"
    assert facts.guardian.phone
    assert facts.is_minor_on(date(2035, 3, 20))
    assert not facts.is_minor_on(date(2035, 3, 21))
    assert facts.care_words(date(2026, 11, 17)) == "9 years old, parent or guardian: Maya Thorne"
    entry = Entry.objects.get(verb="client.dependant")
    assert (entry.client_id, entry.actor_id) == (child, maya.account_id)


def test_mail_for_a_child_goes_to_the_carer(maya: Actor, now: datetime) -> None:
    found = queries.recipient(client_id=add(maya, now), account_id=None)
    assert found
    assert found.email == MAYA


def test_the_same_person_twice_is_one_and_a_twin_is_another(maya: Actor, now: datetime) -> None:
    assert add(maya, now) == add(maya, now, name="  Iris  Thorne ")
    assert add(maya, now, name="Jonas Thorne") != add(maya, now)
    assert [one.name for one in queries.dependants(by=again(maya))] == ["Iris Thorne", "Jonas Thorne"]


def test_grown_people_consent_themselves_unless_somebody_decides_for_them(maya: Actor, now: datetime) -> None:
    old = date(1941, 5, 2)
    alone = add(maya, now, name="Edda Thorne", born_on=old, relation="relative")
    guided = add(maya, now, name="Carl Thorne", born_on=old, relation="relative", decides_alone=True)
    found = queries.clients_named([alone, guided])
    assert (found[alone].decides, found[guided].decides) == ("self", "carer")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"relation": "friend"}, actions.UnknownRelationError),
        ({"relation": ""}, actions.UnknownRelationError),
        ({"born_on": date(2026, 11, 19)}, BadBirthDateError),
        ({"born_on": date(1850, 1, 1)}, BadBirthDateError),
    ],
)
def test_what_cannot_be_is_refused(maya: Actor, now: datetime, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        add(maya, now, **changes)
    assert again(maya).dependants == {}


def test_there_is_an_end_to_it(maya: Actor, now: datetime) -> None:
    for number in range(actions.MOST_DEPENDANTS):
        add(maya, now, name=f"Child {number}")
    with pytest.raises(actions.TooManyDependantsError):
        add(maya, now, name="One more")


def test_others_reach_nothing_of_it(
    maya: Actor, foothills: Stage, now: datetime, client_of: Callable[..., Actor], staff_of: Callable[..., Actor]
) -> None:
    child = add(maya, now)
    other = client_of(foothills, ANDERS)
    add(other, now, name="Nils Berg")
    for stranger in (again(other), Actor(practice_id=maya.practice_id), replace(maya, dependants={})):
        assert not stranger.answers_for(child)
        with pytest.raises(NotFoundError):
            queries.client(child, by=stranger)
        with pytest.raises(ValueError, match="looks after"):
            stranger.acting_for(child)
    assert queries.client(child, by=staff_of(foothills, "front_desk")).guardian


def test_acting_for_a_child_is_never_acting_for_oneself(maya: Actor, now: datetime) -> None:
    child = add(maya, now)
    acting = again(maya).acting_for(child)
    assert (acting.client_id, acting.acting, acting.whose) == (child, True, "Iris")
    assert acting.account_id == maya.account_id
    with pytest.raises(NotFoundError):
        add(acting, now, name="A grandchild")
    actions.change_details(
        by=acting, name="Iris M Thorne", preferred_name="", phone="", reminders_by_email=True, now=now
    )
    assert queries.clients_named([child])[child].name == "Iris M Thorne"
    assert maya.client_id
    assert queries.clients_named([maya.client_id])[maya.client_id].name == "Maya Thorne"


def test_one_account_has_one_own_record_and_a_dependant_needs_a_carer_and_a_birth_date(
    maya: Actor, foothills: Stage, now: datetime
) -> None:
    add(maya, now)
    assert actions.become_client(by=again(maya), name="Maya", now=now) == maya.client_id
    shared: dict[str, Any] = {"practice": foothills.practice, "name": "X"}
    for wrong in (
        {"account_id": maya.account_id},
        {"account_id": maya.account_id, "relation": "child"},
        {"born_on": BORN, "relation": "child"},
        {"decides": "carer"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Client.objects.create(**shared, **wrong)


def test_lists_take_two_queries_however_many_children(
    maya: Actor, foothills: Stage, now: datetime, django_assert_num_queries: Any
) -> None:
    made = [add(maya, now, name=f"Child {number}") for number in range(3)]
    for ids in (made[:1], made):
        with django_assert_num_queries(2):
            assert len(queries.clients_named([*ids, uuid4()])) == len(ids)
