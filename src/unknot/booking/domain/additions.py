"""What becomes of a visit when its additions change: the massage and additions that stay keep what was agreed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from unknot.booking.domain.parts import Offered, Part
from unknot.kernel.money import Money


class Line(Offered, Protocol):
    """What is needed of the menu."""

    @property
    def buffer_before(self) -> int: ...
    @property
    def buffer_after(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Agreed:
    """A visit as agreed: its parts (the massage first), its own length and price, which the desk may have changed, and
    its buffers."""

    parts: tuple[Part, ...]
    minutes: int
    price: Money
    before: int
    after: int


def with_additions(agreed: Agreed, main: Line, added: Sequence[Line]) -> Agreed:
    """The visit with `added` and nothing else added to it.

    New additions come at today's length and price. Buffers never shrink below what was agreed, unless something is
    left out: then they are those of what remains, by today's menu.
    """
    had = {one.service_id: one for one in agreed.parts[1:]}
    first = agreed.parts[0] if agreed.parts else Part(main.id, main.name, agreed.minutes, agreed.price)
    then = [had.get(one.id) or Part.of(one) for one in added]
    left_out = _without(had.values(), {one.id for one in added})
    new = [one for one in then if one.service_id not in had]
    least = (0, 0) if left_out else (agreed.before, agreed.after)
    return Agreed(
        parts=(first, *then),
        minutes=agreed.minutes + _minutes(new) - _minutes(left_out),
        price=Money(agreed.price.minor + _cents(new) - _cents(left_out), agreed.price.currency),
        before=max(least[0], *(one.buffer_before for one in (main, *added))),
        after=max(least[1], *(one.buffer_after for one in (main, *added))),
    )


def _without(parts: Iterable[Part], kept: set[UUID]) -> list[Part]:
    return [one for one in parts if one.service_id not in kept]


def _minutes(parts: Iterable[Part]) -> int:
    return sum(one.minutes for one in parts)


def _cents(parts: Iterable[Part]) -> int:
    return sum(one.price.minor for one in parts)
