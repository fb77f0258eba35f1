"""Who may book what."""

from dataclasses import dataclass

import pytest

from unknot.booking.domain.entry import Entry, entry


@dataclass(frozen=True)
class Line:
    """A line of the menu."""

    new_clients: str = "yes"
    approval: bool = False


@pytest.mark.parametrize(
    ("parts", "is_new", "by_staff", "way"),
    [
        ([Line()], True, False, "open"),
        ([Line("no")], True, False, "closed"),
        ([Line("no")], False, False, "open"),
        ([Line("no")], True, True, "open"),
        ([Line("approval")], True, False, "ask"),
        ([Line("approval")], False, False, "open"),
        ([Line(approval=True)], False, False, "ask"),
        ([Line(approval=True)], False, True, "open"),
        ([Line(), Line("no", approval=True)], True, False, "closed"),
        ([Line(), Line(approval=True)], False, False, "ask"),
    ],
)
def test_the_strictest_part_decides(parts: list[Line], is_new: bool, by_staff: bool, way: Entry) -> None:
    assert entry(parts, is_new=is_new, by_staff=by_staff) == way
