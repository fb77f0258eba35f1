"""What a screening says: outcome, precautions, limits per region, advice. Values that can be stored and printed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from unknot.intake.domain.regions import GROUPS, UnknownRegionError
from unknot.kernel.errors import InvalidError

AVOID = -1
"""Effective cap of a region that is left alone: below every Walton level, so `level <= cap` is never true."""
UNCAPPED = 5
"""Effective cap of a region that no rule limits: the top of the Walton scale."""

RelaxationScope = Literal["row", "hold"]


class StoredScreeningError(InvalidError):
    """This stored screening result cannot be read. Nothing was changed; screen the answers again."""

    code = "stored-screening"


class RelaxationError(InvalidError):
    """A relaxation needs a rule, a name, a reason and a time. Nothing was relaxed; complete it."""

    code = "relaxation"


class Outcome(StrEnum):
    """What follows from a screening, mildest first."""

    CLEAR = "clear"
    ADAPT = "adapt"
    REVIEW = "review"
    NOT_TODAY = "not_today"
    DOCTOR_FIRST = "doctor_first"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def severity(self) -> int:
        """0 (clear) to 6 (emergency)."""
        return tuple(Outcome).index(self)

    @property
    def holds_booking(self) -> bool:
        """Whether the affected need may not be booked as things stand (`not_today` and stricter)."""
        return self.severity >= Outcome.NOT_TODAY.severity


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A therapist's decision to relax one row, with name, reason and time (aware).

    Scope `row` sets the whole row aside. Scope `hold` lifts only what holds the visit (review, clearance, doctor
    first, not today, urgent) and keeps limits; with `cap` the row's pressure caps become that Walton level.
    """

    rule: str
    by: str
    reason: str
    at: datetime
    scope: RelaxationScope = "row"
    cap: int | None = None

    def __post_init__(self) -> None:
        for name in ("rule", "by", "reason"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip() or "\x00" in text or len(text) > 1000:
                raise RelaxationError(f"A relaxation needs a {name} in words (up to 1000 characters).", field=name)
        if not isinstance(self.at, datetime) or self.at.tzinfo is None:
            raise RelaxationError("A relaxation needs a time with its zone.", field="at")
        if self.scope not in ("row", "hold"):
            raise RelaxationError("The scope of a relaxation is row or hold.", field="scope")
        if self.cap is not None and (self.scope != "hold" or type(self.cap) is not int or not 0 <= self.cap <= 5):
            raise RelaxationError("A new cap is a level from 0 to 5 and goes with scope hold.", field="cap")


@dataclass(frozen=True, slots=True)
class Precaution:
    """One effect of one rule. `region` is a region or group slug, `all` or `unspecified`; `detail` the slug of a
    position, technique, product or skill; `pressure_cap` a Walton level for `cap` effects only."""

    rule: str
    effect: str
    region: str
    laterality: str | None
    pressure_cap: int | None
    detail: str | None
    text: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do instead: the kind, words, a number to call or text if there is one, and the rules behind it."""

    kind: str
    text: str
    call: str | None
    rules: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """The outcome of one screening.

    `caps` and `avoid` are worked out per region slug (groups and `all` unfolded, sides not distinguished: the careful
    reading). `valid_for_days` is the shortest validity of the rows asked. `not_asked` lists emergency rows that were
    not asked, so that nobody reads a partial screening as complete. `refused_overrides` names rules that stay in force
    although a relaxation was given. `contradictions`: ids that can't all be yes, and were.
    """

    outcome: Outcome
    precautions: tuple[Precaution, ...]
    caps: tuple[tuple[str, int], ...]
    avoid: tuple[str, ...]
    removed_techniques: tuple[str, ...]
    positions: tuple[str, ...]
    products: tuple[str, ...]
    advice: tuple[Advice, ...]
    safety_net: str
    needs_skill: tuple[str, ...]
    relaxed: tuple[Relaxation, ...]
    refused_overrides: tuple[str, ...]
    not_asked: tuple[str, ...]
    valid_for_days: int
    rules_version: str
    contradictions: tuple[tuple[str, ...], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON form (times in ISO 8601); `from_dict` gives an equal result back."""
        found = asdict(self)
        found["outcome"] = self.outcome.value
        found["caps"] = dict(self.caps)
        found["relaxed"] = [{**asdict(item), "at": item.at.isoformat()} for item in self.relaxed]
        for key, value in found.items():
            if isinstance(value, tuple):
                found[key] = list(value)
        found["contradictions"] = [list(rows) for rows in self.contradictions]
        found["advice"] = [{**item, "rules": list(item["rules"])} for item in found["advice"]]
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "ScreeningResult":
        """Read what `to_dict` wrote. Raises `StoredScreeningError`."""
        try:
            facts = dict(stored)
            facts["outcome"] = Outcome(facts["outcome"])
            facts["precautions"] = tuple(Precaution(**item) for item in facts["precautions"])
            facts["caps"] = tuple(sorted(facts["caps"].items()))
            facts["advice"] = tuple(Advice(**{**item, "rules": tuple(item["rules"])}) for item in facts["advice"])
            facts["relaxed"] = tuple(
                Relaxation(**{**item, "at": datetime.fromisoformat(item["at"])}) for item in facts["relaxed"]
            )
            facts["contradictions"] = tuple(tuple(rows) for rows in facts.get("contradictions", ()))
            for key in ("avoid", "removed_techniques", "positions", "products", "needs_skill", "refused_overrides",
                        "not_asked"):  # fmt: skip
                facts[key] = tuple(facts[key])
            return cls(**facts)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise StoredScreeningError() from fault


def effective_cap(result: ScreeningResult, region: str) -> int:
    """Highest Walton level allowed on a region slug: 0-5, `UNCAPPED` (5) if nothing limits it, `AVOID` (-1) if it is to
    be left alone. For a group slug or `all` the strictest of its regions. Raises `UnknownRegionError`."""
    caps = dict(result.caps)
    if region in GROUPS:
        return min(AVOID if slug in result.avoid else caps.get(slug, UNCAPPED) for slug in GROUPS[region])
    if region not in GROUPS["all"]:
        raise UnknownRegionError(f"There is no body region called {region[:40]!r}.", field="region")
    return AVOID if region in result.avoid else caps.get(region, UNCAPPED)
