"""Points on the map, how far apart they are, and whether a therapist goes that far."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from unknot.kernel.errors import InvalidError

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG R1, Moritz 2000)."""


COARSE_SLACK_KM = 3
"""How far a coarse point may lie from the real one, at most."""


class PlaceError(InvalidError):
    """This place is not on the map: latitude runs from -90 to 90, longitude from -180 to 180."""

    code = "place"


class OutsideAreaError(InvalidError):
    """This address is outside the area that the therapist visits. Nothing was booked; choose someone nearer."""

    code = "outside-area"


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84 degrees. Raises `PlaceError`."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):  # also refuses NaN
            raise PlaceError


def great_circle_km(one: Point, other: Point) -> float:
    """Kilometres as the crow flies (haversine on the mean sphere; within 0.6 % of the ellipsoid)."""
    lat_one, lat_other = radians(one.lat), radians(other.lat)
    half_lat, half_lon = (lat_other - lat_one) / 2, radians(other.lon - one.lon) / 2
    square = sin(half_lat) ** 2 + cos(lat_one) * cos(lat_other) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(square)))


def check_service_area(base: Point, here: Point, radius_km: float) -> float:
    """The distance in km from `base` to `here`. Raises `OutsideAreaError` beyond `radius_km`."""
    distance = great_circle_km(base, here)
    if distance > radius_km:
        raise OutsideAreaError(field="address", extra={"radius_km": radius_km})
    return distance


def coarse(lat: float, lon: float) -> tuple[float, float]:
    """The middle of the grid cell a point lies in, about 2 km wide: what may be known of where a therapist lives.

    Every published number about a home visit (distance, points, whether it is within reach) is computed from this, so
    that no set of searches can find the point more closely than its cell.
    """
    step = 0.02
    wide = 0.04
    return (round((lat // step) * step + step / 2, 6), round((lon // wide) * wide + wide / 2, 6))
