"""Amounts of money as whole minor units (cents) with their currency. Never floats."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """`minor` whole minor units (cents) of an ISO 4217 `currency`."""

    minor: int
    currency: str = "CAD"

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")

    @property
    def amount(self) -> Decimal:
        """The amount in major units, two decimals."""
        return Decimal(self.minor) / 100


def share(amount: Money, *, rate_ppm: int) -> Money:
    """`rate_ppm` parts per million of `amount` (5 % = 50_000), rounded half up to a whole minor unit."""
    exact = Decimal(amount.minor) * rate_ppm / 1_000_000
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), amount.currency)
