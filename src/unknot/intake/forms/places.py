"""The body map's fields as marked places and back. The picture knows left, right and the middle; answers also know
both."""

from collections.abc import Mapping, Sequence
from typing import Any

from unknot.intake import domain
from unknot.web import bodymap

Posted = Mapping[str, Sequence[str]]
TO_ANSWER = {"ache": "aching"}
FROM_ANSWER = {answer: shown for shown, answer in TO_ANSWER.items()}


def read_places(posted: Posted) -> list[dict[str, Any]]:
    """The places marked on the map, in the shape of answers."""
    places = []
    for value, facts in bodymap.read_body_map(posted).items():
        region, laterality = value.split(":")
        quality = facts["quality"]
        place = {"region": region, "laterality": laterality, "intensity": facts["intensity"]}
        places.append(place | {"quality": TO_ANSWER.get(quality, quality) or None})
    return places


def map_of(places: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Marked places as the map shows them: both sides for "both" and for the middle of a paired region."""
    names, qualities = bodymap.region_names(), dict(bodymap.QUALITIES)
    chosen: dict[str, dict[str, Any]] = {}
    for place in places:
        side = place.get("laterality") or "bilateral"
        wanted = [f"{place['region']}:{one}" for one in ((side,) if side in ("left", "right") else ("left", "right"))]
        shown = [value for value in wanted if value in names] or [f"{place['region']}:midline"]
        quality = FROM_ANSWER.get(place.get("quality") or "", place.get("quality") or "")
        facts = {"intensity": place.get("intensity"), "quality": quality if quality in qualities else ""}
        chosen |= {value: facts for value in shown if value in names}
    return chosen


def map_for(slug: str) -> dict[str, dict[str, Any]]:
    """The map with one region or group of regions marked, as an article's link asks; empty if there is no such
    region."""
    try:
        return map_of([{"region": region} for region in domain.regions_in(slug)]) if slug not in ("", "all") else {}
    except domain.UnknownRegionError:
        return {}


def place_options() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every place for a select, by area: (area, [(value, words)])."""
    names = bodymap.region_names()
    return [
        (
            area.title,
            [(value, words) for slug, _, _ in area.regions for value, words in names.items() if _of(value, slug)],
        )
        for area in bodymap.AREAS
    ]


def _of(value: str, slug: str) -> bool:
    return value.split(":")[0] == slug


def read_place(value: str) -> dict[str, str] | None:
    """A select's value as a place, None if it is empty or unknown."""
    if value not in bodymap.region_names():
        return None
    region, laterality = value.split(":")
    return {"region": region, "laterality": laterality}
