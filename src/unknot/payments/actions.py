"""Writes about money: received by hand, receipts issued, voided, issued anew."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.payments import domain, queries
from unknot.payments.domain import Document, Mark, ReceiptFacts, ReceiptPractice, ReceiptTherapist
from unknot.payments.models import Payment, Receipt
from unknot.payments.policies import can_take_money, can_void
from unknot.people import queries as people
from unknot.practice import queries as practices

MOST_MINOR = 10_000_000
"""No single payment above 100,000.00: a slipped digit is likelier than such a visit."""


class NotDoneYetError(ConflictError):
    """This visit is not completed yet, so there is nothing to pay yet. Complete it first; nothing was recorded."""

    code = "visit-not-completed"


class AlreadyPaidError(ConflictError):
    """This visit is paid already. Nothing was recorded a second time."""

    code = "already-paid"


class AlreadyReceiptedError(ConflictError):
    """There is a valid receipt for this payment. Void it first if it is wrong."""

    code = "already-receipted"


class PaymentInputError(InvalidError):
    """Choose how it was paid, and write the tip as an amount of money. Nothing was recorded."""

    code = "payment-input"


class NoCredentialError(InvalidError):
    """The therapist had no valid registration on file on the day of the visit, so no receipt can be issued."""

    code = "no-credential"


class AlreadyVoidError(ConflictError):
    """This receipt is void already."""

    code = "already-void"


@dataclass(frozen=True)
class PaidVisit:
    """What money and receipts need to know of a visit, given by the diary. `price` without tax."""

    id: UUID
    client_id: UUID
    account_id: UUID | None
    therapist_id: UUID
    place_id: UUID | None
    starts_at: datetime
    minutes: int
    price: Money
    completed: bool


def record_payment(*, by: Actor, visit: PaidVisit, method: str, tip_minor: int = 0, now: datetime) -> UUID:
    """Records that a completed visit was paid in full, tax included; the tip apart. Returns the payment's id.

    Raises NotFoundError for others than staff, NotDoneYetError, AlreadyPaidError, PaymentInputError.
    """
    if not can_take_money(by) or by.practice_id is None or by.account_id is None:
        raise NotFoundError
    if not visit.completed or visit.starts_at > now:
        raise NotDoneYetError
    if method not in queries.METHODS:
        raise PaymentInputError(field="method")
    if not 0 <= tip_minor <= MOST_MINOR:
        raise PaymentInputError(field="tip")
    lock_all("payment", [visit.id])
    if Payment.objects.filter(appointment_id=visit.id).exists():
        raise AlreadyPaidError
    zone = practices.practice(by.practice_id).timezone
    due = queries.price_of(visit.price, practice_id=by.practice_id, service_on=local(visit.starts_at, zone).date())
    row = Payment.objects.create(
        practice_id=by.practice_id,
        appointment_id=visit.id,
        client_id=visit.client_id,
        method=method,
        amount_minor=due.total.minor,
        tip_minor=tip_minor,
        currency=due.total.currency,
        received_at=now,
        received_by_id=by.account_id,
    )
    audit.record(
        by=by, verb="payment.recorded", subject="payment", subject_id=row.pk, client_id=visit.client_id, now=now,
        visit=visit.id, minor=due.total.minor, method=method,
    )  # fmt: skip
    return UUID(str(row.pk))


def issue_receipt(*, by: Actor, payment_id: UUID, visit: PaidVisit, referral: str = "", now: datetime) -> UUID:
    """Issues the numbered receipt of a payment; its facts are frozen. Returns the receipt's id.

    Numbers run without gaps per practice and year. Raises NotFoundError, NotDoneYetError, AlreadyReceiptedError,
    NoCredentialError, ReceiptRefusedError (which lists what is missing).
    """
    if not can_take_money(by) or by.practice_id is None:
        raise NotFoundError
    if not visit.completed or visit.starts_at > now:
        raise NotDoneYetError
    payment = Payment.objects.filter(pk=payment_id, appointment_id=visit.id, client_id=visit.client_id).first()
    if payment is None:
        raise NotFoundError
    lock_all("receipt", [by.practice_id])
    if Receipt.objects.filter(payment=payment, voided_at=None).exists():
        raise AlreadyReceiptedError
    facts = _facts(by.practice_id, payment, visit, referral.strip(), now)
    last_void = Receipt.objects.filter(payment=payment).order_by("-sequence").first()
    if last_void is not None:
        facts = replace(facts, amends=last_void.number, mark=Mark.AMENDED)
    return _store(by, payment, facts, visit.account_id, now)


def void_receipt(*, by: Actor, receipt_id: UUID, reason: str, now: datetime) -> None:
    """Marks a receipt void, with the reason; what it says stays. A corrected one may then be issued.

    Raises NotFoundError for others than front desk and owner, PaymentInputError without a reason, AlreadyVoidError.
    """
    row = Receipt.objects.select_for_update().filter(pk=receipt_id).first() if can_void(by) else None
    if row is None:
        raise NotFoundError
    words = " ".join(reason.split())
    if not 3 <= len(words) <= 200:
        raise PaymentInputError("Say in a few words why the receipt is void. Nothing was changed.", field="reason")
    if row.voided_at is not None:
        raise AlreadyVoidError
    row.voided_at, row.void_reason = now, words
    row.save(update_fields=["voided_at", "void_reason"])
    audit.record(by=by, verb="receipt.voided", subject="receipt", subject_id=row.pk, client_id=row.client_id, now=now)


def _store(by: Actor, payment: Payment, facts: ReceiptFacts, account_id: UUID | None, now: datetime) -> UUID:
    row = Receipt.objects.create(
        practice_id=by.practice_id,
        number=facts.number,
        year=facts.issued_on.year,
        sequence=int(facts.number.rpartition("-")[2]),
        payment=payment,
        client_id=payment.client_id,
        account_id=account_id,
        facts=json.loads(domain.canonical_json(facts)),
        facts_hash=domain.fingerprint(facts),
        issued_at=now,
    )
    audit.record(
        by=by, verb="receipt.issued", subject="receipt", subject_id=row.pk, client_id=row.client_id, now=now,
        number=facts.number,
    )  # fmt: skip
    return UUID(str(row.pk))


def _facts(practice_id: UUID, payment: Payment, visit: PaidVisit, referral: str, now: datetime) -> ReceiptFacts:
    practice = practices.practice(practice_id)
    today = local(now, practice.timezone).date()
    service_on = local(visit.starts_at, practice.timezone).date()
    price = queries.price_of(visit.price, practice_id=practice_id, service_on=service_on)
    facts = ReceiptFacts(
        number=_next_number(practice.slug, today.year),
        document=Document.TREATMENT,
        issued_on=today,
        service_on=service_on,
        client_name=people.clients_named([visit.client_id])[visit.client_id].name,
        practice=ReceiptPractice(practice.name, _address(visit.place_id), practice.phone),
        service=domain.service_text(Document.TREATMENT, visit.minutes),
        unit_price=price.unit,
        discount=price.discount,
        taxes=price.taxes,
        total=price.total,
        tip=Money(payment.tip_minor, payment.currency),
        payments=(
            domain.Payment(
                queries.METHODS[payment.method],
                Money(payment.amount_minor, payment.currency),
                local(payment.received_at, practice.timezone).date(),
            ),
        ),
        therapist=_therapist(visit.therapist_id, service_on),
        minutes=visit.minutes,
        referral=referral,
    )
    domain.check_receipt(facts, today=today)
    return facts


def _next_number(slug: str, year: int) -> str:
    """The next number of the year. The caller holds the practice's receipt lock."""
    last = Receipt.objects.filter(year=year).order_by("-sequence").values_list("sequence", flat=True).first()
    prefix = re.sub(r"[^A-Z0-9]", "", slug.upper())[:8]
    return domain.receipt_number(prefix if len(prefix) > 1 else "RC", year, (last or 0) + 1)


