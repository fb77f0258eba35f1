"""The door of travel: driving times and reachable starts. It keeps no rows; places are the practice's."""

from unknot.travel.domain.driving import DriveModel
from unknot.travel.domain.gazetteer import AREAS, Located, UnknownAreaError, locate
from unknot.travel.domain.insertion import Drive, HomeStart, Stop, home_starts
from unknot.travel.domain.places import (
    COARSE_SLACK_KM,
    EARTH_KM,
    OutsideAreaError,
    PlaceError,
    Point,
    check_service_area,
    coarse,
    great_circle_km,
)

__all__ = [
    "AREAS",
    "COARSE_SLACK_KM",
    "EARTH_KM",
    "Drive",
    "HomeStart",
    "Located",
    "OutsideAreaError",
    "PlaceError",
    "Point",
    "Stop",
    "UnknownAreaError",
    "check_service_area",
    "coarse",
    "great_circle_km",
    "home_starts",
    "locate",
    "promised_drive",
]

_MODEL = DriveModel()


def promised_drive() -> Drive:
    """Whole minutes between two points that nine trips in ten keep to, by the built-in model (no map service)."""
    return _MODEL.promised
