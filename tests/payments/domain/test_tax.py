"""Prices taken apart: the parts always add up, and no tax is charged without a number."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.money import Money
from unknot.payments.domain import (
    GST_HST,
    QST,
    TAX_RATES,
    PriceInvalidError,
    Registrant,
    TaxUnknownError,
    is_tax_number,
    price_breakdown,
    rates_on,
)

REGISTERED = Registrant("123456789 RT0001", "1234567890 TQ0001")
PLACES = sorted({rate.jurisdiction for rate in TAX_RATES})
DAY = date(2026, 11, 20)


@given(
    unit=st.integers(0, 100_000),
    discount=st.integers(0, 100_000),
    tip=st.integers(0, 20_000),
    place=st.sampled_from(PLACES),
    day=st.dates(date(2017, 1, 1), date(2030, 1, 1)),
)
def test_parts_sum_to_the_cent(unit: int, discount: int, tip: int, place: str, day: date) -> None:
    discount = min(unit, discount)
    parts = price_breakdown(
        unit=Money(unit), discount=Money(discount), tip=Money(tip), jurisdiction=place, on=day, registrant=REGISTERED
    )
    taxes = sum(line.amount.minor for line in parts.taxes)
    assert unit - discount + taxes == parts.total.minor
    assert parts.total.minor + tip == parts.to_pay.minor
    exact = sum(parts.subtotal.minor * line.rate_ppm / 1_000_000 for line in parts.taxes)
    assert abs(taxes - exact) <= 0.5 * len(parts.taxes) + 1e-6


@given(st.sampled_from([*PLACES, "US-CA", "DE"]), st.dates())
def test_without_a_number_there_is_no_tax_anywhere(place: str, day: date) -> None:
    parts = price_breakdown(unit=Money(10_000), jurisdiction=place, on=day)
    assert parts.taxes == ()
    assert parts.total == Money(10_000)


@pytest.mark.parametrize(
    ("place", "day", "rates"),
    [
        ("CA-AB", DAY, [("GST", 50_000, 500)]),
        ("CA-BC", DAY, [("GST", 50_000, 500)]),
        ("CA-ON", DAY, [("HST", 130_000, 1_300)]),
        ("CA-QC", DAY, [("GST", 50_000, 500), ("QST", 99_750, 998)]),
        ("CA-NS", date(2025, 3, 31), [("HST", 150_000, 1_500)]),
        ("CA-NS", date(2025, 4, 1), [("HST", 140_000, 1_400)]),
        ("CA-PE", DAY, [("HST", 150_000, 1_500)]),
    ],
)
def test_rates_by_place_and_day(place: str, day: date, rates: list[tuple[str, int, int]]) -> None:
    parts = price_breakdown(unit=Money(10_000), jurisdiction=place, on=day, registrant=REGISTERED)
    assert [(line.name, line.rate_ppm, line.amount.minor) for line in parts.taxes] == rates


def test_each_tax_needs_its_own_number_and_day() -> None:
    only_gst = Registrant("123456789 RT0001", registered_on=DAY)
    on = price_breakdown(unit=Money(10_000), jurisdiction="CA-QC", on=DAY, registrant=only_gst)
    before = price_breakdown(unit=Money(10_000), jurisdiction="CA-QC", on=DAY - timedelta(days=1), registrant=only_gst)
    assert [(line.name, line.number) for line in on.taxes] == [("GST", "123456789 RT0001")]
    assert before.taxes == ()


def test_tax_is_on_the_discounted_price_and_never_on_the_tip() -> None:
    parts = price_breakdown(
        unit=Money(11_500), discount=Money(1_500), tip=Money(2_000), jurisdiction="CA-AB", on=DAY, registrant=REGISTERED
    )
    assert (parts.taxes[0].amount, parts.total, parts.to_pay) == (Money(500), Money(10_500), Money(12_500))


@pytest.mark.parametrize("place", ["US-CA", "CA-XX", ""])
def test_an_unknown_place_is_not_a_place_without_tax(place: str) -> None:
    with pytest.raises(TaxUnknownError):
        price_breakdown(unit=Money(10_000), jurisdiction=place, on=DAY, registrant=REGISTERED)


@pytest.mark.parametrize(
    ("unit", "discount", "tip"),
    [
        (Money(-1), Money(0), Money(0)),
        (Money(100), Money(101), Money(0)),
        (Money(100), Money(-1), Money(0)),
        (Money(100), Money(0), Money(-1)),
        (Money(100), Money(0, "EUR"), Money(0)),
    ],
)
def test_amounts_that_cannot_be_meant_are_refused(unit: Money, discount: Money, tip: Money) -> None:
    with pytest.raises(PriceInvalidError):
        price_breakdown(unit=unit, discount=discount, tip=tip, jurisdiction="CA-AB", on=DAY)


def test_one_rate_of_a_name_holds_at_a_time() -> None:
    for place in PLACES:
        for day in (date(2017, 1, 1) + timedelta(days=30 * step) for step in range(150)):
            names = [rate.name for rate in rates_on(place, day)]
            assert len(names) == len(set(names))


def test_every_rate_has_its_mark() -> None:
    assert {rate.mark for rate in TAX_RATES} <= {"V", "V-", "K", "P"}


def test_numbers_by_form() -> None:
    assert is_tax_number(GST_HST, "123456789 RT0001")
    assert is_tax_number(QST, "1234567890TQ0001")
    assert not is_tax_number(GST_HST, "12345678 RT0001")
    assert not is_tax_number(QST, "123456789 RT0001")