def _address(place_id: UUID | None) -> tuple[str, ...]:
    """The place of the visit; for a visit at somebody's home the practice's first clinic. Never a therapist's base."""
    known = {place.id: place for place in practices.places()}
    place = known.get(place_id) if place_id else next(iter(known.values()), None)
    if place is None:
        return ()
    return tuple(line for line in (place.street, f"{place.city} {place.region} {place.postal_code}".strip()) if line)


def _therapist(therapist_id: UUID, on: date) -> ReceiptTherapist:
    """Name, one designation and the registration that was valid that day; the law's registers before associations."""
    facts = practices.therapist(therapist_id)
    valid = [
        one
        for one in facts.credentials
        if one.verified and one.kind != "course" and (one.expires_on is None or one.expires_on >= on)
    ]
    best = min(valid, key=lambda one: one.kind != "statutory", default=None)
    if best is None:
        raise NoCredentialError
    signature = f"{facts.name}, {on.isoformat()}"
    return ReceiptTherapist(facts.name, facts.title, best.issuer, best.number, signature)


def follow_record(*, by: Actor, client_id: UUID, account_id: UUID, now: datetime) -> None:
    """A client's receipts are from now on that account's to read; what they say stays. For the system, else
    NotFoundError."""
    del now
    if not by.has(SYSTEM):
        raise NotFoundError
    Receipt.objects.filter(client_id=client_id).update(account_id=account_id)
