"""The words of a session plan: what was asked, what limits hold, the segments, and the check that nothing breaks them.

Pressure is the Walton level 0-5, time is whole minutes. Source: clinical reference 4.2-4.3, C60 in 3b.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from unknot.kernel.errors import InvalidError

from .allocation import GROUPS, LIMITS, POSITION_RULES, REGIONS, expand
from .techniques import TECHNIQUES, TOOLS

STYLES = ("therapeutic", "deep", "combine", "lighter_only", "undecided")
REACTIONS = ("none", "fine", "sore_short", "sore_over_2_days", "bruised", "worse")
BAD_REACTIONS = frozenset({"sore_over_2_days", "bruised", "worse"})
MOST_LEVEL = 5
SIDES = ("left", "right", "bilateral", "midline")


class PlanRequestError(InvalidError):
    """This session can't be planned from what was given. Nothing was saved; correct the marked field."""

    code = "plan-request"


class NothingToPlanError(InvalidError):
    """The precautions leave no area to work on today. Nothing was planned; talk with the client first."""

    code = "nothing-to-plan"


class PlanRuleError(InvalidError):
    """This change would break a limit of the plan. The plan was kept as it was."""

    code = "plan-rule"


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a plan is made from.

    `minutes` is the booked length (30-120). `focus` are (region, side) pairs, most wanted first; none means the whole
    body. `caps` maps region, group word or `all` to the highest Walton level. `removed` holds technique and tool slugs
    or precaution words (`deep`, `end_range`, `strong_stretch`, `thrust`). `positions` are slugs of position rules;
    `consented` the sensitive regions with written consent for this visit; `last_reaction` one of `REACTIONS`.
    """

    minutes: int
    style: str = "undecided"
    focus: tuple[tuple[str, str], ...] = ()
    full_body: bool = False
    caps: Mapping[str, int] = field(default_factory=dict)
    avoid: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()
    consented: frozenset[str] = frozenset()
    first_visit: bool = False
    had_deep_without_trouble: bool = False
    deep_requested: bool = False
    last_level: int | None = None
    last_reaction: str = "none"
    reaction_regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the session. Region, technique, tool and levels are None where they are not the point."""

    key: str
    phase: str
    region: str | None
    laterality: str | None
    technique: str | None
    tool: str | None
    walton_min: int | None
    walton_max: int | None
    minutes: int
    position: str
    on_table: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments in order, lines for the therapist, and what they rest on (request and rules version)."""

    segments: tuple[Segment, ...]
    notes: tuple[str, ...]
    rules_version: str
    request: PlanRequest

    @property
    def minutes(self) -> int:
        """The sum over all segments; always the booked length."""
        return sum(segment.minutes for segment in self.segments)

    def segment(self, key: str) -> Segment:
        """The segment called `key`; raises PlanRuleError if there is none."""
        for segment in self.segments:
            if segment.key == key:
                return segment
        raise PlanRuleError("There is no such part in this plan. Reload the plan and try again.", field="segment")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request allows: highest level per region, closed regions with the reason, minutes of strong work."""

    caps: Mapping[str, int]
    closed: Mapping[str, str]
    removed: frozenset[str]
    forbidden_positions: frozenset[str]
    focal_minutes: int
    top_level: int

    def position(self, region: str) -> str | None:
        """The first position for a region that nothing rules out."""
        for position in REGIONS[region].positions:
            if position not in self.forbidden_positions:
                return position
        return None

    def is_open(self, region: str) -> bool:
        """True if work on this region is allowed today."""
        return region not in self.closed


def check_request(request: PlanRequest) -> None:
    """Refuse a request that names unknown regions, sides, styles, or a length outside 30-120 (PlanRequestError)."""
    if not LIMITS.shortest <= request.minutes <= LIMITS.longest:
        raise PlanRequestError(
            f"A plan covers {LIMITS.shortest} to {LIMITS.longest} minutes. Choose another length.", field="minutes"
        )
    if request.style not in STYLES:
        raise PlanRequestError("This style is not one that can be planned. Choose another.", field="style")
    if request.last_reaction not in REACTIONS:
        raise PlanRequestError("Unknown reaction to the last session. Choose one of the list.", field="last_reaction")
    for region, side in request.focus:
        if region not in REGIONS:
            raise PlanRequestError(f"Unknown region: {region}. Choose one of the list.", field="focus")
        if side not in SIDES or (side == "midline") == REGIONS[region].sided:
            raise PlanRequestError(f"The side given for {REGIONS[region].name} does not fit.", field="focus")
    for region in (*request.caps, *request.avoid):
        if region != "all" and region not in REGIONS and region not in GROUPS:
            raise PlanRequestError(f"Unknown region in a precaution: {region}. Check the precaution.", field="caps")
    if any(not 0 <= level <= 5 for level in request.caps.values()):
        raise PlanRequestError("Pressure limits run from 0 to 5. Check the precaution.", field="caps")


