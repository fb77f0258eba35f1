"""Where a typed place is, without asking a map service: neighbourhoods and postal districts."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib.resources import files

_DATA = "areas-2026.1.toml"
_POSTAL = re.compile(r"\b([a-z]\d[a-z])\s*(?:\d[a-z]\d)?\b")
_PAIR = re.compile(r"^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")


@dataclass(frozen=True, slots=True)
class Area:
    """A place with the middle of it in degrees, good to about a kilometre."""

    name: str
    city: str
    lat: float
    lon: float

    @property
    def label(self) -> str:
        """How it reads: "Bonnie Doon, Edmonton"."""
        return ", ".join(part for part in (self.name, self.city) if part)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.lower())
    return " ".join(
        re.sub(r"[^a-z0-9]+", " ", "".join(char for char in bare if not unicodedata.combining(char))).split()
    )


def _load() -> tuple[dict[str, Area], dict[str, list[Area]], tuple[Area, ...]]:
    table = tomllib.loads(files("unknot.matching.domain").joinpath("data", _DATA).read_text(encoding="utf-8"))
    by_district: dict[str, Area] = {}
    by_name: dict[str, list[Area]] = {}
    every: list[Area] = []
    for city in table["city"]:
        for name, districts, lat, lon in city["areas"]:
            area = Area(name, city["name"], lat, lon)
            every.append(area)
            by_district.update({district.lower(): area for district in districts})
            for spelling in re.split(r"[()]", name):
                if spelling := _plain(spelling):
                    by_name.setdefault(spelling, []).append(area)
        # The city itself: its downtown stands first.
        first = city["areas"][0]
        by_name.setdefault(_plain(city["name"]), []).append(Area("", city["name"], first[2], first[3]))
    return by_district, by_name, tuple(every)


_BY_DISTRICT, _BY_NAME, AREAS = _load()


def find_area(text: str) -> Area | None:
    """The place that a typed text means, or None: a postal code, a neighbourhood, a city, or "53.52, -113.49".

    A postal code decides first, then the longest name in the text; where two cities share a name, the city named beside
    it decides, else the first in the table.
    """
    if pair := _PAIR.match(text):
        lat, lon = float(pair[1]), float(pair[2])
        return Area("the point you gave", "", lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
    plain = _plain(text)
    if (postal := _POSTAL.search(plain)) and postal[1] in _BY_DISTRICT:
        return _BY_DISTRICT[postal[1]]
    padded = f" {plain} "
    named = [name for name in _BY_NAME if f" {name} " in padded]
    if not named:
        return _starting_with(plain)
    cities = {area.city for name in named for area in _BY_NAME[name] if not area.name}
    within = [name for name in named if any(area.name for area in _BY_NAME[name])] or named
    best = max(within, key=len)
    return next((area for area in _BY_NAME[best] if area.city in cities), _BY_NAME[best][0])


def _starting_with(plain: str) -> Area | None:
    """The one place whose name begins with what was typed, if there is exactly one."""
    if len(plain) < 3:
        return None
    found = [area for name, areas in _BY_NAME.items() if name.startswith(plain) for area in areas]
    return found[0] if len(found) == 1 else None
