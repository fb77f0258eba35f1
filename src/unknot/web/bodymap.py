"""The body map: which regions there are, how they are named in forms, and the context its template needs.

A region is named `slug:laterality`, for example `low_back:left` or `sacrum:midline`. Form fields: checkboxes named
`region` with that value, selects `intensity-<slug>:<laterality>` (0-10) and `quality-<slug>:<laterality>`.
Slugs follow the region list of the practice's clinical reference, section 1.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from unknot.web import body_shapes

QUALITIES: tuple[tuple[str, str], ...] = (
    ("ache", "aching"),
    ("sharp", "sharp"),
    ("burning", "burning"),
    ("numb", "numb or tingling"),
    ("stiff", "stiff"),
)
MAX_INTENSITY = 10


@dataclass(frozen=True, slots=True)
class Area:
    """A group of regions shown under one heading; `sides` False for regions on the middle line."""

    title: str
    regions: tuple[tuple[str, str, bool], ...]  # slug, plain name, has sides


AREAS: tuple[Area, ...] = (
    Area(
        "Head and neck",
        (
            ("head_scalp", "Scalp, jaw, face", True),
            ("neck_post", "Back of neck", True),
            ("neck_ant", "Front or side of neck", True),
        ),
    ),
    Area(
        "Shoulders and arms",
        (
            ("shoulder", "Shoulder", True),
            ("upper_arm", "Upper arm", True),
            ("elbow", "Elbow", True),
            ("forearm", "Forearm", True),
            ("wrist", "Wrist", True),
            ("hand", "Hand", True),
        ),
    ),
    Area(
        "Back",
        (
            ("upper_back", "Upper or middle back", True),
            ("low_back", "Low back", True),
            ("sacrum", "Base of the spine", False),
        ),
    ),
    Area("Chest and belly", (("chest", "Chest", True), ("abdomen", "Belly", False))),
    Area("Hips", (("gluteal", "Buttock, back of hip", True), ("hip_ant", "Front or side of hip", True))),
    Area(
        "Legs and feet",
        (
            ("thigh_post", "Back of thigh", True),
            ("thigh_ant", "Front of thigh", True),
            ("thigh_lat", "Outside of thigh", True),
            ("thigh_inner", "Inside of thigh", True),
            ("knee", "Knee", True),
            ("lower_leg", "Lower leg", True),
            ("ankle", "Ankle", True),
            ("foot", "Foot", True),
        ),
    ),
)


@cache
def region_names() -> Mapping[str, str]:
    """Every region value (`slug:laterality`) with its words ("Low back, left"), in reading order."""
    names: dict[str, str] = {}
    for area in AREAS:
        for slug, name, has_sides in area.regions:
            if has_sides:
                names[f"{slug}:left"] = f"{name}, left"
                names[f"{slug}:right"] = f"{name}, right"
            else:
                names[f"{slug}:midline"] = name
    return names


def heat(intensity: int) -> int:
    """The shade 1-5 of an intensity 0-10; 0 marks a region chosen without one."""
    return -(-intensity // 2)


@cache
def _views() -> tuple[dict[str, Any], ...]:
    """Both views with the paths of their regions. Ids are unique: the back copy of a region ends in `-back`."""
    seen: set[str] = set()
    views: list[dict[str, Any]] = []
    drawings = (
        ("front", "Front", ("right", "left"), body_shapes.FRONT_HALVES, body_shapes.FRONT_MIDLINE),
        ("back", "Back", ("left", "right"), body_shapes.BACK_HALVES, body_shapes.BACK_MIDLINE),
    )
    for key, title, (viewers_left, viewers_right), halves, midline in drawings:
        paths: list[dict[str, str]] = []
        for slug, points in midline.items():
            paths.append({"value": f"{slug}:midline", "d": body_shapes.midline_path(points)})
        for slug, points in halves.items():
            for side, laterality in ((-1, viewers_left), (1, viewers_right)):
                paths.append({"value": f"{slug}:{laterality}", "d": body_shapes.half_path(points, side=side)})
        for path in paths:
            name = "region-" + path["value"].replace(":", "-")
            path["id"] = name if name not in seen else f"{name}-{key}"
            seen.add(name)
        views.append({"key": key, "title": title, "left": viewers_left, "right": viewers_right, "paths": paths})
    return tuple(views)


def body_map(selected: Mapping[str, Mapping[str, Any]], *, readonly: bool, name: str = "bodymap") -> dict[str, Any]:
    """Context of `web/parts/body_map.html`.

    `selected` maps `slug:laterality` to `{"intensity": 0-10 or None, "quality": one of QUALITIES or "" , "note": str}`
    (all optional). `readonly` shows a shaded picture with a list beside it; otherwise the form. `name` keeps ids apart
    when a page shows two maps. Raises KeyError for a region this map does not know.
    """
    names = region_names()
    for value in selected:
        names[value]
    heats = {value: heat(int(facts.get("intensity") or 0)) for value, facts in selected.items()}
    views = [
        {
            **view,
            "paths": [
                {
                    **path,
                    "id": _own_id(path["id"], name),
                    "heat": heats.get(path["value"]),
                    "title": names[path["value"]],
                }
                for path in view["paths"]
            ],
        }
        for view in _views()
    ]
    return {
        "map_name": name,
        "readonly": readonly,
        "outline": body_shapes.outline_path(),
        "view_box": f"0 0 {body_shapes.VIEW_WIDTH} {body_shapes.VIEW_HEIGHT}",
        "views": views,
        "areas": [_area(area, selected, name) for area in AREAS],
        "chosen": [
            {"value": value, "title": names[value], **_facts(selected[value])} for value in names if value in selected
        ],
        "intensities": [str(level) for level in range(MAX_INTENSITY + 1)],
        "qualities": QUALITIES,
    }


def _own_id(path_id: str, name: str) -> str:
    return path_id if name == "bodymap" else f"{name}-{path_id}"


def _facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Intensity as text ("" when not given) and the quality's slug and words."""
    intensity = facts.get("intensity")
    quality = str(facts.get("quality") or "")
    return {
        "intensity": "" if intensity is None else str(intensity),
        "quality": quality,
        "quality_words": dict(QUALITIES).get(quality, ""),
        "note": str(facts.get("note") or ""),
    }


