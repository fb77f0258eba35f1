"""Driving time without a map service: a power law of the distance as the crow flies.

`minutes = 3.2 * km ** 0.77`, fitted on OpenStreetMap road times (OSRM, free flow) of the eleven areas in the "Italian"
home-care instances of Ceschia, Di Gaspero, Rosati and Schaerf (ITOR 2024, doi 10.1111/itor.13585), trips of 0.3-15 km.
Leaving one area out: 10-15 % median error in nine areas, 20-26 % in two hilly ones, where a, b or a road engine should
be set by hand. A promise to a client uses the 90th percentile, 1.36 times the mean: late by more than two minutes in
1-5 % of trips there (22-35 % in hills). Free flow knows no rush hour: that is what `factor` is for.
"""

from dataclasses import dataclass
from math import ceil

from unknot.kernel.errors import InvalidError
from unknot.travel.domain.places import Point, great_circle_km

P90 = 1.36
"""90th percentile of real over modelled minutes, same fit."""


class DriveModelError(InvalidError):
    """Driving time needs a distance and factors that are not negative."""

    code = "drive-model"


def drive_minutes(km: float, *, a: float = 3.2, b: float = 0.77, factor: float = 1.0, parking: float = 0.0) -> float:
    """Expected minutes for `km` as the crow flies; `factor` for the hour of the week, `parking` minutes added once.

    Raises `DriveModelError`.
    """
    if min(km, a, b, factor, parking) < 0:
        raise DriveModelError
    return a * km**b * factor + parking if km else parking


@dataclass(frozen=True, slots=True)
class DriveModel:
    """The power law with the settings of a city; `parking` is spent at the end of each trip."""

    a: float = 3.2
    b: float = 0.77
    factor: float = 1.0
    parking: float = 0.0
    quantile: float = P90

    def expected(self, origin: Point, target: Point) -> float:
        """Mean minutes: for comparing and planning."""
        km = great_circle_km(origin, target)
        return drive_minutes(km, a=self.a, b=self.b, factor=self.factor, parking=self._parking(origin, target))

    def promised(self, origin: Point, target: Point) -> int:
        """Whole minutes that nine trips in ten keep to: for every start shown to a client. Parking is not stretched."""
        km = great_circle_km(origin, target)
        moving = drive_minutes(km, a=self.a, b=self.b, factor=self.factor)
        return ceil(moving * self.quantile + self._parking(origin, target))

    def _parking(self, origin: Point, target: Point) -> float:
        return self.parking if origin != target else 0.0
