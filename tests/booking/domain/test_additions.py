"""Sums of a visit whose additions change: what stays keeps what was agreed."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.additions import Agreed, with_additions
from unknot.booking.domain.parts import Part
from unknot.kernel.money import Money


@dataclass(frozen=True)
class Line:
    minutes: int
    cents: int
    buffer_before: int = 0
    buffer_after: int = 0
    addon: bool = True
    name: str = "x"
    id: UUID = field(default_factory=uuid4)

    @property
    def price(self) -> Money:
        return Money(self.cents)


LINES = st.builds(
    Line, st.sampled_from([5, 10, 15, 30]), st.integers(0, 5000), st.sampled_from([0, 5, 10]), st.sampled_from([0, 20])
)
MAIN = Line(60, 11000, 5, 15, addon=False)


def plain(main: Line = MAIN) -> Agreed:
    return Agreed((Part.of(main),), main.minutes, main.price, main.buffer_before, main.buffer_after)


@given(st.lists(LINES, max_size=4), st.lists(LINES, max_size=4))
def test_there_and_back_is_as_it_was(first: list[Line], second: list[Line]) -> None:
    start = with_additions(plain(), MAIN, first)
    more = with_additions(start, MAIN, [*first, *second])
    assert with_additions(more, MAIN, first) == start
    assert with_additions(start, MAIN, first) == start
    assert (more.minutes, more.price.minor) == (
        60 + sum(one.minutes for one in [*first, *second]),
        11000 + sum(one.cents for one in [*first, *second]),
    )


@given(st.lists(LINES, min_size=1, max_size=4), st.integers(1, 9000))
def test_a_new_price_on_the_menu_does_not_reach_what_stays(had: list[Line], dearer: int) -> None:
    start = with_additions(plain(), MAIN, had)
    now = [Line(one.minutes + 5, one.cents + dearer, addon=True, id=one.id) for one in had]
    extra = Line(10, 700)
    then = with_additions(start, Line(60, 99999, addon=False, id=MAIN.id), [*now, extra])
    assert (then.price.minor, then.minutes) == (start.price.minor + 700, start.minutes + 10)
    assert then.parts[:-1] == start.parts


def test_what_the_desk_changed_by_hand_stays_changed() -> None:
    stretched = Agreed((Part.of(MAIN),), 75, Money(9000), 5, 15)
    then = with_additions(stretched, MAIN, [Line(15, 2500)])
    assert (then.minutes, then.price.minor) == (90, 11500)


def test_buffers_never_shrink_unless_something_is_left_out() -> None:
    agreed = Agreed((Part.of(MAIN),), 60, MAIN.price, 5, 30)
    assert with_additions(agreed, MAIN, [Line(15, 1, 0, 20)]).after == 30
    big = Line(15, 1, 10, 40)
    more = with_additions(agreed, MAIN, [big])
    assert (more.before, more.after) == (10, 40)
    assert (with_additions(more, MAIN, []).before, with_additions(more, MAIN, []).after) == (5, 15)


def test_a_visit_from_before_there_were_parts() -> None:
    then = with_additions(Agreed((), 60, Money(11000), 0, 15), MAIN, [Line(15, 2500)])
    assert [one.minutes for one in then.parts] == [60, 15]
    assert then.price == Money(13500)
