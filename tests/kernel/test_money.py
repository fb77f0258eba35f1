"""Money is whole minor units of one currency, and shares are rounded half up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.money import Money, share

MINOR = st.integers(-(10**9), 10**9)


@given(one=MINOR, two=MINOR)
def test_sums_are_exact_and_can_be_undone(one: int, two: int) -> None:
    assert (Money(one) + Money(two)).minor == one + two
    assert Money(one) + Money(two) - Money(two) == Money(one)
    assert Money(one) + -Money(one) == Money(0)


def test_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="CAD and EUR"):
        Money(1, "CAD") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("minor", "rate_ppm", "expected"),
    [(11_000, 50_000, 550), (10, 50_000, 1), (9, 50_000, 0), (1, 500_000, 1), (9_999, 149_750, 1_497), (0, 50_000, 0)],
)
def test_a_share_is_rounded_half_up(minor: int, rate_ppm: int, expected: int) -> None:
    assert share(Money(minor), rate_ppm=rate_ppm) == Money(expected)


@given(minor=st.integers(0, 10**9), rate_ppm=st.integers(0, 1_000_000))
def test_a_share_is_within_half_a_cent_of_exact(minor: int, rate_ppm: int) -> None:
    exact = Decimal(minor) * rate_ppm / 1_000_000
    assert abs(share(Money(minor), rate_ppm=rate_ppm).minor - exact) <= Decimal("0.5")


def test_the_amount_has_two_decimals() -> None:
    assert (str(Money(5).amount), str(Money(12_345).amount)) == ("0.05", "123.45")
