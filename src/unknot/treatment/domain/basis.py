"""From what is known before a visit to the request for its plan, and what the last session left behind (C60).

Takes plain values of other rooms (slugs, levels). Source: clinical reference 1.3, 2.3, 3b (C60), 4.3 rule 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .allocation import GROUPS, LIMITS, REGIONS
from .checkin import THRESHOLDS, CheckInAnswers
from .plan import BAD_REACTIONS, PlanRequest

MOST_FOCUS = 4
LEAN_STYLES = {
    "therapeutic": "therapeutic",
    "deep": "deep",
    "combine": "combine",
    "lighter_only": "lighter_only",
    "not_now_refer": "lighter_only",  # booked all the same after a talk: the careful reading
}
FIRM_LEVEL = 4


@dataclass(frozen=True, slots=True)
class MarkedRegion:
    """A place the client marked: slug, side, how strong it is now (0-10, None if not rated), how it feels."""

    region: str
    laterality: str
    intensity: int | None = None
    quality: str = ""


@dataclass(frozen=True, slots=True)
class PastSession:
    """An earlier session of the client: highest Walton level done, where it was firmest, and the answers afterwards."""

    level: int | None
    regions: frozenset[str] = frozenset()
    answers: tuple[CheckInAnswers, ...] = ()
    rows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """Everything a plan rests on. `history` is oldest first; `service_kind` and `lean` are slugs."""

    minutes: int
    service_kind: str = ""
    lean: str = "undecided"
    marked: tuple[MarkedRegion, ...] = ()
    caps: Mapping[str, int] = field(default_factory=dict)
    avoid: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()
    consented: frozenset[str] = frozenset()
    history: tuple[PastSession, ...] = ()


def reaction_to(session: PastSession) -> str:
    """How the client was after a session, one of `plan.REACTIONS`; the worst of its check-ins decides."""
    if session.rows & {"pain_up", "pain_up_function", "nerves", "urgent", "emergency"}:
        return "worse"
    if session.rows & {"bruise", "bruise_small", "bruise_spreading"}:
        return "bruised"
    if sore_over_48h(session) or session.rows & {"sore_high", "sore_long", "stop_deep"}:
        return "sore_over_2_days"
    if not session.answers:
        return "none"
    return "sore_short" if any((a.soreness or 0) > 0 for a in session.answers) else "fine"


def sore_over_48h(session: PastSession) -> bool:
    """True if the client was still sore (3 or more of 10) more than 48 hours after a session."""
    return any(a.hours_after > 48 and (a.soreness or 0) >= THRESHOLDS["sore_again"] for a in session.answers)


def deep_stopped(history: Sequence[PastSession]) -> bool:
    """True after two sessions in a row with soreness over 48 hours: no deep work until it was talked about (3c)."""
    return len(history) > 1 and all(sore_over_48h(one) for one in history[-2:])


def focus_of(marked: Iterable[MarkedRegion]) -> tuple[tuple[str, str], ...]:
    """At most four (region, side) pairs, strongest first; left and right of one region become both sides."""
    strongest: dict[str, tuple[int, str]] = {}
    for one in marked:
        if one.region not in REGIONS:
            continue
        side = one.laterality if REGIONS[one.region].sided else "midline"
        if REGIONS[one.region].sided and side == "midline":
            side = "bilateral"
        before = strongest.get(one.region)
        both = before is not None and before[1] != side
        most = max(one.intensity or 0, before[0] if before else 0)
        strongest[one.region] = (most, "bilateral" if both else side)
    ordered = sorted(strongest, key=lambda slug: -strongest[slug][0])
    return tuple((slug, strongest[slug][1]) for slug in ordered[:MOST_FOCUS])


def request_for(basis: PlanBasis) -> PlanRequest:
    """The request for this visit's plan. Words of precautions that plans do not know are left out of the caps, never
    out of what therapists read. The booked length is kept within what a plan covers."""
    style = LEAN_STYLES.get(basis.lean, "undecided")
    deep = basis.service_kind == "deep_tissue"
    if basis.service_kind == "relaxation":
        style = "lighter_only"
    elif deep and style == "undecided":
        style = "deep"
    if deep_stopped(basis.history):
        style, deep = "lighter_only", False
    last = basis.history[-1] if basis.history else None
    known = set(REGIONS) | set(GROUPS) | {"all"}
    return PlanRequest(
        minutes=min(max(basis.minutes, LIMITS.shortest), LIMITS.longest),
        style=style,
        focus=focus_of(basis.marked),
        full_body=basis.service_kind == "relaxation",
        caps={name: min(max(level, 0), 5) for name, level in basis.caps.items() if name in known},
        avoid=frozenset(basis.avoid & known),
        removed=basis.removed,
        positions=basis.positions,
        consented=frozenset(basis.consented & known),
        first_visit=not basis.history,
        had_deep_without_trouble=_had_deep(basis.history),
        deep_requested=deep,
        last_level=last.level if last else None,
        last_reaction=reaction_to(last) if last else "none",
        reaction_regions=last.regions if last else frozenset(),
    )


def _had_deep(history: Sequence[PastSession]) -> bool:
    firm = [one for one in history if (one.level or 0) >= FIRM_LEVEL]
    return bool(firm) and not any(reaction_to(one) in BAD_REACTIONS for one in firm)


def stricter_in(now: PlanRequest, planned: PlanRequest) -> tuple[str, ...]:
    """What became stricter since a plan was made: `caps`, `avoid`, `removed`, `positions`, `consent`, `reaction`."""
    found = ["caps"] if any(level < planned.caps.get(name, 5) for name, level in now.caps.items()) else []
    sets = ("avoid", "removed", "positions")
    found += [name for name in sets if not getattr(now, name) <= getattr(planned, name)]
    if not planned.consented <= now.consented:
        found.append("consent")
    if now.last_reaction in BAD_REACTIONS and planned.last_reaction not in BAD_REACTIONS:
        found.append("reaction")
    return tuple(found)
