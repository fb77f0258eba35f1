"""Typed places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.matching.domain import AREAS, find_area


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("T6C 2K1", "Bonnie Doon, Edmonton"),
        ("t6c", "Bonnie Doon, Edmonton"),
        ("bonnie doon", "Bonnie Doon, Edmonton"),
        ("Near Bonnie Doon, please", "Bonnie Doon, Edmonton"),
        ("Oliver", "Wîhkwêntôwin (Oliver), Edmonton"),
        ("wihkwentowin", "Wîhkwêntôwin (Oliver), Edmonton"),
        ("Downtown", "Downtown, Edmonton"),
        ("downtown Calgary", "Downtown, Calgary"),
        ("Calgary", "Calgary"),
        ("kensing", "Kensington, Calgary"),
        ("St Albert", "St. Albert"),
        ("T4B 0A1", "Airdrie"),
        ("53.52, -113.49", "the point you gave"),
    ],
)
def test_people_type_places_in_many_ways(typed: str, label: str) -> None:
    found = find_area(typed)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("typed", ["", "x", "Atlantis", "95.0, 10.0", "T9Z", "down"])
def test_what_is_not_known_is_not_guessed(typed: str) -> None:
    assert find_area(typed) is None


@given(st.text(max_size=60))
def test_no_text_breaks_it(typed: str) -> None:
    found = find_area(typed)
    assert found is None or -90 <= found.lat <= 90


def test_every_area_is_found_by_its_own_label() -> None:
    assert [one.label for one in AREAS if find_area(one.label) != one] == []
