"""Reads about payments and receipts."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.money import Money
from unknot.payments import domain
from unknot.payments.domain import Breakdown, ReceiptFacts, Registrant
from unknot.payments.models import Payment, Receipt
from unknot.payments.policies import can_see_receipt, can_take_money
from unknot.practice import queries as practices

METHODS = {
    "cash": "Cash",
    "e_transfer": "e-Transfer",
    "card_terminal": "Card (terminal)",
    "cheque": "Cheque",
    "other": "Other",
}
"""How money may be received by hand: stored value and the words on receipts."""


@dataclass(frozen=True)
class PaymentFacts:
    """Money received for a visit. `amount` with tax, without `tip`."""

    id: UUID
    appointment_id: UUID
    client_id: UUID
    method: str
    amount: Money
    tip: Money
    received_at: datetime


@dataclass(frozen=True)
class ReceiptRow:
    """One line of a list of receipts. `service_on` and `issued_on` are the practice's local days."""

    id: UUID
    number: str
    practice_id: UUID
    practice_name: str
    service: str
    service_on: date
    issued_on: date
    total: Money
    tip: Money
    voided: bool
    amends: str


def price_of(price: Money, *, practice_id: UUID, service_on: date, tip: Money | None = None) -> Breakdown:
    """A visit's price with the tax of that day at that practice: `unit`, `taxes`, `total`, `to_pay`.

    No tax while the practice has no registration number. Raises TaxUnknownError, PriceInvalidError.
    """
    facts = practices.practice(practice_id)
    return domain.price_breakdown(
        unit=price,
        jurisdiction=facts.jurisdiction,
        on=service_on,
        registrant=Registrant(gst_hst_number=facts.tax_number),
        tip=tip,
    )


def payment_of_visit(appointment_id: UUID, *, by: Actor) -> PaymentFacts | None:
    """The payment of a visit of the practice in scope, if it was paid. For staff; NotFoundError for others."""
    if not can_take_money(by):
        raise NotFoundError
    row = Payment.objects.filter(appointment_id=appointment_id).first()
    return payment_facts(row) if row else None


def paid_visits(appointment_ids: list[UUID], *, by: Actor) -> set[UUID]:
    """Which of these visits of the practice in scope are paid. For staff; NotFoundError for others. One query."""
    if not can_take_money(by):
        raise NotFoundError
    found = Payment.objects.filter(appointment_id__in=appointment_ids)
    return set(found.values_list("appointment_id", flat=True))


def receipts_of_visit(appointment_id: UUID, *, by: Actor) -> list[ReceiptRow]:
    """All receipts of a visit, void ones too, oldest first: for the practice's staff and the client themselves."""
    rows = Receipt.objects.filter(payment__appointment_id=appointment_id).order_by("sequence")
    return [_row(one) for one in rows if can_see_receipt(by, client_id=one.client_id, account_id=one.account_id)]


def receipts_of_client(client_id: UUID, *, by: Actor) -> list[ReceiptRow]:
    """A client's receipts in the practice in scope, newest first. Raises NotFoundError for strangers. One query."""
    if not can_see_receipt(by, client_id=client_id, account_id=None):
        raise NotFoundError
    return [_row(one) for one in Receipt.objects.filter(client_id=client_id).order_by("-issued_at", "-sequence")]


def receipts_of_account(account_id: UUID, *, limit: int = 500) -> list[tuple[str, ReceiptRow]]:
    """(practice slug, receipt) of an account over all practices, newest first. Two queries.

    Opens a scope of that account's own: the caller has to have made sure that it is theirs.
    """
    with tenancy.scope(account_id=account_id):
        rows = Receipt.across_practices.filter(account_id=account_id).select_related("practice")
        return [(one.practice.slug, _row(one)) for one in rows.order_by("-issued_at", "-sequence")[:limit]]


def receipt(receipt_id: UUID, *, by: Actor) -> ReceiptFacts:
    """What a receipt says, stamped VOID if it is. Raises NotFoundError for made-up and foreign ids alike.

    Without a practice in scope: one of the account's own, wherever it was issued.
    """
    manager = Receipt.objects if by.practice_id is not None else Receipt.across_practices
    row = manager.filter(pk=receipt_id).first()
    if row is None or not can_see_receipt(by, client_id=row.client_id, account_id=row.account_id):
        raise NotFoundError
    facts = domain.receipt_from_json(row.facts)
    return domain.voided(facts) if row.voided_at else facts


def payment_facts(row: Payment) -> PaymentFacts:
    """The facts of a stored payment."""
    return PaymentFacts(
        id=row.pk,
        appointment_id=row.appointment_id,
        client_id=row.client_id,
        method=METHODS[row.method],
        amount=Money(row.amount_minor, row.currency),
        tip=Money(row.tip_minor, row.currency),
        received_at=row.received_at,
    )


def _row(row: Receipt) -> ReceiptRow:
    facts = domain.receipt_from_json(row.facts)
    return ReceiptRow(
        id=row.pk,
        number=row.number,
        practice_id=row.practice_id,
        practice_name=facts.practice.name,
        service=facts.service,
        service_on=facts.service_on,
        issued_on=facts.issued_on,
        total=facts.total,
        tip=facts.tip,
        voided=row.voided_at is not None,
        amends=facts.amends,
    )
