"""Tables and kit: counted at every minute, rearranged where it helps, compared with trying everything."""

from collections.abc import Sequence
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from unknot.booking.domain.pools import Use, full_stretches, take
from unknot.kernel.ids import new_id


def use(unit: int, start: int, end: int) -> Use:
    return Use(new_id(), unit, start, end)


def apart(uses: Sequence[Use]) -> bool:
    """No two on one unit at once."""
    return all(
        one.unit != other.unit or one.end <= other.start or other.end <= one.start
        for number, one in enumerate(uses)
        for other in uses[:number]
    )


def any_arrangement(start: int, end: int, uses: Sequence[Use], units: Sequence[int]) -> bool:
    """By trying every arrangement; visits that began before stay where they are."""
    fixed = [one for one in uses if one.start < start]
    later = [one for one in uses if one.start >= start]
    return any(
        apart(
            [
                *fixed,
                *(Use(one.visit, unit, one.start, one.end) for one, unit in zip(later, chosen, strict=False)),
                Use(new_id(), chosen[-1], start, end),
            ]
        )
        for chosen in product(units, repeat=len(later) + 1)
    )


@st.composite
def diaries(draw: st.DrawFn) -> tuple[list[Use], list[int]]:
    """Visits on units without a meeting, in the order in which somebody put them there."""
    units = list(range(draw(st.integers(1, 3))))
    uses: list[Use] = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, 11))
        one = use(draw(st.sampled_from(units)), start, start + draw(st.integers(1, 5)))
        if apart([*uses, one]):
            uses.append(one)
    return uses, units


@given(diaries(), st.integers(0, 12), st.integers(1, 6))
@example(([use(0, 0, 2), use(1, 1, 3), use(0, 3, 5), use(1, 4, 6)], [0, 1]), 2, 2)
def test_a_unit_is_found_exactly_where_some_arrangement_has_one(
    diary: tuple[list[Use], list[int]], start: int, minutes: int
) -> None:
    uses, units = diary
    found = take(start, start + minutes, uses, units)
    assert (found is not None) == any_arrangement(start, start + minutes, uses, units)
    crowded = any(
        sum(one.start <= minute < one.end for one in uses) >= len(units) for minute in range(start, start + minutes)
    )
    assert (found is None) == crowded
    if found is not None:
        after = [Use(one.visit, found.moves.get(one.visit, one.unit), one.start, one.end) for one in uses]
        assert apart([*after, use(found.unit, start, start + minutes)])
        assert all(one.start >= start for one in uses if one.visit in found.moves), "who has begun stays"


def test_a_third_visit_fits_where_one_of_the_two_has_to_change_tables() -> None:
    """Case C05: fewer than two overlap at every minute of 2 to 4, and yet neither table is free all that time."""
    first, second = use(0, 0, 3), use(1, 3, 6)
    assert take(2, 4, [first, second], [0, 1]) is not None
    found = take(2, 4, [first, use(1, 0, 2), second], [0, 1])
    assert found is not None
    assert (found.unit, found.moves) == (1, {second.visit: 0})
    assert take(2, 4, [first, use(1, 2, 3), second], [0, 1]) is None


def test_a_unit_that_is_gone_counts_while_it_is_used() -> None:
    assert take(0, 2, [use(7, 1, 3)], [0]) is None
    assert take(3, 5, [use(7, 1, 3)], [0]) is not None
    assert take(0, 2, [use(7, 1, 3)], [0, 1]) is not None


def test_full_stretches_are_merged_and_sorted() -> None:
    uses = [use(0, 0, 4), use(1, 2, 6), use(0, 4, 8)]
    assert full_stretches(uses, 2) == [(2, 6)]
    assert full_stretches(uses, 1) == [(0, 8)]
    assert full_stretches(uses, 3) == []
