"""What changed on the body map from one visit to the next, in words. One point is no change (MIC 2, reference 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from .allocation import REGIONS
from .basis import MarkedRegion

LEAST = 2
"""Points on 0-10 below which two ratings count as about the same (Ostelo 2008, clinical reference 5.1)."""
ORDER = ("new", "more", "same", "less", "gone")


@dataclass(frozen=True, slots=True)
class MapChange:
    """One place. `kind` is one of `ORDER`; `text` says it without judging."""

    kind: str
    text: str


def map_changes(before: Iterable[MarkedRegion], after: Iterable[MarkedRegion]) -> tuple[MapChange, ...]:
    """Every place marked before or after, new ones first, then in catalogue order. Both sides marked as one count as
    two places, so that one side getting easier is not lost."""
    old, new = _places(before), _places(after)
    found = [_change(place, old.get(place), new.get(place)) for place in _in_order({*old, *new})]
    return tuple(sorted(found, key=lambda one: ORDER.index(one.kind)))


def _places(marked: Iterable[MarkedRegion]) -> dict[tuple[str, str], MarkedRegion]:
    found: dict[tuple[str, str], MarkedRegion] = {}
    for one in marked:
        if one.region not in REGIONS:
            continue
        sides = ("left", "right") if REGIONS[one.region].sided and one.laterality not in ("left", "right") else None
        for side in sides or (one.laterality if REGIONS[one.region].sided else "",):
            found[one.region, side] = one
    return found


def _in_order(places: set[tuple[str, str]]) -> list[tuple[str, str]]:
    order = list(REGIONS)
    return sorted(places, key=lambda place: (order.index(place[0]), place[1]))


def _change(place: tuple[str, str], old: MarkedRegion | None, new: MarkedRegion | None) -> MapChange:
    region, side = place
    name = f"{REGIONS[region].name}{f', {side}' if side else ''}".capitalize()
    if old is None:
        return MapChange("new", f"{name}: newly marked{_rated(new)}.")
    if new is None:
        return MapChange("gone", f"{name}: marked before{_rated(old)}, not any more.")
    felt = old.quality and new.quality and old.quality != new.quality
    quality = f" Felt {old.quality}, now {new.quality}." if felt else ""
    if old.intensity is None or new.intensity is None:
        return MapChange("same", f"{name}: marked both times{_rated(new)}.{quality}")
    if abs(new.intensity - old.intensity) < LEAST:
        return MapChange("same", f"{name}: about the same ({old.intensity}, then {new.intensity}).{quality}")
    kind, word = ("less", "less") if new.intensity < old.intensity else ("more", "stronger")
    return MapChange(kind, f"{name}: {word}, from {old.intensity} to {new.intensity}.{quality}")


def _rated(one: MarkedRegion | None) -> str:
    return f" ({one.intensity} of 10)" if one is not None and one.intensity is not None else ""