def _area(area: Area, selected: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """One group of checkboxes; open when something in it is chosen, so that nothing chosen is ever out of sight."""
    regions = []
    for slug, title, has_sides in area.regions:
        for laterality in ("left", "right") if has_sides else ("midline",):
            value = f"{slug}:{laterality}"
            regions.append(
                {
                    "value": value,
                    "input_id": f"{name}-{slug}-{laterality}",
                    "title": title if not has_sides else f"{title}, {laterality}",
                    "chosen": value in selected,
                    **_facts(selected.get(value, {})),
                }
            )
    return {"title": area.title, "regions": regions, "open": any(region["chosen"] for region in regions)}


def read_body_map(posted: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """The chosen regions of a submitted form, in the shape `body_map` takes. `posted` maps field names to value lists.

    Unknown regions, qualities and intensities outside 0-10 are left out: the form cannot send them, only a forger can.
    """
    names = region_names()
    qualities = dict(QUALITIES)
    chosen: dict[str, dict[str, Any]] = {}
    for value in posted.get("region", ()):
        if value not in names:
            continue
        intensity = next(iter(posted.get(f"intensity-{value}", ())), "")
        quality = next(iter(posted.get(f"quality-{value}", ())), "")
        level = int(intensity) if intensity.isascii() and intensity.isdigit() and len(intensity) <= 2 else None
        chosen[value] = {
            "intensity": level if level is not None and level <= MAX_INTENSITY else None,
            "quality": quality if quality in qualities else "",
        }
    return chosen
