"""Plans, parts and check-ins in the words and shapes that the pages share."""

from collections.abc import Iterable
from typing import Any

from unknot.kernel.zones import local
from unknot.treatment import domain, queries

SIDES = {"left": "left", "right": "right", "bilateral": "both sides", "midline": ""}
POSITIONS = {
    "prone": "face down",
    "supine": "on the back",
    "side_lying": "on the side",
    "semi_reclined": "half sitting",
    "seated": "sitting",
}
PLAIN = {"not_tested": "", "limited_and_painful": "limited and painful"}
"""Words of a finding that are not plain as they are stored."""
KINDS = {"day_after": "the day after", "day_three": "three days after", "weekly": "this week"}
LEVELS = {
    domain.Level.REASSURE: ("good", "All fine"),
    domain.Level.WATCH: ("info", "Keep an eye on it"),
    domain.Level.THERAPIST_CONTACT: ("warn", "Contact within one working day"),
    domain.Level.REVIEW_SAME_DAY: ("warn", "Look at it today"),
    domain.Level.MD_FIRST: ("danger", "A doctor first"),
    domain.Level.URGENT: ("danger", "Medical assessment today"),
    domain.Level.EMERGENCY: ("emergency", "Emergency"),
}
REACTIONS = {
    "none": "No answer afterwards",
    "fine": "Fine afterwards",
    "sore_short": "A little sore, it passed",
    "sore_over_2_days": "Sore for more than two days",
    "bruised": "Bruised afterwards",
    "worse": "Worse afterwards",
}
OUTDATED = {
    "caps": "a lower pressure limit",
    "avoid": "an area to leave alone",
    "removed": "a technique to leave out",
    "positions": "a position to avoid",
    "consent": "a consent that was withdrawn",
    "reaction": "how the client was after the last visit",
}
HELD = {
    "not_today": "Not today",
    "doctor_first": "A doctor or nurse practitioner first",
    "urgent": "Medical assessment today",
    "emergency": "Emergency: call 911",
}
"""What the newest answers ask for, where they ask to wait."""
LEANS = {
    "therapeutic": "Therapeutic",
    "deep": "Deep tissue",
    "combine": "Combine, you decide",
    "lighter_only": "Lighter work only",
    "not_now_refer": "Not now, refer first",
    "undecided": "Undecided",
}


def body(marked: Iterable[domain.MarkedRegion]) -> dict[str, dict[str, Any]]:
    """Marked places for the body map, which knows left, right and the middle line only."""
    found: dict[str, dict[str, Any]] = {}
    for one in marked:
        if one.region not in domain.REGIONS:
            continue
        sided = domain.REGIONS[one.region].sided
        sides = (one.laterality,) if one.laterality in ("left", "right") else ("left", "right")
        for side in sides if sided else ("midline",):
            found[f"{one.region}:{side}"] = {"intensity": one.intensity, "note": one.quality}
    return found


def where(region: str | None, laterality: str | None) -> str:
    """`low back, left`; empty where the part is not about a region."""
    if region is None:
        return ""
    side = SIDES.get(laterality or "", "")
    name = domain.REGIONS[region].name
    return f"{name}, {side}" if side else name


def how(technique: str | None, tool: str | None) -> str:
    """`slow lengthwise strokes, forearm`; empty where there is none."""
    parts = [domain.TECHNIQUES[technique].name] if technique else []
    return ", ".join(parts + ([domain.TOOLS[tool].name] if tool else []))


def part_row(segment: domain.Segment, bounds: domain.Bounds) -> dict[str, Any]:
    """A part of a plan for `web/parts/segment_list.html`, with its limit in words where the area has its own."""
    cap = bounds.caps[segment.region] if segment.region else domain.MOST_LEVEL
    own = segment.region is not None and cap < min(domain.REGIONS[segment.region].max_level, bounds.top_level)
    return {
        "key": segment.key,
        "minutes": segment.minutes,
        "phase": domain.PHASES[segment.phase].name,
        "where": where(segment.region, segment.laterality),
        "how": how(segment.technique, segment.tool),
        "what": what(segment),
        "level": segment.walton_max,
        "position": POSITIONS.get(segment.position, segment.position),
        "cap": f"Level {cap} at most here" if own and segment.walton_max is not None else "",
        "state": "",
    }


def what(segment: domain.Segment) -> str:
    """Where, how and in which position, in one line."""
    position = POSITIONS.get(segment.position, segment.position) if segment.on_table else ""
    lines = [where(segment.region, segment.laterality), how(segment.technique, segment.tool), position]
    return "; ".join(line for line in lines if line) or domain.PHASES[segment.phase].purpose


