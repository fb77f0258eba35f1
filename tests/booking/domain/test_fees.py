from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.fees import CancellationTerms, CancellationTermsError, Tier, cancellation_fee
from unknot.kernel.money import Money

START = datetime(2027, 11, 7, 15, 0, tzinfo=UTC)
TERMS = CancellationTerms((Tier(2, 100), Tier(24, 50)))


@st.composite
def terms(draw: st.DrawFn) -> CancellationTerms:
    hours = sorted(draw(st.sets(st.integers(1, 200), max_size=4)), reverse=True)
    percents = sorted(draw(st.lists(st.integers(0, 100), min_size=len(hours), max_size=len(hours))))
    return CancellationTerms(tuple(Tier(hour, percent) for hour, percent in zip(hours, percents, strict=True)))


prices = st.builds(Money, st.integers(0, 1_000_000), st.sampled_from(["CAD", "EUR"]))
minutes = st.integers(-24 * 60, 300 * 60)


@given(prices, minutes, terms())
def test_fee_and_refund_add_up_to_the_price(price: Money, notice: int, agreed: CancellationTerms) -> None:
    fee = cancellation_fee(price, START, START - timedelta(minutes=notice), agreed)
    assert fee.amount + fee.refund == price
    assert 0 <= fee.amount.minor <= price.minor


@given(prices, minutes, minutes, terms())
def test_more_notice_never_costs_more(price: Money, one: int, other: int, agreed: CancellationTerms) -> None:
    early, late = max(one, other), min(one, other)
    cheap = cancellation_fee(price, START, START - timedelta(minutes=early), agreed)
    dear = cancellation_fee(price, START, START - timedelta(minutes=late), agreed)
    assert cheap.amount.minor <= dear.amount.minor


@given(terms())
def test_terms_survive_storing(agreed: CancellationTerms) -> None:
    assert CancellationTerms.from_rows(agreed.as_rows()) == agreed


@pytest.mark.parametrize(
    ("notice", "percent", "text"),
    [
        (timedelta(days=3), 0, "24 hours or more before the start: 0 %"),
        (timedelta(hours=24), 0, "24 hours or more before the start: 0 %"),
        (timedelta(hours=24, seconds=-1), 50, "less than 24 hours before the start: 50 %"),
        (timedelta(hours=2), 50, "less than 24 hours before the start: 50 %"),
        (timedelta(hours=1), 100, "less than 2 hours before the start: 100 %"),
        (timedelta(hours=-1), 100, "less than 2 hours before the start: 100 %"),
    ],
)
def test_the_tier_that_applies(notice: timedelta, percent: int, text: str) -> None:
    fee = cancellation_fee(Money(9001), START, START - notice, TERMS)
    assert (fee.percent, fee.tier) == (percent, text)
    assert fee.amount == Money({0: 0, 50: 4501, 100: 9001}[percent])


def test_without_tiers_cancelling_is_free() -> None:
    fee = cancellation_fee(Money(9000), START, START, CancellationTerms())
    assert (fee.amount, fee.refund) == (Money(0), Money(9000))


@pytest.mark.parametrize("rows", [[[24, 50], [2, 25]], [[0, 50]], [[24, 101]], [[24, -1]], [[24, 50], [24, 60]]])
def test_terms_that_make_no_sense_are_refused(rows: list[list[int]]) -> None:
    with pytest.raises(CancellationTermsError):
        CancellationTerms.from_rows(rows)


def test_a_negative_price_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        cancellation_fee(Money(-1), START, START, TERMS)
