"""Matching people with therapists and tables, against trying everything."""

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unknot.booking.domain.groups import GroupSizeError, assign, check_size

WISHES = st.lists(st.lists(st.integers(0, 5), max_size=7), min_size=1, max_size=4)


def brute(wishes: list[list[int]]) -> tuple[int, ...] | None:
    """The first of all combinations, in order of the wishes, without anything twice."""
    return next((one for one in product(*wishes) if len(set(one)) == len(one)), None)


@given(WISHES)
@example([[1, 2], [1]])
@example([[1, 1, 1, 2], [1, 2]])
@example([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [3, 2, 1, 0]])
@example([[1], [1]])
def test_it_finds_what_trying_everything_finds(wishes: list[list[int]]) -> None:
    assert assign(wishes) == brute(wishes)


@given(st.lists(st.lists(st.integers(0, 40), min_size=4, unique=True), min_size=4, max_size=4))
def test_four_people_with_four_choices_each_always_fit(wishes: list[list[int]]) -> None:
    found = assign(wishes)
    assert found is not None
    assert len(set(found)) == 4


@pytest.mark.parametrize("size", [0, 1, 5, 10_000])
def test_a_group_is_two_three_or_four(size: int) -> None:
    with pytest.raises(GroupSizeError):
        check_size(size)
    for fine in (2, 3, 4):
        check_size(fine)
