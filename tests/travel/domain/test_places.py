import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.travel.domain.places import (
    COARSE_SLACK_KM,
    OutsideAreaError,
    PlaceError,
    Point,
    check_service_area,
    coarse,
    great_circle_km,
)

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
TORONTO, MONTREAL = Point(43.6532, -79.3832), Point(45.5019, -73.5674)


def test_a_known_distance() -> None:
    assert great_circle_km(TORONTO, MONTREAL) == pytest.approx(504, abs=2)
    assert great_circle_km(Point(0, 0), Point(0, 180)) == pytest.approx(20015, abs=1)


@given(points, points, points)
def test_distance_is_a_metric(one: Point, two: Point, three: Point) -> None:
    direct = great_circle_km(one, three)
    assert direct == pytest.approx(great_circle_km(three, one), abs=1e-6)
    assert direct <= great_circle_km(one, two) + great_circle_km(two, three) + 1e-3
    assert great_circle_km(one, one) == 0


def test_the_service_area_is_a_circle() -> None:
    edge = great_circle_km(TORONTO, Point(43.7, -79.4))
    assert check_service_area(TORONTO, Point(43.7, -79.4), edge) == edge
    with pytest.raises(OutsideAreaError):
        check_service_area(TORONTO, Point(43.7, -79.4), edge - 0.01)


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_points_off_the_map_are_refused(lat: float, lon: float) -> None:
    with pytest.raises(PlaceError):
        Point(lat, lon)


@given(st.floats(-70, 70), st.floats(-179, 179))
def test_a_coarse_point_is_near_and_shared_by_its_cell(lat: float, lon: float) -> None:
    cell = coarse(lat, lon)
    assert great_circle_km(Point(lat, lon), Point(*cell)) < COARSE_SLACK_KM
    assert coarse(*cell) == cell
