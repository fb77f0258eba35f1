"""Receipts: what may be issued, how it is numbered, and that issued facts never change."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money
from unknot.payments.domain import (
    Document,
    Mark,
    Payment,
    ReceiptFacts,
    ReceiptRefusedError,
    ReceiptTherapist,
    TaxLine,
    amended,
    canonical_json,
    check_receipt,
    duplicate,
    fingerprint,
    receipt_from_json,
    receipt_number,
    service_text,
    voided,
)

Make = Callable[..., ReceiptFacts]
TODAY = date(2026, 11, 20)
TOMORROW = date(2026, 11, 21)
THERAPIST = ReceiptTherapist("Ines Okafor", "RMT", "Example Association", "EA-1", "Ines Okafor")


def test_a_sound_receipt_is_issued(receipt: Make) -> None:
    check_receipt(receipt(), today=TODAY)
    check_receipt(voided(receipt()), today=TODAY)
    check_receipt(duplicate(receipt()), today=TODAY)


REFUSED: list[dict[str, Any]] = [
    {"issued_on": TOMORROW},
    {"service_on": TOMORROW, "issued_on": TOMORROW},
    {"service_on": TOMORROW},
    {"client_name": "maren@mail.example"},
    {"client_name": "  "},
    {"number": ""},
    {"service": "Deep tissue massage"},
    {"service": "Massage Therapy Treatment - 60 minutes"},
    {"service": "Massage Therapy Treatment - 0 minutes", "minutes": 0},
    {"therapist": None},
    {"therapist": replace(THERAPIST, number="")},
    {"therapist": replace(THERAPIST, signature=" ")},
    {"therapist": replace(THERAPIST, credential="RMT, R.Ac")},
    {"total": Money(12_525)},
    {"tip": Money(-1)},
    {"discount": Money(0)},
    {"tip": Money(0, "USD")},
    {"payments": (Payment("cash", Money(12_525), TODAY),)},
    {"payments": (Payment("cash", Money(100), TOMORROW),)},
    {"taxes": (TaxLine("GST", 50_000, Money(525), ""),)},
    {"mark": Mark.AMENDED},
    {"amends": "WREN-2026-000001"},
]


@pytest.mark.parametrize("changes", REFUSED, ids="-".join)
def test_one_thing_wrong_is_one_reason(receipt: Make, changes: dict[str, Any]) -> None:
    with pytest.raises(ReceiptRefusedError) as refused:
        check_receipt(receipt(**changes), today=TODAY)
    assert len(refused.value.extra["reasons"]) == 1
    assert refused.value.message.startswith("Nothing was issued.")


def test_every_reason_is_told_at_once(receipt: Make) -> None:
    with pytest.raises(ReceiptRefusedError) as refused:
        check_receipt(receipt(client_name="", minutes=0, total=Money(1)), today=TODAY)
    assert len(refused.value.extra["reasons"]) == 4


@pytest.mark.parametrize("kind", [Document.NO_SHOW_FEE, Document.LATE_CANCELLATION_FEE, Document.GIFT_CARD_SALE])
def test_a_fee_is_another_document(receipt: Make, kind: Document) -> None:
    fee = receipt(
        document=kind,
        service=service_text(kind),
        therapist=None,
        minutes=0,
        discount=Money(0),
        taxes=(),
        unit_price=Money(5_000),
        total=Money(5_000),
        tip=Money(0),
        payments=(),
    )
    check_receipt(fee, today=TODAY)
    assert "assage" not in fee.service
    for changes in (
        {"therapist": THERAPIST},
        {"minutes": 60},
        {"service": "Massage Therapy Treatment - 60 minutes"},
    ):
        with pytest.raises(ReceiptRefusedError):
            check_receipt(replace(fee, **changes), today=TODAY)


@given(st.integers(2000, 9999), st.integers(1, 10**7), st.integers(1, 10**7))
def test_numbers_are_unique_and_in_order(year: int, first: int, second: int) -> None:
    one, other = receipt_number("WREN", year, first), receipt_number("WREN", year, second)
    assert (one == other) == (first == second)
    if max(first, second) < 10**6:
        assert (one < other) == (first < second)


@pytest.mark.parametrize(
    ("prefix", "year", "count"), [("w", 2026, 1), ("", 2026, 1), ("WREN", 26, 1), ("WREN", 2026, 0)]
)
def test_numbers_need_their_form(prefix: str, year: int, count: int) -> None:
    with pytest.raises(InvalidError):
        receipt_number(prefix, year, count)


def test_a_number_reads_like_this() -> None:
    assert receipt_number("WREN", 2026, 42) == "WREN-2026-000042"


def test_marks_stamp_the_copy_and_leave_the_facts(receipt: Make) -> None:
    original = receipt()
    assert [voided(original).mark, duplicate(original).mark] == [Mark.VOID, Mark.DUPLICATE]
    assert duplicate(voided(original)).mark is Mark.VOID
    assert {fingerprint(original), fingerprint(voided(original)), fingerprint(duplicate(original))} == {
        fingerprint(original)
    }


def test_a_correction_is_a_new_receipt_that_names_the_old(receipt: Make) -> None:
    original = receipt()
    new = amended(original, number="WREN-2026-000043", issued_on=TODAY, client_name="Maren Ødegård")
    check_receipt(new, today=TODAY)
    assert (new.mark, new.amends, new.client_name) == (Mark.AMENDED, original.number, "Maren Ødegård")
    assert fingerprint(new) != fingerprint(original)
    assert fingerprint(duplicate(new)) == fingerprint(new)


texts = st.text(max_size=20)
money = st.integers(0, 10**7).map(Money)


@given(client=texts, service=texts, price=money, tip=money, paid=money, mark=st.sampled_from(Mark), method=texts)
def test_stored_facts_come_back(
    receipt: Make, client: str, service: str, price: Money, tip: Money, paid: Money, mark: Mark, method: str
) -> None:
    facts = receipt(
        client_name=client,
        service=service,
        unit_price=price,
        tip=tip,
        mark=mark,
        payments=(Payment(method, paid, TODAY),),
    )
    stored = canonical_json(facts)
    assert canonical_json(receipt_from_json(stored)) == stored
    assert canonical_json(receipt_from_json(json.loads(stored))) == stored
    assert fingerprint(receipt_from_json(stored)) == fingerprint(facts)
    assert list(json.loads(stored)) == sorted(json.loads(stored))


@given(st.sampled_from(["client_name", "number", "referral", "service"]), st.text(alphabet="abc", min_size=1))
def test_any_changed_fact_shows_in_the_fingerprint(receipt: Make, field: str, value: str) -> None:
    assert fingerprint(receipt(**{field: value})) != fingerprint(receipt())


def test_balance_and_paid(receipt: Make) -> None:
    assert (receipt().subtotal, receipt().paid, receipt().balance) == (Money(10_500), Money(8_000), Money(3_025))
