"""Rough places without a map service."""

import pytest

from unknot.travel.domain.gazetteer import AREAS, UnknownAreaError, locate
from unknot.travel.domain.places import PlaceError, Point


@pytest.mark.parametrize("typed", ["T6R 2K4", "t6r2k4", "T6R", "14 Cottonwood Lane, T6R 2K4"])
def test_the_first_half_of_a_postal_code(typed: str) -> None:
    found = locate(typed)
    assert (found.area, found.exact, found.point) == ("T6R", False, AREAS["T6R"])


@pytest.mark.parametrize("typed", ["", "90210", "X0X 1A1", "T6", "\x00"])
def test_what_is_not_on_file_is_refused(typed: str) -> None:
    with pytest.raises(UnknownAreaError):
        locate(typed)


def test_coordinates_win() -> None:
    assert locate("", lat=53.5, lon=-113.5).point == Point(53.5, -113.5)
    with pytest.raises(PlaceError):
        locate("", lat=float("nan"), lon=0)


def test_every_area_lies_in_alberta() -> None:
    assert all(50 < point.lat < 54 and -115 < point.lon < -113 for point in AREAS.values())
