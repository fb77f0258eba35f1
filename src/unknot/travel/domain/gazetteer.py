"""Where an address is, roughly, without a map service: by the first half of its postal code.

Forward sortation areas in a city are a few kilometres across; the points are hand-placed middles [K], good for driving
times to within some minutes and no better. Whoever knows the exact spot gives it as coordinates.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from unknot.kernel.errors import InvalidError
from unknot.travel.domain.places import Point

_DATA = "postal-2026.1.toml"
_CODE = re.compile(r"\b([A-Z]\d[A-Z])\s?(\d[A-Z]\d)?\b")


class UnknownAreaError(InvalidError):
    """We can't place this postal code. Check it, or give the exact spot as latitude and longitude; nothing was lost."""

    code = "unknown-area"


@dataclass(frozen=True, slots=True)
class Located:
    """A point and how it was found: `exact` coordinates given by the person, or the middle of `area`."""

    point: Point
    area: str
    exact: bool


def _load() -> tuple[str, dict[str, Point]]:
    table = tomllib.loads(files("unknot.travel.domain").joinpath("data", _DATA).read_text(encoding="utf-8"))
    return str(table["version"]), {code: Point(lat, lon) for code, (lat, lon) in table["areas"].items()}


AREAS_VERSION, AREAS = _load()


def locate(postal_code: str, *, lat: float | None = None, lon: float | None = None) -> Located:
    """The point of an address: the coordinates if both are given, else its postal area's middle.

    Raises PlaceError for coordinates off the map and UnknownAreaError for an unknown or missing postal code.
    """
    found = _CODE.search(postal_code.upper())
    area = found.group(1) if found else ""
    if lat is not None and lon is not None:
        return Located(Point(lat, lon), area, exact=True)
    if area not in AREAS:
        raise UnknownAreaError(field="postal_code")
    return Located(AREAS[area], area, exact=False)
