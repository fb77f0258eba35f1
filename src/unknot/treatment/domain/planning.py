"""Make a session plan from a request: share out the minutes, choose regions, techniques and pressure."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .allocation import (
    FALLBACK_REGIONS,
    FULL_BODY_FOCUS,
    FULL_BODY_GENERAL,
    LIMITS,
    PHASE_ORDER,
    PLAN_RULES_VERSION,
    POSITION_RULES,
    REGIONS,
    TOO_BROAD_FOR_SMALL,
    Weighted,
    minutes_by_phase,
    shares,
)
from .plan import Bounds, NothingToPlanError, Plan, PlanRequest, Segment, bounds_of, check_plan, check_request
from .techniques import PHASES, TECHNIQUES, usable_tool

# The order in which a session moves through positions, so that the client turns as rarely as possible.
TURNING = ("prone", "side_lying", "supine", "semi_reclined", "seated")
RAMP_NOTE = "Start at level 2 and go up one level at a time while discomfort stays at 0-4 of 10 and breathing is easy."
FIRM_NOTE = "Level 4 is firm. It should feel strong but welcome, and the client can say softer at any time."
ASK_NOTE = 'Ask "same, softer, or firmer?" at each change of area or tool and at least every 10 minutes.'


@dataclass(frozen=True, slots=True)
class Choice:
    """A way of working that the limits allow: technique, tool and the range of pressure."""

    technique: str
    tool: str | None
    low: int | None
    high: int | None


def allowed_choice(technique: str, region: str, low: int, high: int, bounds: Bounds) -> Choice | None:
    """How `technique` can be done on `region` between Walton `low` and `high`; None if the limits leave no way."""
    row = TECHNIQUES[technique]
    if row.is_removed_by(bounds.removed):
        return None
    if row.walton is None:
        return Choice(technique, None, None, None)
    high = min(high, bounds.caps[region], bounds.top_level)
    if row.walton[0] > high:
        return None
    excluded = bounds.removed | (TOO_BROAD_FOR_SMALL if REGIONS[region].small else frozenset())
    for top in range(min(high, row.walton[1]), row.walton[0] - 1, -1):
        tool = usable_tool(row, top, excluded)
        if tool:
            return Choice(technique, tool, min(max(low, row.walton[0]), top), top)
    return None


def choose(phase: str, region: str, preferred: str | None, bounds: Bounds) -> Choice:
    """The first technique of a phase that the limits allow, the preferred one first. Raises NothingToPlanError."""
    low, high = PHASES[phase].walton or (0, 2)
    for slug in ((preferred,) if preferred else ()) + PHASES[phase].techniques:
        choice = allowed_choice(slug, region, low, high, bounds)
        if choice:
            return choice
    raise NothingToPlanError(
        "The precautions leave no technique for this session. Nothing was planned; talk with the client first."
    )


def _open_weights(weights: Weighted, bounds: Bounds) -> Weighted:
    kept = tuple((region, weight) for region, weight in weights if bounds.is_open(region))
    return kept or tuple((region, 1) for region in FALLBACK_REGIONS if bounds.is_open(region))[:3]


def _merge(rows: Iterator[tuple[str, int]]) -> Weighted:
    merged: dict[str, int] = {}
    for region, weight in rows:
        merged[region] = merged.get(region, 0) + weight
    return tuple(merged.items())


class _Builder:
    """Collects segments for one request; lives only inside `build_plan`."""

    def __init__(self, request: PlanRequest) -> None:
        self.request = request
        self.bounds = bounds_of(request)
        self.segments: list[Segment] = []
        self.notes: list[str] = []
        self.strong: dict[str, int] = {}
        self.sides = dict(request.focus)
        wanted = [region for region, _ in request.focus]
        self.focus = [region for region in wanted if self.bounds.is_open(region)]
        self.full_body = request.full_body or not self.focus
        if not self.focus:
            self.focus = [region for region in FULL_BODY_FOCUS if self.bounds.is_open(region)][:2]
        if not self.focus:
            self.focus = [region for region in REGIONS if self.bounds.is_open(region)][:1]
        if not self.focus:
            raise NothingToPlanError
        self.closed_wanted = [region for region in wanted if not self.bounds.is_open(region)]

    def side(self, region: str) -> str:
        if not REGIONS[region].sided:
            return "midline"
        if region in self.sides:
            return self.sides[region]
        asked = {side for side in self.sides.values() if side != "midline"}
        return asked.pop() if len(asked) == 1 and not self.full_body else "bilateral"

    def add(self, phase: str, minutes: int, region: str | None, choice: Choice | None, side: str | None = None) -> None:
        """Append one segment; zero minutes adds nothing."""
        if minutes < 1:
            return
        position = (self.bounds.position(region) if region else None) or "seated"
        self.segments.append(
            Segment(
                key=f"s{len(self.segments) + 1:02d}",
                phase=phase,
                region=region,
                laterality=side or (self.side(region) if region else None),
                technique=choice.technique if choice else None,
                tool=choice.tool if choice else None,
                walton_min=choice.low if choice else None,
                walton_max=choice.high if choice else None,
                minutes=minutes,
                position=position,
                on_table=PHASES[phase].on_table,
            )
        )

    def turn(self, region: str) -> int:
        return TURNING.index(self.bounds.position(region) or "seated")

    def general(self, minutes: int) -> None:
        rows = FULL_BODY_GENERAL if self.full_body else _merge(row for r in self.focus for row in REGIONS[r].wider)
        weights = _open_weights(rows, self.bounds)
        first_focus = self.turn(self.focus[0])
        parts = zip(weights, shares(minutes, [weight for _, weight in weights]), strict=True)
        for (region, _), part in sorted(parts, key=lambda p: (self.turn(p[0][0]) == first_focus, self.turn(p[0][0]))):
            side = "bilateral" if REGIONS[region].sided else "midline"
            self.add("general", part, region, choose("general", region, None, self.bounds), side)

    def focus_part(self, minutes: int) -> None:
        weights: dict[tuple[str, str], Fraction] = {}
        for region in self.focus:
            rows = [row for row in REGIONS[region].focus if self.bounds.is_open(row[0])]
            rows = rows or [(region, "compression", 1)]
            whole = sum(weight for *_, weight in rows)
            for name, technique, weight in rows:
                weights[name, technique] = weights.get((name, technique), Fraction(0)) + Fraction(weight, whole)
        # Slivers help nobody: keep as many items as can have two minutes each, heaviest first, in their order.
        most = sorted(weights, key=lambda item: -weights[item])[: max(1, minutes // 2)]
        items = sorted((item for item in weights if item in most), key=lambda item: self.turn(item[0]))
        for (region, technique), part in zip(items, shares(minutes, [weights[i] for i in items]), strict=True):
            self.focus_item(region, choose("focus", region, technique, self.bounds), part)

    def focus_item(self, region: str, choice: Choice, minutes: int) -> None:
        """One focus item; strong work stops at the limit of minutes per region, the rest goes on one level lower."""
        if (choice.high or 0) < 4:
            return self.add("focus", minutes, region, choice)
        left = self.bounds.focal_minutes - self.strong.get(region, 0)
        strong = min(minutes, left)
        softer = allowed_choice(choice.technique, region, choice.low or 3, 3, self.bounds)
        if minutes > strong:
            self.add("focus", minutes - strong, region, softer or choose("general", region, None, self.bounds))
        self.strong[region] = self.strong.get(region, 0) + strong
        deepest = 0
        if self.bounds.top_level == 5 and not any(s.walton_max == 5 for s in self.segments):
            five = allowed_choice(choice.technique, region, 4, 5, self.bounds)
            if five and five.high == 5:
                deepest = min(LIMITS.level_5_minutes, max(0, strong - 1))
                self.add("focus", strong - deepest, region, choice)
                return self.add("focus", deepest, region, five)
        return self.add("focus", strong, region, choice)

    def closing_notes(self) -> None:
        reasons = {
            "avoid": "No work on {}: a precaution closes this area today.",
            "consent": "No work on {} without written consent for this visit; ask before the session if it would help.",
            "position": "No work on {}: no suitable position today.",
        }
        near = [name for region in self.focus for name, *_ in REGIONS[region].focus]
        for region in dict.fromkeys(self.closed_wanted + near):
            if region in self.bounds.closed:
                self.notes.append(reasons[self.bounds.closed[region]].format(REGIONS[region].name))
        for region in dict.fromkeys(s.region for s in self.segments if s.region):
            if REGIONS[region].partly:
                self.notes.append(f"Talk about draping and agree before work on {REGIONS[region].name}.")
        for name in sorted(self.request.positions):
            self.notes.append(POSITION_RULES[name].text if name in POSITION_RULES else f"Position: {name}.")
        self.notes.append(RAMP_NOTE)
        if any((s.walton_max or 0) >= 4 for s in self.segments):
            self.notes.append(FIRM_NOTE)
        self.notes.append(ASK_NOTE)


def build_plan(request: PlanRequest) -> Plan:
    """A plan that sums exactly to the booked length and keeps every cap, closed area and removed technique.

    Raises PlanRequestError for a request that makes no sense, NothingToPlanError if the precautions leave nothing.
    """
    check_request(request)
    builder = _Builder(request)
    minutes = minutes_by_phase(request.minutes, "full_body" if builder.full_body else "focus")
    first = builder.focus[0]
    for phase in PHASE_ORDER:
        if phase == "general":
            builder.general(minutes[phase])
        elif phase == "focus":
            builder.focus_part(minutes[phase])
        elif not PHASES[phase].on_table:
            builder.add(phase, minutes[phase], None, None)
        elif phase == "reassess":
            builder.add(phase, minutes[phase], first, allowed_choice("movement_test", first, 0, 0, builder.bounds))
        else:
            builder.add(phase, minutes[phase], first, choose(phase, first, None, builder.bounds))
    builder.closing_notes()
    plan = Plan(tuple(builder.segments), tuple(builder.notes), PLAN_RULES_VERSION, request)
    check_plan(plan)
    return plan
