"""What makes a visit of several parts."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from unknot.booking.domain.parts import (
    AddedAloneError,
    AddedTwiceError,
    Part,
    TooMuchError,
    check_parts,
    in_words,
)
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money


@dataclass(frozen=True)
class Line:
    """A line of a menu."""

    name: str = "Massage"
    minutes: int = 60
    price: Money = field(default_factory=lambda: Money(11000))
    addon: bool = False
    id: UUID = field(default_factory=new_id)


def test_an_addition_needs_a_massage_and_comes_once() -> None:
    cupping = Line("Cupping", 15, addon=True)
    check_parts(Line(), [cupping, Line("Feet", 10, addon=True)])
    with pytest.raises(AddedAloneError):
        check_parts(cupping, [Line()])
    with pytest.raises(AddedTwiceError):
        check_parts(Line(), [cupping, cupping])


def test_a_visit_has_an_end() -> None:
    check_parts(Line(minutes=240), [Line(minutes=240)])
    with pytest.raises(TooMuchError):
        check_parts(Line(minutes=240), [Line(minutes=240), Line(minutes=5, addon=True)])
    with pytest.raises(TooMuchError):
        check_parts(Line(), [Line(minutes=5, addon=True) for _ in range(6)])


def test_parts_come_back_from_their_row_as_they_were() -> None:
    part = Part.of(Line("Cupping", 15, Money(2500, "EUR"), addon=True))
    assert Part.from_row(part.as_row(), "EUR") == part


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Massage, 60 minutes"], "Massage, 60 minutes"),
        (["Massage, 60 minutes", "Cupping"], "Massage, 60 minutes, with cupping"),
        (["Massage", "Cupping", "Foot massage"], "Massage, with cupping and foot massage"),
    ],
)
def test_words(names: list[str], words: str) -> None:
    assert in_words(names) == words
