"""Receipts that an extended-health insurer accepts, and documents that must not look like one.

Rules: CMTO's and CMMOTA's receipt standards [V], and the union of their fields [P] (clinical reference, section 8.2).
A receipt never changes after issue. A correction voids it and issues another that names the first.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money
from unknot.payments.domain.tax import TaxLine


class Document(StrEnum):
    """Kinds of document. Only TREATMENT may speak of massage therapy or carry a therapist's number."""

    TREATMENT = "treatment"
    NO_SHOW_FEE = "no_show_fee"
    LATE_CANCELLATION_FEE = "late_cancellation_fee"
    GIFT_CARD_SALE = "gift_card_sale"


class Mark(StrEnum):
    """What is stamped on a copy. VOID and DUPLICATE come after issue; AMENDED is part of a reissued receipt."""

    ORIGINAL = "original"
    VOID = "VOID"
    DUPLICATE = "DUPLICATE"
    AMENDED = "AMENDED"


class ReceiptRefusedError(InvalidError):
    """This receipt can't be issued. Nothing was issued; correct what is listed and try again."""

    code = "receipt-refused"


@dataclass(frozen=True, slots=True)
class ReceiptTherapist:
    """Who gave the treatment. One designation only; `signature` is the line as signed, with its date."""

    name: str
    credential: str
    issuer: str
    number: str
    signature: str


@dataclass(frozen=True, slots=True)
class ReceiptPractice:
    """The business: name, postal address by line, phone, and tax numbers by the tax's name."""

    name: str
    address: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received towards the total (never the tip): method as printed ("Visa", "Gift card"), amount, day."""

    method: str
    amount: Money
    paid_on: date


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Everything that stands on one document. Days are local to the practice; amounts in one currency.

    `amends` is the number of the receipt this one replaces. `referral` is the referring person's name, only where
    the plan wants it. `therapist` and `minutes` belong to treatments alone.
    """

    number: str
    document: Document
    issued_on: date
    service_on: date
    client_name: str
    practice: ReceiptPractice
    service: str
    unit_price: Money
    discount: Money
    taxes: tuple[TaxLine, ...]
    total: Money
    tip: Money
    payments: tuple[Payment, ...]
    therapist: ReceiptTherapist | None = None
    minutes: int = 0
    referral: str = ""
    amends: str = ""
    mark: Mark = Mark.ORIGINAL

    @property
    def subtotal(self) -> Money:
        return self.unit_price - self.discount

    @property
    def paid(self) -> Money:
        return sum((payment.amount for payment in self.payments), Money(0, self.total.currency))

    @property
    def balance(self) -> Money:
        return self.total - self.paid


_FEE_TEXTS = {
    Document.NO_SHOW_FEE: "Fee for a missed appointment",
    Document.LATE_CANCELLATION_FEE: "Fee for a late cancellation",
    Document.GIFT_CARD_SALE: "Gift card",
}


def service_text(document: Document, minutes: int = 0) -> str:
    """The service line as regulators word it, "Massage Therapy Treatment - 60 minutes", or the fee's plain name."""
    if document is Document.TREATMENT:
        return f"Massage Therapy Treatment - {minutes} minutes"
    return _FEE_TEXTS[document]


def receipt_number(prefix: str, year: int, sequence: int) -> str:
    """`WREN-2026-000042`: practice prefix (2 to 8 capitals or digits), year, running number from 1.

    Raises InvalidError for a prefix, year or sequence outside of that.
    """
    if not re.fullmatch("[A-Z0-9]{2,8}", prefix) or not 2000 <= year <= 9999 or sequence < 1:
        raise InvalidError("A receipt number needs a prefix of 2 to 8 capitals or digits, a year and a count from 1.")
    return f"{prefix}-{year}-{sequence:06d}"


def check_receipt(facts: ReceiptFacts, *, today: date) -> None:
    """Refuse a document that must not be issued. Raises ReceiptRefusedError with every reason in `extra`.

    `today` is the practice's local day.
    """
    reasons = [*_name_reasons(facts), *_date_reasons(facts, today), *_money_reasons(facts), *_kind_reasons(facts)]
    if (facts.mark is Mark.AMENDED) != bool(facts.amends) and facts.mark in (Mark.AMENDED, Mark.ORIGINAL):
        reasons.append("An amended receipt names the one it replaces, and only such a receipt is marked AMENDED.")
    if reasons:
        raise ReceiptRefusedError("Nothing was issued. " + " ".join(reasons), extra={"reasons": reasons})


def _name_reasons(facts: ReceiptFacts) -> list[str]:
    reasons = []
    # One word can be a whole legal name, so only its absence is refused.
    if sum(char.isalpha() for char in facts.client_name) < 2 or "@" in facts.client_name:
        reasons.append("The client's legal name is needed in full.")
    needed = {
        "the receipt number": facts.number,
        "the practice's name": facts.practice.name,
        "the practice's address": "".join(facts.practice.address),
        "the practice's phone": facts.practice.phone,
    }
    reasons.extend(f"{what.capitalize()} is missing." for what, value in needed.items() if not value.strip())
    reasons.extend(f"{line.name} needs the business's registration number." for line in facts.taxes if not line.number)
    return reasons


