"""What intake says about a visit, in the plain values that plans and pages use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import domain

BLOOD_THINNER_RULE = "C12"


@dataclass(frozen=True)
class PrecautionLine:
    """One line for the therapist. `cap` is a Walton level, None where the line is not about pressure."""

    rule: str
    effect: str
    region: str
    cap: int | None
    text: str
    source: str


@dataclass(frozen=True)
class Limits:
    """The limits of a visit. `screened` False: there is no screening on file. `marked` is what the body map shows.

    `touch`: lines about how the client wishes to be touched; places they left out are in `avoid`. `held`: the outcome
    of the newest answers, if it asks to wait. `screened_at`, `valid_until`: when the answers were given, and from when
    on they have to be asked again.
    """

    screened: bool
    caps: dict[str, int]
    avoid: frozenset[str]
    removed: frozenset[str]
    positions: frozenset[str]
    products: tuple[str, ...]
    precautions: tuple[PrecautionLine, ...]
    lean: str
    guide_note: str
    marked: tuple[domain.MarkedRegion, ...]
    consented: frozenset[str]
    treatment_consent: bool
    touch: tuple[str, ...] = ()
    held: str = ""
    screened_at: datetime | None = None
    valid_until: datetime | None = None

    def must_ask_again(self, at: datetime) -> bool:
        """Whether answers that are good for a day, or longer, have run out by then. False where nobody was screened."""
        return self.screened and (self.valid_until is None or self.valid_until <= at)

    @property
    def on_blood_thinner(self) -> bool:
        """True if the screening row about blood thinners holds."""
        return any(line.rule == BLOOD_THINNER_RULE for line in self.precautions)


NOTHING_KNOWN = Limits(
    screened=False,
    caps={},
    avoid=frozenset(),
    removed=frozenset(),
    positions=frozenset(),
    products=(),
    precautions=(),
    lean="undecided",
    guide_note="",
    marked=(),
    consented=frozenset(),
    treatment_consent=False,
)


def limits_of(visit: VisitFacts, *, by: Actor) -> Limits:
    """The limits of a visit from the client's newest answers before its end, which carry on those it was booked on. For
    therapists; the reading of the intake is recorded by its room."""
    if visit.client_id is None:
        raise NotFoundError
    intake_id = intake.intake_for_visit(visit.client_id, visit.intake_id, until=visit.ends_at)
    wishes = intake.touch_wishes(visit.client_id, by=by)
    touch, off_limits = intake.wish_lines(wishes), frozenset(wishes.off_limits)
    given = [one for one in intake.consents(visit.client_id, visit.id) if one.in_force]
    consented = frozenset(region for one in given if one.scope == "sensitive" for region in one.regions)
    agreed = any(one.scope == "treatment" for one in given)
    if intake_id is None:
        return replace(
            NOTHING_KNOWN,
            avoid=off_limits,
            positions=frozenset(wishes.positions),
            consented=consented,
            treatment_consent=agreed,
            touch=touch,
        )
    found = intake.session_limits(intake_id, by=by)
    return Limits(
        screened=bool(found.outcome),
        caps=found.caps,
        avoid=frozenset(found.avoid) | off_limits,
        removed=frozenset(found.removed_techniques),
        positions=frozenset(found.positions) | frozenset(wishes.positions),
        products=found.products,
        precautions=_lines(found.precautions),
        lean=found.lean or "undecided",
        guide_note=found.guide_note,
        marked=marked_places(found.places),
        consented=consented,
        treatment_consent=agreed,
        touch=touch,
        held=found.outcome if found.outcome in intake.STOPS else "",
        screened_at=found.screened_at,
        valid_until=found.valid_until,
    )


def marked_places(places: Iterable[Mapping[str, Any]]) -> tuple[domain.MarkedRegion, ...]:
    """Places of an intake as this room's values. For this room only."""
    return tuple(_marked(place) for place in places)


def _marked(place: Mapping[str, Any]) -> domain.MarkedRegion:
    side = str(place.get("laterality") or "midline")
    return domain.MarkedRegion(str(place["region"]), side, place.get("intensity"), str(place.get("quality") or ""))


def _lines(rows: Iterable[Mapping[str, Any]]) -> tuple[PrecautionLine, ...]:
    """One line per rule and words: several effects of a rule say the same sentence."""
    found: dict[tuple[str, str], PrecautionLine] = {}
    for row in rows:
        line = PrecautionLine(
            str(row["rule"]),
            str(row["effect"]),
            str(row["region"]),
            row.get("pressure_cap"),
            str(row["text"]),
            str(row["source"]),
        )
        before = found.setdefault((line.rule, line.text), line)
        if line.cap is not None and (before.cap is None or line.cap < before.cap):
            found[line.rule, line.text] = line
    return tuple(found.values())
