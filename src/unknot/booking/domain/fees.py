"""What cancelling costs, by the terms that were shown when the visit was booked.

The tiers are frozen on the appointment (`as_rows`), so that later changes of the practice's policy do not reach back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money, share


class CancellationTermsError(InvalidError):
    """Each tier needs its own hours above 0 and 0-100 %, and the cost must not fall as the visit comes nearer."""

    code = "cancellation-terms"


@dataclass(frozen=True, slots=True)
class Tier:
    """Cancelling less than `hours_before` hours before the start costs `percent` of the price."""

    hours_before: int
    percent: int


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Tiers, longest notice first; without tiers cancelling is free. Raises `CancellationTermsError`."""

    tiers: tuple[Tier, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.tiers, key=lambda tier: -tier.hours_before))
        hours = [tier.hours_before for tier in ordered]
        costs = [tier.percent for tier in ordered]
        sound = len(set(hours)) == len(hours) and min(hours, default=1) > 0
        if not sound or costs != sorted(costs) or not all(0 <= percent <= 100 for percent in costs):
            raise CancellationTermsError(field="tiers")
        object.__setattr__(self, "tiers", ordered)

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> "CancellationTerms":
        """From stored `[[hours_before, percent], ...]`."""
        return cls(tuple(Tier(hours, percent) for hours, percent in rows))

    def as_rows(self) -> list[list[int]]:
        """For storing beside the appointment."""
        return [[tier.hours_before, tier.percent] for tier in self.tiers]


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` is kept, `refund` goes back; they add up to the price. `tier` says which rule applied."""

    amount: Money
    refund: Money
    percent: int
    tier: str


def cancellation_fee(price: Money, starts_at: datetime, now: datetime, terms: CancellationTerms) -> Fee:
    """The fee for cancelling at `now` (both instants aware). Hours are real hours, also when clocks change.

    With exactly `hours_before` hours left the tier does not apply yet; after the start the nearest tier does. Halves of
    a minor unit round up. A negative price is a programming error (`ValueError`).
    """
    if price.minor < 0:
        raise ValueError("a price is not negative")
    notice = starts_at - now
    applies = [tier for tier in terms.tiers if notice < timedelta(hours=tier.hours_before)]
    if applies:
        tier = applies[-1]
        percent, text = tier.percent, f"less than {_hours(tier.hours_before)} before the start"
    elif terms.tiers:
        percent, text = 0, f"{_hours(terms.tiers[0].hours_before)} or more before the start"
    else:
        percent, text = 0, "free of charge until the start"
    amount = share(price, rate_ppm=percent * 10_000)
    return Fee(amount, price - amount, percent, f"{text}: {percent} %")


def _hours(hours: int) -> str:
    return "1 hour" if hours == 1 else f"{hours} hours"