def _date_reasons(facts: ReceiptFacts, today: date) -> list[str]:
    reasons = []
    if facts.issued_on > today:
        reasons.append("A receipt can't carry a date in the future.")
    if facts.service_on > facts.issued_on:
        reasons.append("A treatment gets its receipt when it has been given, not before; issue a deposit note instead.")
    if any(payment.paid_on > facts.issued_on for payment in facts.payments):
        reasons.append("A payment is dated after the receipt.")
    return reasons


def _money_reasons(facts: ReceiptFacts) -> list[str]:
    amounts = [facts.unit_price, facts.discount, facts.total, facts.tip]
    amounts += [line.amount for line in facts.taxes] + [payment.amount for payment in facts.payments]
    if len({amount.currency for amount in amounts}) > 1:
        return ["All amounts have to be in one currency."]
    reasons = []
    if any(amount.minor < 0 for amount in amounts) or facts.discount > facts.unit_price:
        reasons.append("An amount is negative, or the discount is above the price.")
    if sum((line.amount for line in facts.taxes), facts.subtotal) != facts.total:
        reasons.append("Price, discount and tax don't add up to the total; a tip is never part of it.")
    if facts.paid > facts.total:
        reasons.append("More was paid than the total; a tip is listed apart from payments.")
    return reasons


def _kind_reasons(facts: ReceiptFacts) -> list[str]:
    if facts.document is not Document.TREATMENT:
        reasons = []
        if facts.therapist is not None or facts.minutes:
            reasons.append("Only a treatment's receipt carries a therapist, a number or minutes.")
        if "massage" in facts.service.casefold() or facts.service != service_text(facts.document):
            reasons.append(f"This document reads “{service_text(facts.document)}”; it is not a treatment.")
        return reasons
    reasons = []
    if facts.minutes <= 0 or facts.service != service_text(Document.TREATMENT, facts.minutes):
        reasons.append("A treatment reads “Massage Therapy Treatment - 60 minutes” with its own length.")
    therapist = facts.therapist
    if therapist is None:
        return [*reasons, "A treatment's receipt names the therapist who gave it."]
    if not all(value.strip() for value in asdict(therapist).values()):
        reasons.append("The therapist's name, credential, issuing body, number and signature are all needed.")
    if re.search(r"[,/&+;]| and ", therapist.credential):
        reasons.append("A receipt carries one designation only.")
    return reasons


def voided(facts: ReceiptFacts) -> ReceiptFacts:
    """The same receipt stamped VOID. Its facts and fingerprint stay."""
    return replace(facts, mark=Mark.VOID)


def duplicate(facts: ReceiptFacts) -> ReceiptFacts:
    """The same receipt stamped DUPLICATE. A void one stays void."""
    return facts if facts.mark is Mark.VOID else replace(facts, mark=Mark.DUPLICATE)


def amended(facts: ReceiptFacts, *, number: str, issued_on: date, **changes: Any) -> ReceiptFacts:
    """A new receipt that replaces `facts` (which is to be voided), with the fields in `changes` corrected."""
    return replace(
        facts, **{**changes, "number": number, "issued_on": issued_on, "amends": facts.number, "mark": Mark.AMENDED}
    )


def canonical_json(facts: ReceiptFacts) -> str:
    """The facts as one line of JSON: keys sorted, days as ISO 8601, text in Unicode NFC. This is what is stored."""
    return json.dumps(_plain(asdict(facts)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(facts: ReceiptFacts) -> str:
    """SHA-256 (hex) of the canonical JSON as issued, so that a voided or duplicate copy proves the same facts."""
    issued_as = Mark.AMENDED if facts.amends else Mark.ORIGINAL
    return hashlib.sha256(canonical_json(replace(facts, mark=issued_as)).encode()).hexdigest()


def receipt_from_json(stored: str | Mapping[str, Any]) -> ReceiptFacts:
    """The facts that `canonical_json` wrote, as text or already read (a JSON column gives a mapping back).

    Raises KeyError, TypeError or ValueError for anything else.
    """
    row = json.loads(stored) if isinstance(stored, str) else stored
    therapist = row["therapist"]
    return ReceiptFacts(
        **{
            **row,
            "document": Document(row["document"]),
            "mark": Mark(row["mark"]),
            "issued_on": date.fromisoformat(row["issued_on"]),
            "service_on": date.fromisoformat(row["service_on"]),
            "practice": ReceiptPractice(**{**row["practice"], "address": tuple(row["practice"]["address"])}),
            "therapist": None if therapist is None else ReceiptTherapist(**therapist),
            "taxes": tuple(TaxLine(**{**line, "amount": Money(**line["amount"])}) for line in row["taxes"]),
            "payments": tuple(_payment(line) for line in row["payments"]),
            **{key: Money(**row[key]) for key in ("unit_price", "discount", "total", "tip")},
        }
    )


def _payment(row: Mapping[str, Any]) -> Payment:
    return Payment(row["method"], Money(**row["amount"]), date.fromisoformat(row["paid_on"]))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return unicodedata.normalize("NFC", str(value)) if isinstance(value, str) else value
