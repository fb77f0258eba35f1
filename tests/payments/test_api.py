"""Receipts over the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money
from unknot.payments import actions


@pytest.fixture
def receipts_of_tomasz(riverbend: Stage, now: datetime, staff_of: Callable[..., Any]) -> Callable[[int], list[Any]]:
    """Issues that many receipts to Tomasz and returns their ids."""

    def issue(count: int) -> list[Any]:
        client, by = riverbend.clients["tomasz@clients.example"], staff_of(riverbend, "owner")
        made = []
        with tenancy.scope(practice_id=riverbend.practice.id):
            for _ in range(count):
                visit = actions.PaidVisit(
                    id=new_id(),
                    client_id=client.pk,
                    account_id=client.account_id,
                    therapist_id=riverbend.therapists["maren-oduya"].pk,
                    place_id=None,
                    starts_at=now - timedelta(days=1),
                    minutes=60,
                    price=Money(11000),
                    completed=True,
                )
                payment = actions.record_payment(by=by, visit=visit, method="e_transfer", now=now)
                made.append(actions.issue_receipt(by=by, payment_id=payment, visit=visit, now=now))
        return made

    return issue


def test_own_receipts_with_a_file_each(
    riverbend: Stage, signed_in: Callable[..., Client], receipts_of_tomasz: Callable[[int], list[Any]]
) -> None:
    (receipt_id,) = receipts_of_tomasz(1)
    browser = signed_in(riverbend.clients["tomasz@clients.example"].account_id)
    (row,) = browser.get("/api/v1/receipts").json()["receipts"]
    assert (row["number"], row["practice"], row["total_minor"]) == ("RIVERBEN-2026-000001", "riverbend", 11550)
    assert row["pdf_url"].endswith(f"/api/v1/receipts/{receipt_id}/pdf")
    answer = browser.get(f"/api/v1/receipts/{receipt_id}/pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")


def test_others_see_nothing(
    riverbend: Stage, signed_in: Callable[..., Client], receipts_of_tomasz: Callable[[int], list[Any]]
) -> None:
    (receipt_id,) = receipts_of_tomasz(1)
    priya = signed_in(riverbend.clients["priya@clients.example"].account_id)
    assert priya.get("/api/v1/receipts").json() == {"receipts": []}
    assert priya.get(f"/api/v1/receipts/{receipt_id}/pdf").status_code == 404
    assert Client().get("/api/v1/receipts").status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    riverbend: Stage,
    signed_in: Callable[..., Client],
    receipts_of_tomasz: Callable[[int], list[Any]],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    receipts_of_tomasz(count)
    browser = signed_in(riverbend.clients["tomasz@clients.example"].account_id)
    with django_assert_num_queries(13):
        assert len(browser.get("/api/v1/receipts").json()["receipts"]) == count
    with django_assert_num_queries(15):
        assert browser.get("/p/riverbend/my/receipts/").status_code == 200
