"""Money received by hand, and its receipts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money
from unknot.payments import actions, domain, queries
from unknot.payments.models import Receipt
from unknot.practice.models import Credential


@pytest.fixture
def owner(riverbend: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(riverbend, "owner")


@pytest.fixture
def scope(riverbend: Stage) -> Any:
    with tenancy.scope(practice_id=riverbend.practice.id) as opened:
        yield opened


def a_visit(stage: Stage, now: datetime, **changes: Any) -> actions.PaidVisit:
    """A completed hour with Maren, yesterday."""
    client = stage.clients["tomasz@clients.example"]
    visit = actions.PaidVisit(
        id=new_id(),
        client_id=client.pk,
        account_id=client.account_id,
        therapist_id=stage.therapists["maren-oduya"].pk,
        place_id=stage.places["studio"].pk,
        starts_at=now - timedelta(days=1),
        minutes=60,
        price=Money(11000),
        completed=True,
    )
    return replace(visit, **changes)


def paid(stage: Stage, owner: Actor, now: datetime, **changes: Any) -> tuple[actions.PaidVisit, Any]:
    visit = a_visit(stage, now, **changes)
    payment_id = actions.record_payment(by=owner, visit=visit, method="cash", tip_minor=1500, now=now)
    return visit, actions.issue_receipt(by=owner, payment_id=payment_id, visit=visit, now=now)


@pytest.mark.usefixtures("scope")
def test_a_receipt_says_all_that_insurers_ask(riverbend: Stage, owner: Actor, now: datetime) -> None:
    _, receipt_id = paid(riverbend, owner, now)
    facts = queries.receipt(receipt_id, by=owner)
    assert (facts.number, facts.service) == ("RIVERBEN-2026-000001", "Massage Therapy Treatment - 60 minutes")
    assert (facts.client_name, facts.minutes) == ("Tomasz Wieland", 60)
    assert (facts.service_on.isoformat(), facts.issued_on.isoformat()) == ("2026-11-16", "2026-11-17")
    assert [(tax.name, tax.amount, tax.number) for tax in facts.taxes] == [("GST", Money(550), "80000 0001 RT0001")]
    assert (facts.total, facts.tip, facts.balance) == (Money(11550), Money(1500), Money(0))
    assert facts.practice.address == ("14 Cottonwood Lane", "Edmonton AB")
    assert facts.therapist is not None
    assert (facts.therapist.credential, facts.therapist.number) == ("RMT", "ABX-10421")
    row = Receipt.objects.get(pk=receipt_id)
    assert row.facts_hash == domain.fingerprint(facts)


@pytest.mark.usefixtures("scope")
def test_numbers_run_without_gaps(riverbend: Stage, owner: Actor, now: datetime) -> None:
    for _ in range(3):
        paid(riverbend, owner, now)
    assert list(Receipt.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3]


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    "changes", [{"completed": False}, {"starts_at": datetime.fromisoformat("2026-11-17T16:01:00+00:00")}]
)
def test_nothing_before_the_visit_is_done(riverbend: Stage, owner: Actor, now: datetime, changes: Any) -> None:
    visit = a_visit(riverbend, now, **changes)
    with pytest.raises(actions.NotDoneYetError):
        actions.record_payment(by=owner, visit=visit, method="cash", now=now)


@pytest.mark.usefixtures("scope")
def test_a_visit_is_paid_once(riverbend: Stage, owner: Actor, now: datetime) -> None:
    visit, receipt_id = paid(riverbend, owner, now)
    with pytest.raises(actions.AlreadyPaidError):
        actions.record_payment(by=owner, visit=visit, method="cash", now=now)
    payment = queries.payment_of_visit(visit.id, by=owner)
    assert payment is not None
    assert (payment.amount, payment.tip, payment.method) == (Money(11550), Money(1500), "Cash")
    with pytest.raises(actions.AlreadyReceiptedError):
        actions.issue_receipt(by=owner, payment_id=payment.id, visit=visit, now=now)
    assert [one.id for one in queries.receipts_of_visit(visit.id, by=owner)] == [receipt_id]


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(("method", "tip"), [("crypto", 0), ("cash", -1), ("cash", 10_000_001)])
def test_odd_input_is_refused(riverbend: Stage, owner: Actor, now: datetime, method: str, tip: int) -> None:
    with pytest.raises(actions.PaymentInputError):
        actions.record_payment(by=owner, visit=a_visit(riverbend, now), method=method, tip_minor=tip, now=now)


@pytest.mark.usefixtures("scope")
def test_a_correction_voids_and_names_the_first(riverbend: Stage, owner: Actor, now: datetime) -> None:
    visit, first = paid(riverbend, owner, now)
    before = Receipt.objects.get(pk=first).facts
    actions.void_receipt(by=owner, receipt_id=first, reason="name misspelt", now=now)
    with pytest.raises(ConflictError):
        actions.void_receipt(by=owner, receipt_id=first, reason="name misspelt", now=now)
    payment = queries.payment_of_visit(visit.id, by=owner)
    assert payment is not None
    second = actions.issue_receipt(by=owner, payment_id=payment.id, visit=visit, now=now)
    facts = queries.receipt(second, by=owner)
    assert (facts.number, facts.amends, facts.mark) == ("RIVERBEN-2026-000002", "RIVERBEN-2026-000001", "AMENDED")
    assert queries.receipt(first, by=owner).mark == "VOID"
    assert Receipt.objects.get(pk=first).facts == before


@pytest.mark.usefixtures("scope")
def test_without_a_registration_there_is_no_receipt(riverbend: Stage, owner: Actor, now: datetime) -> None:
    Credential.objects.update(expires_on=(now - timedelta(days=30)).date())
    with pytest.raises(actions.NoCredentialError):
        paid(riverbend, owner, now)


@pytest.mark.usefixtures("scope")
def test_clients_neither_pay_by_hand_nor_void(
    riverbend: Stage, owner: Actor, now: datetime, client_of: Callable[..., Actor]
) -> None:
    tomasz, priya = (client_of(riverbend, f"{name}@clients.example") for name in ("tomasz", "priya"))
    visit, receipt_id = paid(riverbend, owner, now)
    with pytest.raises(NotFoundError):
        actions.record_payment(by=tomasz, visit=visit, method="cash", now=now)
    with pytest.raises(NotFoundError):
        actions.void_receipt(by=tomasz, receipt_id=receipt_id, reason="I wish", now=now)
    assert queries.receipt(receipt_id, by=tomasz).number == "RIVERBEN-2026-000001"
    with pytest.raises(NotFoundError):
        queries.receipt(receipt_id, by=priya)


def test_no_tax_without_a_number(openhands: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=openhands.practice.id):
        price = queries.price_of(Money(11000), practice_id=openhands.practice.id, service_on=now.date())
    assert (price.taxes, price.total) == ((), Money(11000))
