"""A visit of several parts: one massage and what is added to it, in one stretch of time with one set of buffers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money

MOST_ADDED = 5
LONGEST = 480
"""Minutes of a whole visit."""


class AddedAloneError(InvalidError):
    """That is something to add to a massage. Nothing was booked; choose the massage it goes with."""

    code = "added-alone"


class AddedTwiceError(InvalidError):
    """The same thing is in the visit twice. Nothing was booked; choose a longer one instead."""

    code = "added-twice"


class TooMuchError(InvalidError):
    """A visit has a massage and at most five additions, eight hours in all. Nothing was booked; leave something out."""

    code = "too-much"


class NotThereError(InvalidError):
    """One of the additions is not given at that kind of place. Nothing was booked; leave it out or change the place."""

    code = "not-there"


class Offered(Protocol):
    """What is needed of a service."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def minutes(self) -> int: ...
    @property
    def price(self) -> Money: ...
    @property
    def addon(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a visit as agreed at booking."""

    service_id: UUID
    name: str
    minutes: int
    price: Money

    @classmethod
    def of(cls, one: Offered) -> Self:
        """As it is offered now."""
        return cls(one.id, one.name, one.minutes, one.price)

    def as_row(self) -> dict[str, Any]:
        """For the visit's row."""
        return {
            "service": str(self.service_id),
            "name": self.name,
            "minutes": self.minutes,
            "price_minor": self.price.minor,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any], currency: str) -> Self:
        """Out of the visit's row."""
        return cls(UUID(row["service"]), row["name"], row["minutes"], Money(row["price_minor"], currency))


def check_parts(main: Offered, added: Sequence[Offered]) -> None:
    """Raises AddedAloneError, AddedTwiceError or TooMuchError for parts that make no visit."""
    if main.addon:
        raise AddedAloneError(field="service")
    parts = [main, *added]
    if len({one.id for one in parts}) < len(parts):
        raise AddedTwiceError(field="add")
    if len(added) > MOST_ADDED or sum(one.minutes for one in parts) > LONGEST:
        raise TooMuchError(field="add")


def in_words(names: Sequence[str]) -> str:
    """`Therapeutic massage, 60 minutes, with cupping and foot massage`."""
    if len(names) < 2:
        return "".join(names)
    added = [name[:1].lower() + name[1:] for name in names[1:]]
    return f"{names[0]}, with {joined(added)}"


def joined(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