def cap_of(segment: domain.Segment, bounds: domain.Bounds) -> int | None:
    """The highest level allowed in a part, None where pressure is not the point."""
    if segment.region is None or segment.walton_max is None:
        return None
    return min(bounds.caps[segment.region], bounds.top_level)


def clock_rows(clock: domain.SessionClock, plan: domain.Plan) -> list[dict[str, Any]]:
    """The plan on the clock, for `web/parts/segment_list.html`."""
    bounds = domain.bounds_of(plan.request)
    return [
        part_row(step.segment, bounds)
        | {"state": step.state, "from_seconds": step.from_seconds, "to_seconds": step.to_seconds}
        for step in clock.steps
    ]


def screen_parts(plan: domain.Plan) -> list[dict[str, Any]]:
    """The plan for the script of the session screen, which shows the parts by itself while there is no line."""
    bounds = domain.bounds_of(plan.request)
    found = []
    for segment in plan.segments:
        row, cap = part_row(segment, bounds), cap_of(segment, bounds)
        names = ("key", "minutes", "phase", "where", "how", "position", "level")
        found.append({name: row[name] for name in names} | {"cap_level": cap})
    return found


def done_rows(parts: Iterable[domain.SegmentDone]) -> list[dict[str, Any]]:
    """What was done, for `web/parts/segment_list.html`."""
    return [
        {
            "minutes": part.minutes,
            "phase": domain.PHASES[part.phase].name,
            "what": "; ".join(
                line for line in (where(part.region, part.laterality), how(part.technique, part.tool)) if line
            ),
            "level": part.walton,
            "cap": "",
            "state": "done",
        }
        for part in parts
        if part.minutes > 0
    ]


HOW = {
    "as_planned": "as planned",
    "longer": "longer",
    "shorter": "shorter",
    "left_out": "left out",
    "added": "not in the plan",
}


def compared_rows(plan: domain.Plan, done: Iterable[domain.SegmentDone]) -> list[dict[str, Any]]:
    """The plan beside what was done, in words."""
    return [
        {
            "what": f"{domain.PHASES[row.part.phase].name}"
            + (f": {where(row.part.region, row.part.laterality)}" if row.part.region else ""),
            "planned": row.planned,
            "done": row.done,
            "how": HOW[row.how],
            "level": f"level {row.done_level} instead of {row.planned_level}" if row.other_level else "",
            "level_done": "" if row.done_level is None else str(row.done_level),
            "differs": row.how != "as_planned" or row.other_level,
        }
        for row in domain.compared(plan, done)
    ]


def tap_rows(session: queries.SessionFacts, zone: str) -> list[dict[str, Any]]:
    """The signals of a session: when, which, how many seconds until it was adjusted, and what else is to be said."""
    waited = dict(session.comfort.adjust_seconds)
    return [
        {
            "at": local(tap.at, zone),
            "signal": tap.signal,
            "seconds": round(waited[str(tap.tap_id)]) if str(tap.tap_id) in waited else None,
            "spoken": tap.spoken,
            "late": tap.late,
        }
        for tap in session.taps
    ]


def motion_words(motion: domain.Motion) -> str:
    """`flexion, active: 40° before, 55° after`."""
    numbers = [(motion.before, "before"), (motion.after, "after")]
    measured = ", ".join(f"{value}° {when}" for value, when in numbers if value is not None)
    return f"{domain.MOVEMENTS[motion.movement]}, {motion.way}: {measured or 'not measured'}"


def minutes_seconds(seconds: int) -> str:
    """`8:46`, with a plus when time is overrun."""
    whole = abs(seconds)
    return f"{'+' if seconds < 0 else ''}{whole // 60}:{whole % 60:02d}"


def swaps(segment: domain.Segment, bounds: domain.Bounds) -> list[dict[str, str]]:
    """Techniques a part could be done with today, other than its own."""
    if segment.region is None:
        return []
    low, high = segment.walton_min or 0, 2 if segment.walton_max is None else segment.walton_max
    slugs = dict.fromkeys(domain.PHASES[segment.phase].techniques + domain.PHASES["focus"].techniques)
    return [
        {"value": slug, "label": domain.TECHNIQUES[slug].name}
        for slug in slugs
        if slug != segment.technique and domain.allowed_choice(slug, segment.region, low, high, bounds)
    ]
