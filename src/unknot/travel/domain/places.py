"""Points on the map, how far apart they are, and whether a therapist goes that far."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from unknot.kernel.errors import InvalidError

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG R1, Moritz 2000)."""


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
