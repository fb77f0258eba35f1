"""Changing a plan by hand: pure operations that keep the booked length and never break a limit.

Every operation returns a new plan or raises PlanRuleError; the plan handed in is never touched.
"""

from collections.abc import Sequence
from dataclasses import replace

from .allocation import REGIONS
from .plan import Plan, PlanRuleError, Segment, bounds_of, check_plan
from .planning import allowed_choice, choose
from .techniques import PHASES

# Time that other parts may not live on: consent, comparison and the talk keep what they have.
KEPT_PHASES = frozenset({"consent", "reassess", "talk"})


def _with(plan: Plan, segments: Sequence[Segment]) -> Plan:
    changed = replace(plan, segments=tuple(segments))
    check_plan(changed)
    return changed


def _partners(plan: Plan, segment: Segment) -> list[Segment]:
    """Who gives or takes minutes: general work first (longest first), then the nearest neighbours."""
    at = plan.segments.index(segment)
    others = [(abs(i - at), s) for i, s in enumerate(plan.segments) if s.key != segment.key]
    open_to_change = [(distance, s) for distance, s in others if s.phase not in KEPT_PHASES]
    general = sorted((p for p in open_to_change if p[1].phase == "general"), key=lambda p: (-p[1].minutes, p[0]))
    rest = sorted((p for p in open_to_change if p[1].phase != "general"), key=lambda p: p[0])
    return [s for _, s in general + rest]


def _changeable(plan: Plan, key: str) -> Segment:
    segment = plan.segment(key)
    if segment.phase in KEPT_PHASES:
        name = PHASES[segment.phase].name
        raise PlanRuleError(f"{name} keeps its place and time. The plan was kept as it was.", field=key)
    return segment


def _give(plan: Plan, segment: Segment, minutes: int, keep: Sequence[Segment]) -> Plan:
    """Hand `minutes` to the first partner that may take them without breaking a limit."""
    for partner in _partners(plan, segment):
        longer = [replace(s, minutes=s.minutes + minutes) if s.key == partner.key else s for s in keep]
        try:
            return _with(plan, longer)
        except PlanRuleError:
            continue
    raise PlanRuleError("No other part may take these minutes. The plan was kept as it was.", field=segment.key)


def move_segment(plan: Plan, key: str, to: int) -> Plan:
    """Move a segment to index `to` of the whole list, after the warm-up and before the comparison of movement."""
    segment = _changeable(plan, key)
    if segment.phase in {"warm_up", "cool_down"}:
        raise PlanRuleError("Warm-up opens and cool-down closes the session. The plan was kept as it was.", field=key)
    others = [s for s in plan.segments if s.key != key]
    first = max((i for i, s in enumerate(others) if s.phase in {"consent", "warm_up"}), default=-1) + 1
    last = min((i for i, s in enumerate(others) if s.phase in {"reassess", "cool_down", "talk"}), default=len(others))
    if not first <= to <= last:
        raise PlanRuleError("There is no room for this part at that place. The plan was kept as it was.", field=key)
    return _with(plan, [*others[:to], segment, *others[to:]])


def lengthen(plan: Plan, key: str, minutes: int) -> Plan:
    """Make a segment longer by `minutes` (negative: shorter); the others give or take. Nobody falls below one minute.

    Minutes come from general work first, then from the nearest neighbours; they go to general work first.
    """
    segment = _changeable(plan, key)
    changed = [replace(s, minutes=s.minutes + minutes) if s.key == key else s for s in plan.segments]
    if minutes <= 0:
        return _give(plan, segment, -minutes, changed) if minutes else plan
    wanted = minutes
    taken: dict[str, int] = {}
    for partner in _partners(plan, segment):
        part = min(wanted, partner.minutes - 1)
        taken[partner.key] = part
        wanted -= part
    if wanted:
        raise PlanRuleError("The other parts have no more minutes to give. The plan was kept as it was.", field=key)
    return _with(plan, [replace(s, minutes=s.minutes - taken.get(s.key, 0)) for s in changed])


def swap_technique(plan: Plan, key: str, technique: str, tool: str | None = None) -> Plan:
    """Do a segment with another technique (and tool) within its pressure and today's limits.

    Raises PlanRuleError if the technique is left out today, does not fit the pressure, or belongs to another phase.
    """
    segment = _changeable(plan, key)
    if segment.region is None or technique not in PHASES[segment.phase].techniques + PHASES["focus"].techniques:
        raise PlanRuleError("This technique does not belong here. The plan was kept as it was.", field=key)
    bounds = bounds_of(plan.request)
    low, high = segment.walton_min or 0, 2 if segment.walton_max is None else segment.walton_max
    choice = allowed_choice(technique, segment.region, low, high, bounds)
    if choice is None:
        raise PlanRuleError("Today's limits leave this technique out. The plan was kept as it was.", field=key)
    swapped = replace(
        segment,
        technique=technique,
        tool=tool if tool and choice.tool else choice.tool,
        walton_min=choice.low,
        walton_max=choice.high,
    )
    return _with(plan, [swapped if s.key == key else s for s in plan.segments])


def set_pressure(plan: Plan, key: str, low: int, high: int) -> Plan:
    """Give a segment another Walton range within today's limits (else PlanRuleError); the tool follows."""
    segment = _changeable(plan, key)
    if segment.region is None or segment.technique is None or segment.walton_max is None or not 0 <= low <= high <= 5:
        raise PlanRuleError("This part has no such pressure. The plan was kept as it was.", field=key)
    bounds = bounds_of(plan.request)
    if high > min(bounds.caps[segment.region], bounds.top_level):
        name = REGIONS[segment.region].name
        raise PlanRuleError(f"That is above today's limit for {name}. The plan was kept as it was.", field=key)
    choice = allowed_choice(segment.technique, segment.region, low, high, bounds)
    choice = choice or choose("cool_down", segment.region, None, bounds)
    changed = replace(
        segment, technique=choice.technique, tool=choice.tool, walton_min=choice.low, walton_max=choice.high
    )
    return _with(plan, [changed if s.key == key else s for s in plan.segments])


def remove(plan: Plan, key: str) -> Plan:
    """Take a segment out; its minutes go to general work or a neighbour that may have them."""
    segment = _changeable(plan, key)
    return _give(plan, segment, segment.minutes, [s for s in plan.segments if s.key != key])
