"""Sales tax by place of supply and date, and a price taken apart.

Tax is off until the business enters a registration number: a small supplier need not charge it, and charging it
without a number is worse than not charging it. Rates are data (`data/tax-2026.1.toml`), each with its mark.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money, share

GST_HST, QST = "gst_hst", "qst"
_DATA = "tax-2026.1.toml"
_NUMBER = {
    GST_HST: re.compile(r"^\d{9} ?RT ?\d{4}$"),
    QST: re.compile(r"^\d{10} ?TQ ?\d{4}$"),
}


class TaxUnknownError(InvalidError):
    """There is no tax rate on file for this place and date. Nothing was charged; ask the host to add the rate."""

    code = "tax-unknown"


class PriceInvalidError(InvalidError):
    """The price, discount or tip doesn't add up. Nothing was charged."""

    code = "price-invalid"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One rate: `since` inclusive, `until` exclusive (None: still in force), `register` whose number it needs."""

    jurisdiction: str
    name: str
    register: str
    rate_ppm: int
    since: date
    until: date | None
    mark: str


@dataclass(frozen=True, slots=True)
class Registrant:
    """The business's own tax numbers; an empty number means not registered, so that tax is off.

    `gst_hst_number` as 123456789 RT0001, `qst_number` as 1234567890 TQ0001; `registered_on` is the first day on
    which tax may be charged (None: always).
    """

    gst_hst_number: str = ""
    qst_number: str = ""
    registered_on: date | None = None

    def number_for(self, register: str, on: date) -> str:
        """The number that allows charging this tax on that day, or an empty text."""
        if self.registered_on is not None and on < self.registered_on:
            return ""
        return {GST_HST: self.gst_hst_number, QST: self.qst_number}[register].strip()


UNREGISTERED = Registrant()


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax on a price: its name, rate in parts per million, amount, and the number it is charged under."""

    name: str
    rate_ppm: int
    amount: Money
    number: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A price taken apart. `unit - discount = subtotal`, `subtotal + taxes = total`, `total + tip = to_pay`.

    The tip is never part of the treatment's total and never taxed. `rates_version` names the table used.
    """

    unit: Money
    discount: Money
    subtotal: Money
    taxes: tuple[TaxLine, ...]
    total: Money
    tip: Money
    rates_version: str

    @property
    def to_pay(self) -> Money:
        return self.total + self.tip


def _load() -> tuple[str, tuple[TaxRate, ...]]:
    text = files("unknot.payments.domain").joinpath("data", _DATA).read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rates = tuple(
        TaxRate(place, row["name"], row["register"], row["rate_ppm"], row["since"], row.get("until"), row["mark"])
        for row in table["rate"]
        for place in row["jurisdictions"]
    )
    return str(table["version"]), rates


TAX_RATES_VERSION, TAX_RATES = _load()


def rates_on(jurisdiction: str, on: date) -> tuple[TaxRate, ...]:
    """The rates in force at a place of supply (ISO 3166-2, "CA-AB") on a day, GST or HST first.

    Raises TaxUnknownError where none is on file: an unknown place is not a place without tax.
    """
    found = tuple(
        rate
        for rate in TAX_RATES
        if rate.jurisdiction == jurisdiction and rate.since <= on and (rate.until is None or on < rate.until)
    )
    if not found:
        raise TaxUnknownError(extra={"jurisdiction": jurisdiction, "on": on.isoformat()})
    return found


def is_tax_number(register: str, number: str) -> bool:
    """Whether a registration number has the form of its register (form only; it may still not exist)."""
    return bool(_NUMBER[register].match(number.strip()))


def price_breakdown(
    *,
    unit: Money,
    jurisdiction: str,
    on: date,
    registrant: Registrant = UNREGISTERED,
    discount: Money | None = None,
    tip: Money | None = None,
) -> Breakdown:
    """Take the price of one treatment apart; all amounts in minor units of `unit`'s currency.

    `on` is the day of supply (the visit), which decides the rate. Each tax is rounded half up on its own, on the
    discounted price. Raises PriceInvalidError for a negative amount, a discount above the price or mixed
    currencies, and TaxUnknownError when a registered business supplies where no rate is on file.
    """
    nothing = Money(0, unit.currency)
    discount, tip = discount or nothing, tip or nothing
    if {discount.currency, tip.currency} != {unit.currency}:
        raise PriceInvalidError("Price, discount and tip are in different currencies. Nothing was charged.")
    if min(unit.minor, discount.minor, tip.minor) < 0 or discount > unit:
        raise PriceInvalidError("A price, discount or tip is negative, or the discount is above the price.")
    subtotal = unit - discount
    rates = rates_on(jurisdiction, on) if registrant.gst_hst_number.strip() or registrant.qst_number.strip() else ()
    taxes = [
        TaxLine(rate.name, rate.rate_ppm, share(subtotal, rate_ppm=rate.rate_ppm), number)
        for rate in rates
        if (number := registrant.number_for(rate.register, on))
    ]
    total = sum((line.amount for line in taxes), subtotal)
    return Breakdown(unit, discount, subtotal, tuple(taxes), total, tip, TAX_RATES_VERSION)
