from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.travel.domain.driving import DriveModel, DriveModelError, drive_minutes
from unknot.travel.domain.places import Point, great_circle_km

ONE, OTHER = Point(45.46, 9.19), Point(45.50, 9.23)


@given(st.floats(0.1, 50), st.floats(0.1, 50))
def test_longer_takes_longer_and_a_detour_never_saves_time(one: float, other: float) -> None:
    assert (drive_minutes(one) < drive_minutes(other)) == (one < other)
    assert drive_minutes(one + other) <= drive_minutes(one) + drive_minutes(other)


def test_the_fitted_law() -> None:
    assert drive_minutes(1) == 3.2
    assert drive_minutes(10) == pytest.approx(18.84, abs=0.01)
    assert drive_minutes(10, factor=1.5, parking=4) == pytest.approx(1.5 * 18.843 + 4, abs=0.01)
    assert drive_minutes(0, parking=4) == 4


def test_a_promise_is_the_ninetieth_percentile_in_whole_minutes() -> None:
    km = great_circle_km(ONE, OTHER)
    assert DriveModel().promised(ONE, OTHER) == ceil(1.36 * 3.2 * km**0.77)
    assert DriveModel(parking=5).promised(ONE, OTHER) == DriveModel().promised(ONE, OTHER) + 5
    assert DriveModel().expected(ONE, OTHER) < DriveModel().promised(ONE, OTHER)


def test_staying_where_one_is_takes_no_time() -> None:
    assert DriveModel(parking=5).promised(ONE, ONE) == 0


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(DriveModelError):
        drive_minutes(-1)
