"""A child who comes of age takes their record over: nothing is lost, and who looked after them reads no more."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from tests.test_access import things
from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment, Series, WaitlistEntry
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.payments.models import Receipt
from unknot.people import actions as people
from unknot.people import queries as persons
from unknot.people.domain.care import is_of_age
from unknot.people.models import Client as ClientRow
from unknot.practice import queries as practices
from unknot.treatment.models import CheckIn

MAYA, IRIS = "maya@clients.example", "iris@grown.example"
BORN = date(2008, 11, 17)  # eighteen today
Ids = dict[str, UUID]


@pytest.fixture
def child(hills: Stage) -> ClientRow:
    """Iris, whom Maya looks after, on her eighteenth birthday."""
    carer = hills.clients[MAYA]
    return ClientRow.objects.create(
        practice=hills.practice, account=carer.account, name="Iris Thorne", born_on=BORN, relation="child"
    )


@pytest.fixture
def ids(hills: Stage, child: ClientRow, now: datetime) -> Ids:
    """One of everything that is hers."""
    return things(hills, child, now, hours=30)


def maya(hills: Stage) -> Actor:
    return practices.actor(hills.clients[MAYA].account_id, hills.practice.id, strong=True)


def iris(hills: Stage, email: str = IRIS) -> Actor:
    return practices.actor(account(email, "").pk, hills.practice.id, strong=False)


def offer(hills: Stage, child: ClientRow, now: datetime, email: str = IRIS) -> str:
    """The token of the link that Iris gets."""
    people.offer_record(
        by=maya(hills), client_id=child.pk, email=email, practice=practices.practice(hills.practice.id), now=now
    )
    found = Message.objects.filter(kind="record_offered").latest("due_at", "id")
    assert found.account_id == account(email, "").pk
    return str(found.facts["path"]).split("/")[-2]


def take(hills: Stage, token: str, now: datetime, by: Actor | None = None) -> UUID:
    return people.take_record(
        by=by or iris(hills), token=token, practice=practices.practice(hills.practice.id), now=now
    )


@pytest.fixture
def taken(hills: Stage, child: ClientRow, ids: Ids, now: datetime) -> Ids:
    """The record is hers."""
    assert take(hills, offer(hills, child, now), now) == child.pk
    return ids


@pytest.mark.parametrize(
    ("where", "born", "grown"),
    [
        ("CA-AB", date(2008, 11, 17), True),
        ("CA-AB", date(2008, 11, 18), False),
        ("CA-ON", date(2008, 11, 17), True),
        ("CA-BC", date(2008, 11, 17), False),
        ("CA-BC", date(2007, 11, 17), True),
        ("CA-NS", date(2007, 11, 18), False),
        ("CA-QC", date(2008, 2, 29), True),
    ],
)
def test_of_age_by_the_law_of_the_place(where: str, born: date, grown: bool) -> None:
    assert is_of_age(born, date(2026, 11, 17), jurisdiction=where) is grown


def test_nothing_is_lost_and_all_of_it_is_theirs(hills: Stage, child: ClientRow, taken: Ids) -> None:
    by = iris(hills)
    assert (by.client_id, dict(by.dependants)) == (child.pk, {})
    for rows in (Appointment, Series, CheckIn, Receipt):
        mine = rows.objects.filter(client_id=child.pk)
        assert mine.exists()
        assert {one.account_id for one in mine} == {by.account_id}, rows
    assert not WaitlistEntry.objects.filter(client_id=child.pk).exclude(account_id=by.account_id).exists()
    assert queries.visit(taken["visit_id"], by=by).client_id == child.pk
    row = ClientRow.objects.get(pk=child.pk)
    assert (row.name, row.born_on, row.relation, row.decides, row.email) == ("Iris Thorne", BORN, "", "self", IRIS)
    assert by.account_id
    assert queries.find_visit_scope(taken["visit_id"], by.account_id) == "foothills"


def test_who_looked_after_them_reads_no_more(hills: Stage, child: ClientRow, taken: Ids, now: datetime) -> None:
    by = maya(hills)
    assert child.pk not in by.dependants
    assert by.client_id == hills.clients[MAYA].pk, "her own record is as it was"
    with pytest.raises(NotFoundError):
        queries.visit(taken["visit_id"], by=by)
    with pytest.raises(NotFoundError):
        persons.client(child.pk, by=by)
    with pytest.raises(NotFoundError):
        actions.cancel(by=by, appointment_id=taken["visit_id"], now=now)
    with pytest.raises(ValueError, match="looks after"):
        by.acting_for(child.pk)
    assert child.pk not in {one.client_id for one in queries.visits_for(by)}
    assert by.account_id
    assert queries.find_visit_scope(taken["visit_id"], by.account_id) in (None, "foothills")


def test_no_page_of_hers_opens_for_who_looked_after_them(
    hills: Stage, child: ClientRow, taken: Ids, now: datetime, signed_in: Callable[..., Client]
) -> None:
    browser, own = signed_in(hills.clients[MAYA].account_id), signed_in(iris(hills).account_id)
    home = "/p/foothills/my/"
    pages = [
        f"{home}{one}?for={child.pk}" for one in ("", "progress/", "body-map/", "receipts/", "details/", "access-log/")
    ]
    pages += [f"{home}visits/{taken['visit_id']}/", f"{home}check-ins/{taken['check_in_id']}/"]
    with time_machine.travel(now, tick=True):
        assert {path: browser.get(path).status_code for path in pages} == dict.fromkeys(pages, 404)
        assert "Iris" not in browser.get(f"{home}people/").content.decode()
        assert own.get(f"{home}visits/{taken['visit_id']}/").status_code == 200
        assert own.get(f"{home}receipts/").status_code == 200


def test_both_get_a_kind_mail_without_a_name_and_the_trail_says_it(hills: Stage, child: ClientRow, taken: Ids) -> None:
    told = {one.kind: one for one in Message.objects.filter(kind__startswith="record_")}
    assert told["record_yours"].account_id == iris(hills).account_id
    assert told["record_handed"].account_id == hills.clients[MAYA].account_id
    assert told["record_handed"].client_id is None, "it goes to the carer, not through the record"
    assert not any("Iris" in repr(one.facts) for one in told.values())
    verbs = list(Entry.objects.filter(client_id=child.pk, verb__startswith="client.").values_list("verb", flat=True))
    assert sorted(verbs)[-2:] == ["client.grown", "client.offered"]


def test_a_link_opens_nothing_for_anybody_else_and_only_once(
    hills: Stage, child: ClientRow, ids: Ids, now: datetime
) -> None:
    token = offer(hills, child, now)
    for by, link in (
        (maya(hills), token),
        (iris(hills, "somebody@else.example"), token),
        (iris(hills), "made-up"),
        (Actor(practice_id=hills.practice.id), token),
    ):
        with pytest.raises(NotFoundError):
            take(hills, link, now, by)
    assert ClientRow.objects.get(pk=child.pk).account_id == hills.clients[MAYA].account_id
    assert take(hills, token, now) == take(hills, token, now)
    assert Message.objects.filter(kind="record_yours").count() == 1, "twice is once"


def test_not_before_the_birthday_and_not_by_just_anybody(
    hills: Stage, child: ClientRow, now: datetime, client_of: Callable[..., Actor]
) -> None:
    law: Any = practices.practice(hills.practice.id)
    with pytest.raises(people.SameAddressError):
        people.offer_record(by=maya(hills), client_id=child.pk, email=MAYA, practice=law, now=now)
    anders = client_of(hills, "anders@clients.example")
    with pytest.raises(NotFoundError):
        people.offer_record(by=anders, client_id=child.pk, email=IRIS, practice=law, now=now)
    ClientRow.objects.filter(pk=child.pk).update(born_on=date(2008, 11, 18))
    with pytest.raises(people.NotOfAgeError):
        people.offer_record(by=maya(hills), client_id=child.pk, email=IRIS, practice=law, now=now)
    assert not Message.objects.exists()


def test_who_has_a_record_here_is_sent_to_the_practice(hills: Stage, child: ClientRow, ids: Ids, now: datetime) -> None:
    token = offer(hills, child, now, "anders@clients.example")
    with pytest.raises(people.OwnRecordError):
        take(hills, token, now, iris(hills, "anders@clients.example"))
    assert ClientRow.objects.get(pk=child.pk).relation == "child"


def test_the_pages_from_the_carer_to_the_grown_person(
    hills: Stage, child: ClientRow, ids: Ids, now: datetime, signed_in: Callable[..., Client]
) -> None:
    browser = signed_in(hills.clients[MAYA].account_id)
    page = f"/p/foothills/my/people/{child.pk}/hand-over/"
    with time_machine.travel(now, tick=True):
        assert page in browser.get("/p/foothills/my/people/").content.decode()
        wrong = browser.post(page, {"email": "not yet"})
        assert (wrong.status_code, "not yet" in wrong.content.decode()) == (422, True)
        assert browser.post(page, {"email": IRIS}).status_code == 302
        with tenancy.scope(practice_id=hills.practice.id):
            path = Message.objects.get(kind="record_offered").facts["path"]
        assert Client().get(path).status_code == 200
        own = signed_in(account(IRIS, "").pk)
        assert "Take my record over" in own.get(path).content.decode()
        assert own.post(path)["Location"] == "/p/foothills/my/"
        assert browser.get(f"/p/foothills/my/?for={child.pk}").status_code == 404
        assert browser.get(page).status_code == 404
