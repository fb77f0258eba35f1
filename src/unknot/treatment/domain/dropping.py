"""A running session after a yes was taken back: places that are closed at once leave the plan, the booked time stays.

What was begun stays in the plan, because it is the record of what was done; the rest of the session goes around it.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from .allocation import expand
from .plan import Plan, PlanRuleError, Segment, check_plan
from .plan_edit import KEPT_PHASES


def dropped_regions(plan: Plan, *, consented: Iterable[str], off_limits: Iterable[str] = ()) -> frozenset[str]:
    """Regions closed since the plan was agreed: consented then and not `consented` now, or newly `off_limits`."""
    withdrawn = expand(plan.request.consented) - expand(consented)
    return frozenset(withdrawn | (expand(off_limits) - expand(plan.request.avoid)))


def without_regions(plan: Plan, dropped: Collection[str], *, begun: Collection[str]) -> Plan:
    """The plan without work on `dropped` regions. Parts whose keys are in `begun` stay as they are.

    The minutes of a part taken out go to gentle general work, else to the cool-down, else to the talk: never to
    stronger work, and the sum stays the booked length.
    """
    if not dropped:
        return plan
    request = replace(
        plan.request, consented=plan.request.consented - set(dropped), avoid=plan.request.avoid | set(dropped)
    )
    plan = replace(plan, request=request)
    for segment in plan.segments:
        if segment.region in dropped and segment.key not in begun:
            plan = _handed_on(plan, segment, dropped, begun)
    return plan


def _handed_on(plan: Plan, segment: Segment, dropped: Collection[str], begun: Collection[str]) -> Plan:
    """The plan with one part taken out and its minutes given to the first part to come that may have them."""
    rest = [one for one in plan.segments if one.key != segment.key]
    open_to_more = [one for one in rest if one.key not in begun and one.region not in dropped]
    for heir in sorted(open_to_more, key=_gentlest_first):
        longer = [replace(one, minutes=one.minutes + segment.minutes) if one is heir else one for one in rest]
        changed = replace(plan, segments=tuple(longer))
        if _keeps_rules(changed, dropped):
            return changed
    # Nothing else is left of the session: it simply gets shorter by this part.
    return replace(plan, segments=tuple(rest))


def _gentlest_first(segment: Segment) -> tuple[int, int]:
    order = {"general": 0, "warm_up": 1, "cool_down": 2}
    kept = 4 if segment.phase in KEPT_PHASES else 3
    return order.get(segment.phase, kept), segment.walton_max or 0


def _keeps_rules(plan: Plan, dropped: Collection[str]) -> bool:
    """Whether everything outside the dropped regions keeps every limit; what was begun inside is past mending."""
    to_come = [one for one in plan.segments if one.region not in dropped]
    minutes = sum(one.minutes for one in to_come)
    try:
        check_plan(replace(plan, segments=tuple(to_come), request=replace(plan.request, minutes=minutes)))
    except PlanRuleError:
        return False
    return True