def _style_level(request: PlanRequest) -> int:
    """The highest level of focus work (4.3 rule 6, mapping of 1.3): 4 by style or on request, 5 only on request."""
    if request.style == "lighter_only":
        return LIMITS.first_visit_level
    wants_deep = request.deep_requested
    if request.first_visit:
        return 4 if wants_deep and request.had_deep_without_trouble else LIMITS.first_visit_level
    if request.style == "deep" and wants_deep and request.had_deep_without_trouble:
        return 5
    return 4 if wants_deep or request.style == "deep" else 3


def _caps(request: PlanRequest) -> dict[str, int]:
    caps = {slug: min(region.max_level, request.caps.get("all", 5)) for slug, region in REGIONS.items()}
    for name, level in request.caps.items():
        for slug in expand([name]) - {"all"}:
            caps[slug] = min(caps[slug], level)
    if request.last_reaction in BAD_REACTIONS:
        sore_cap = LIMITS.sore_cap
        if request.last_level is not None:
            sore_cap = min(sore_cap, max(1, request.last_level - 1))
        sore = expand(request.reaction_regions) or {region for region, _ in request.focus} or set(REGIONS)
        for slug in sore & set(REGIONS):
            caps[slug] = min(caps[slug], sore_cap)
    return caps


def bounds_of(request: PlanRequest) -> Bounds:
    """The limits that follow from a request: most restrictive wins, AVOID beats any cap."""
    avoid = set(REGIONS) if "all" in request.avoid else expand(request.avoid)
    consented = expand(request.consented)
    forbidden = frozenset(
        position for name in request.positions if name in POSITION_RULES for position in POSITION_RULES[name].forbids
    )
    closed: dict[str, str] = {}
    for slug, region in REGIONS.items():
        if slug in avoid:
            closed[slug] = "avoid"
        elif region.sensitive and slug not in consented:
            closed[slug] = "consent"
        elif forbidden.issuperset(region.positions):
            closed[slug] = "position"
    first_deep = not request.had_deep_without_trouble
    return Bounds(
        caps=_caps(request),
        closed=closed,
        removed=request.removed,
        forbidden_positions=forbidden,
        focal_minutes=LIMITS.focal_minutes_first if first_deep else LIMITS.focal_minutes_later,
        top_level=_style_level(request),
    )


def _segment_faults(segment: Segment, bounds: Bounds) -> str | None:
    if segment.minutes < 1:
        return "Every part needs at least one minute."
    if segment.region is not None:
        name = REGIONS[segment.region].name
        if not bounds.is_open(segment.region):
            return f"No work on {name} today."
        if segment.walton_max is not None and segment.walton_max > bounds.caps[segment.region]:
            return f"The limit for {name} is level {bounds.caps[segment.region]}."
        if segment.position in bounds.forbidden_positions:
            return "This position is ruled out today."
    if segment.walton_max is not None and segment.walton_max > bounds.top_level:
        return f"The highest level for this session is {bounds.top_level}."
    technique = TECHNIQUES.get(segment.technique) if segment.technique else None
    if technique and (technique.is_removed_by(bounds.removed) or segment.tool in bounds.removed):
        return f"Leave out {technique.name} today."
    if segment.tool and segment.walton_max is not None:
        low, high = TOOLS[segment.tool].walton
        if not low <= segment.walton_max <= high:
            return f"The {TOOLS[segment.tool].name} does not suit level {segment.walton_max}."
    return None


def check_plan(plan: Plan) -> None:
    """Raise PlanRuleError unless the plan keeps every rule: sum, caps, closed areas, techniques, strong minutes."""
    if plan.minutes != plan.request.minutes:
        raise PlanRuleError("The minutes no longer add up to the booked length. The plan was kept as it was.")
    bounds = bounds_of(plan.request)
    strong: Counter[str] = Counter()
    deepest = 0
    for segment in plan.segments:
        fault = _segment_faults(segment, bounds)
        if fault:
            raise PlanRuleError(f"{fault} The plan was kept as it was.", field=segment.key)
        if segment.region and (segment.walton_max or 0) >= 4:
            strong[segment.region] += segment.minutes
        if segment.walton_max == 5:
            deepest += segment.minutes
    over = [region for region, minutes in strong.items() if minutes > bounds.focal_minutes]
    if over:
        raise PlanRuleError(
            f"Strong work on {REGIONS[over[0]].name} would go past {bounds.focal_minutes} minutes. "
            "The plan was kept as it was; lower the pressure or choose another area."
        )
    if deepest > LIMITS.level_5_minutes:
        raise PlanRuleError(
            f"Level 5 would go past {LIMITS.level_5_minutes} minutes. The plan was kept as it was; lower the pressure."
        )
