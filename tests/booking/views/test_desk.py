"""The diary at work."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.payments.models import Payment, Receipt
from unknot.people.models import Client as ClientRow

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"
DESK = "/p/foothills/desk/"


@pytest.fixture
def sam(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The front desk."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))


def day_of(visit: Appointment) -> str:
    return f"{DESK}day/?date={visit.local_start[:10]}"


def rows(stage: Stage, model: Any) -> list[Any]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(model.objects.all())


def test_the_desk_opens_today(sam: Client) -> None:
    assert sam.get(DESK)["Location"] == f"{DESK}day/"
    assert "Today" in sam.get(f"{DESK}day/").content.decode()


def test_the_day_says_who_when_where(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, MAYA, access_needs=["companion"])
    page = sam.get(day_of(visit)).content.decode()
    for words in ("Maya Thorne", "10:00 a.m.", "Foothills clinic", "+14035550130", "Somebody comes with me"):
        assert page.count(words) >= 1, words
    assert page.count("Has arrived") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_day_takes_the_same_queries_however_full(
    foothills: Stage,
    sam: Client,
    a_visit: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    visits = [a_visit(foothills, MAYA, hour=8 + 2 * number, state="completed") for number in range(count)]
    sam.get(day_of(visits[0]))
    with django_assert_num_queries(34):
        sam.get(day_of(visits[0]))


def test_arrived_done_and_back(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, MAYA, days=0, hour=0)
    for event, after in (("arrive", "arrived"), ("complete", "completed")):
        answer = sam.post(f"{DESK}visits/{visit.pk}/mark/", {"event": event})
        assert answer["Location"].startswith(f"{DESK}day/?date={visit.local_start[:10]}")
        assert [one.state for one in rows(foothills, Appointment)] == [after]
    assert sam.post(f"{DESK}visits/{visit.pk}/mark/", {"event": "cook"}).status_code == 422


def test_a_phone_booking_for_somebody_new(foothills: Stage, sam: Client) -> None:
    asked = {"service": "therapeutic-60", "therapist": "ivan-petrov", "client": "new"}
    page = sam.get(f"{DESK}book/", {**asked, "q": "may"}).content.decode()
    assert page.count("maya@clients.example") == 1
    slots = re.findall(r'name="slot"\s+value="([^"]+)"', page)
    refused = sam.post(f"{DESK}book/", {**asked, "slot": slots[0], "name": "Rosa Lindgren"})
    assert refused.status_code == 422
    assert 'value="Rosa Lindgren"' in refused.content.decode()
    assert rows(foothills, Appointment) == []
    done = sam.post(f"{DESK}book/", {**asked, "slot": slots[0], "name": "Rosa Lindgren", "phone": "403 555 0199"})
    assert done.status_code == 302, done.content.decode()
    (visit,) = rows(foothills, Appointment)
    with tenancy.scope(practice_id=foothills.practice.id):
        client = ClientRow.objects.get(pk=visit.client_id)
    assert (client.name, client.account_id, visit.state) == ("Rosa Lindgren", None, "confirmed")


def test_inside_the_notice_only_with_a_reason(foothills: Stage, sam: Client) -> None:
    asked = {"service": "therapeutic-60", "client": str(foothills.clients[MAYA].pk)}
    day = (local(timezone.now(), "America/Edmonton") + timedelta(days=70)).date().isoformat()
    without = sam.get(f"{DESK}book/", {**asked, "date": day}).content.decode()
    assert re.findall(r'name="slot"', without) == []
    page = sam.get(f"{DESK}book/", {**asked, "date": day, "reason": "asked for it"}).content.decode()
    slot = re.findall(r'name="slot"\s+value="([^"]+)"', page)[0]
    assert sam.post(f"{DESK}book/", {**asked, "slot": slot}).status_code == 422
    assert sam.post(f"{DESK}book/", {**asked, "slot": slot, "reason": "asked for it"}).status_code == 302
    assert [one.override_reason for one in rows(foothills, Appointment)] == ["asked for it"]


def test_a_stranger_s_client_can_t_be_booked(foothills: Stage, riverbend: Stage, sam: Client) -> None:
    page = sam.get(f"{DESK}book/", {"service": "therapeutic-60"}).content.decode()
    slot = re.findall(r'name="slot"\s+value="([^"]+)"', page)[0]
    foreign = str(riverbend.clients["tomasz@clients.example"].pk)
    assert sam.post(f"{DESK}book/", {"service": "therapeutic-60", "slot": slot, "client": foreign}).status_code == 404
    assert rows(foothills, Appointment) == []


def test_payment_and_receipt(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, MAYA, days=-1, state="completed")
    pay = f"{DESK}visits/{visit.pk}/pay/"
    assert "$115.50 received" in sam.get(pay).content.decode()
    assert sam.post(pay, {"method": "cash", "tip": "ten"}).status_code == 422
    assert sam.post(pay, {"tip": "10"}).status_code == 422
    assert rows(foothills, Payment) == []
    for _ in range(2):
        sam.post(pay, {"method": "cash", "tip": "12.50"})
    (payment,), (receipt,) = rows(foothills, Payment), rows(foothills, Receipt)
    assert (payment.amount_minor, payment.tip_minor) == (11550, 1250)
    assert receipt.number in sam.get(pay).content.decode()
    pdf = sam.get(f"{DESK}receipts/{receipt.pk}.pdf")
    assert (pdf["Content-Type"], pdf["Cache-Control"]) == ("application/pdf", "no-store")
    assert sam.post(f"{DESK}receipts/{receipt.pk}/void/", {"reason": "wrong name", "next": pay})["Location"] == pay
    assert sam.post(pay).status_code == 302
    assert [one.facts["amends"] for one in rows(foothills, Receipt)] == ["", receipt.number]


def test_no_payment_before_it_is_done(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    pay = f"{DESK}visits/{a_visit(foothills, MAYA).pk}/pay/"
    assert "Not completed yet" in sam.get(pay).content.decode()
    assert sam.post(pay, {"method": "cash"}).status_code == 409
    assert rows(foothills, Payment) == []


def test_a_fee_is_waived_only_with_a_reason(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, MAYA, days=1, hour=1)
    cancel = f"{DESK}visits/{visit.pk}/cancel/"
    assert sam.post(cancel, {"waived": "1"}).status_code == 422
    assert sam.post(cancel, {"waived": "1", "waive": "child ill"}).status_code == 302
    assert [(one.state, one.fee_minor) for one in rows(foothills, Appointment)] == [("cancelled", 0)]


@pytest.mark.parametrize("page", ["", "day/", "book/"])
def test_clients_and_strangers_have_no_desk(foothills: Stage, signed_in: Callable[..., Client], page: str) -> None:
    assert signed_in(foothills.clients[MAYA].account_id).get(DESK + page).status_code == 404
    assert Client().get(DESK + page).status_code == 302


@pytest.mark.parametrize("query", ["date=x", "date=9999-12-31", "date=0001-01-01", "therapist=nobody"])
def test_odd_questions_show_a_day_all_the_same(sam: Client, query: str) -> None:
    assert sam.get(f"{DESK}day/?{query}").status_code == 200
    assert sam.get(f"{DESK}book/?service=therapeutic-60&{query}").status_code == 200
