"""How the minutes of a booked length are shared out, and where work on a region usually happens.

The numbers are versioned data (`plan.toml`, clinical reference 4.2-4.3). The catalogue of regions belongs to intake;
here is only what a plan needs of a region: sides, position, consent, neighbours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from .techniques import read_data

PHASE_ORDER = ("consent", "warm_up", "general", "focus", "stretch", "reassess", "cool_down", "talk")
Weighted = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PlanRegion:
    """What planning needs of a region. `sensitive` needs written consent; `partly` needs a word about draping.

    `wider` is (region, weight) for the general part, `focus` is (region, technique, weight) for the focus part.
    """

    slug: str
    name: str
    sided: bool
    sensitive: bool
    partly: bool
    small: bool
    max_level: int
    positions: tuple[str, ...]
    wider: Weighted
    focus: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """The limits of 4.3 and C60: minutes and Walton levels."""

    shortest: int
    longest: int
    focal_minutes_first: int
    focal_minutes_later: int
    level_5_minutes: int
    first_visit_level: int
    sore_cap: int


@dataclass(frozen=True, slots=True)
class PositionRule:
    """A precaution about lying: positions it rules out and the line for the therapist."""

    slug: str
    forbids: frozenset[str]
    text: str


_DATA = read_data("plan.toml")


def _region(slug: str, row: Mapping[str, Any]) -> PlanRegion:
    own = ((slug, "compression", 3), (slug, "myofascial", 2))
    return PlanRegion(
        slug=slug,
        name=row["name"],
        sided=row["sided"],
        sensitive=row.get("sensitive", False),
        partly=row.get("partly", False),
        small=row.get("small", False),
        max_level=row.get("max_level", 5),
        positions=tuple(row["positions"]),
        wider=tuple((name, weight) for name, weight in row.get("wider", [[slug, 1]])),
        focus=tuple((name, technique, weight) for name, technique, weight in row.get("focus", own)),
    )


PLAN_RULES_VERSION: str = _DATA["version"]
LIMITS = PlanLimits(**_DATA["limits"])
REGIONS: Mapping[str, PlanRegion] = MappingProxyType({k: _region(k, row) for k, row in _DATA["region"].items()})
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({k: tuple(v) for k, v in _DATA["groups"].items()})
POSITION_RULES: Mapping[str, PositionRule] = MappingProxyType(
    {k: PositionRule(k, frozenset(row["forbids"]), row["text"]) for k, row in _DATA["positions"].items()}
)
FULL_BODY_GENERAL: Weighted = tuple((name, weight) for name, weight in _DATA["full_body"]["general"])
FULL_BODY_FOCUS: tuple[str, ...] = tuple(_DATA["full_body"]["focus"])
FALLBACK_REGIONS: tuple[str, ...] = tuple(_DATA["fallback"]["regions"])
TOO_BROAD_FOR_SMALL: frozenset[str] = frozenset(_DATA["small"]["without_tools"])
ALLOCATION: Mapping[str, Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {scope: {int(length): tuple(row) for length, row in table.items()} for scope, table in _DATA["allocation"].items()}
)


def shares(total: int, weights: Sequence[int | Fraction]) -> tuple[int, ...]:
    """Share `total` whole minutes by weight with the largest-remainder rule; ties go to the earlier one.

    The result sums to `total` exactly. All weights zero or none at all is a programming error (ValueError).
    """
    whole = sum(weights)
    if whole <= 0:
        msg = "weights must add up to more than zero"
        raise ValueError(msg)
    exact = [Fraction(total) * weight / whole for weight in weights]
    floors = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return tuple(floors)


def minutes_by_phase(minutes: int, scope: str) -> dict[str, int]:
    """Minutes of each phase for a booked length (whole minutes) and scope (`focus` or `full_body`).

    60, 75 and 90 come from the table; any other length scales the longest tabled one not above it (60 if shorter).
    """
    table = ALLOCATION[scope]
    base = max((length for length in table if length <= minutes), default=min(table))
    return dict(zip(PHASE_ORDER, shares(minutes, table[base]), strict=True))


def expand(names: Iterable[str]) -> frozenset[str]:
    """Region slugs with group words (`legs`, `arms`, `neck`) opened up; `all` and unknown words stay as they are."""
    return frozenset(slug for name in names for slug in GROUPS.get(name, (name,)))
