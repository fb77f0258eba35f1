"""A receipt of a made-up visit, for the tests of receipts and of their PDF."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from unknot.kernel.money import Money
from unknot.payments.domain import (
    Document,
    Payment,
    ReceiptFacts,
    ReceiptPractice,
    ReceiptTherapist,
    Registrant,
    price_breakdown,
    receipt_number,
    service_text,
)


@pytest.fixture(scope="session")
def receipt() -> Callable[..., ReceiptFacts]:
    """Makes the receipt of 20 November 2026, with the given facts changed."""
    price = price_breakdown(
        unit=Money(11_500),
        discount=Money(1_000),
        tip=Money(1_500),
        jurisdiction="CA-AB",
        on=date(2026, 11, 20),
        registrant=Registrant("123456789 RT0001"),
    )
    issued = ReceiptFacts(
        number=receipt_number("WREN", 2026, 42),
        document=Document.TREATMENT,
        issued_on=date(2026, 11, 20),
        service_on=date(2026, 11, 19),
        client_name="Maren Tremblay-Ødegård",
        practice=ReceiptPractice(
            "Wren & Willow Therapeutics", ("210, 10116 Example Street NW", "Edmonton, Alberta T5J 0A0"), "780-555-0134"
        ),
        service=service_text(Document.TREATMENT, 75),
        unit_price=price.unit,
        discount=price.discount,
        taxes=price.taxes,
        total=price.total,
        tip=price.tip,
        payments=(Payment("Visa ending 4242", Money(8_000), date(2026, 11, 18)),),
        therapist=ReceiptTherapist(
            "Ines Okafor",
            "RMT",
            "Example Association of Massage Therapists",
            "EA-20771",
            "Ines Okafor, 20 November 2026",
        ),
        minutes=75,
        referral="Dr. Tomas Lindqvist",
    )

    def make(**changes: Any) -> ReceiptFacts:
        return replace(issued, **changes)

    return make
