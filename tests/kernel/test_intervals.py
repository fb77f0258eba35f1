from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.intervals import contains, intersect, merge, subtract

SPAN = 20
anything = st.lists(st.tuples(st.integers(0, SPAN), st.integers(0, SPAN)), max_size=12)


def points(intervals: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in intervals for point in range(start, end)}


def is_merged(intervals: list[tuple[int, int]]) -> bool:
    whole = all(start < end for start, end in intervals)
    return whole and all(left[1] < right[0] for left, right in pairwise(intervals))


@given(anything)
def test_merging_keeps_the_points(some: list[tuple[int, int]]) -> None:
    assert points(merge(some)) == points(some)
    assert is_merged(merge(some))


@given(anything, anything)
def test_subtracting_is_set_difference(some: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    rest = subtract(merge(some), merge(other))
    assert points(rest) == points(some) - points(other)
    assert is_merged(rest)


@given(anything, anything)
def test_subtract_then_add_is_identity(some: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    whole, taken = merge(some), merge(other)
    assert merge(subtract(whole, taken) + intersect(whole, taken)) == whole


@given(anything, anything)
def test_intersecting_is_set_intersection(some: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    both = intersect(merge(some), merge(other))
    assert points(both) == points(some) & points(other)
    assert is_merged(both)


@given(anything, st.integers(0, SPAN), st.integers(1, SPAN))
def test_contains_means_every_point(some: list[tuple[int, int]], start: int, length: int) -> None:
    expected = points([(start, start + length)]) <= points(some)
    assert contains(merge(some), start, start + length) == expected


def test_touching_intervals_become_one_and_empty_ones_vanish() -> None:
    assert merge([(5, 9), (9, 9), (1, 5), (20, 20)]) == [(1, 9)]
