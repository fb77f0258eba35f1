"""Receipt facts as the plain texts that the template prints. Values only; no markup is ever built here."""

from datetime import date

from unknot.kernel.money import Money
from unknot.payments.domain import Document, Mark, ReceiptFacts, fingerprint

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TITLES = {
    Document.TREATMENT: "Receipt",
    Document.NO_SHOW_FEE: "Fee statement",
    Document.LATE_CANCELLATION_FEE: "Fee statement",
    Document.GIFT_CARD_SALE: "Sales receipt",
}
_NOTES = {
    Document.TREATMENT: "",
    Document.NO_SHOW_FEE: "This is not a receipt for treatment. Health plans do not pay for it.",
    Document.LATE_CANCELLATION_FEE: "This is not a receipt for treatment. Health plans do not pay for it.",
    Document.GIFT_CARD_SALE: "This is not a receipt for treatment. One is issued when the card is used.",
}


def long_day(day: date) -> str:
    """`20 November 2026`, whatever the host's language is set to."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def money_text(amount: Money) -> str:
    """`$1,105.00`; the currency is named once in the table's head. Other currencies keep their code."""
    sign = "−" if amount.minor < 0 else ""
    symbol = "$" if amount.currency in ("CAD", "USD") else f"{amount.currency} "
    return f"{sign}{symbol}{abs(amount.amount):,.2f}"


def rate_text(rate_ppm: int) -> str:
    """`5%`, `9.975%`."""
    whole, part = divmod(rate_ppm, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".") + "%"


def printed(facts: ReceiptFacts) -> dict[str, object]:
    """Everything the template prints, as texts, lists of texts, and nothing else."""
    zero = Money(0, facts.total.currency)
    lines = [{"label": facts.service, "amount": money_text(facts.unit_price)}]
    if facts.discount != zero:
        lines.append({"label": "Discount", "amount": money_text(-facts.discount)})
    if facts.discount != zero or facts.taxes:
        lines.append({"label": "Subtotal", "amount": money_text(facts.subtotal)})
    lines.extend(
        {"label": f"{tax.name} {rate_text(tax.rate_ppm)} (registration {tax.number})", "amount": money_text(tax.amount)}
        for tax in facts.taxes
    )
    therapist = facts.therapist
    return {
        "title": _TITLES[facts.document],
        "note": _NOTES[facts.document],
        "mark": "" if facts.mark is Mark.ORIGINAL else facts.mark.value,
        "number": facts.number,
        "amends": facts.amends,
        "issued_on": long_day(facts.issued_on),
        "service_on": long_day(facts.service_on),
        "client": facts.client_name,
        "referral": facts.referral,
        "practice": facts.practice.name,
        "address": list(facts.practice.address),
        "phone": facts.practice.phone,
        "therapist": None
        if therapist is None
        else {
            "name": therapist.name,
            "credential": therapist.credential,
            "issuer": therapist.issuer,
            "number": therapist.number,
            "signature": therapist.signature,
        },
        "minutes": f"{facts.minutes} minutes" if facts.minutes else "",
        "currency": facts.total.currency,
        "lines": lines,
        "total": money_text(facts.total),
        "payments": [
            {"label": f"Paid by {payment.method}, {long_day(payment.paid_on)}", "amount": money_text(payment.amount)}
            for payment in facts.payments
        ],
        "balance": money_text(facts.balance),
        "tip": money_text(facts.tip) if facts.tip != zero else "",
        "fingerprint": fingerprint(facts)[:16],
    }
