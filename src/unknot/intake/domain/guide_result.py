"""What the guide says: a lean with its reasons. A value that can be stored, printed and shown again years later."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from unknot.intake.domain.guide_rules import LEANS, Lean
from unknot.kernel.errors import InvalidError


class StoredGuideError(InvalidError):
    """This stored guide result cannot be read. Nothing was changed; ask the guide again."""

    code = "stored-guide"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the signal or screening rule, the answer it came from, words, source and confidence mark."""

    signal: str
    answer: str
    text: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class FocusHint:
    """Something in daily life that tells the therapist where to look; `regions` are slugs, possibly none."""

    signal: str
    regions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class GuideResult:
    """The lean and everything needed to explain it.

    `score` is exact, in half points (positive toward deep). `pressure_cap` is the highest Walton level for the focus
    (0-5; None if nothing limits it; -1 if the focus itself is to be left alone). The lean never changes what may be
    booked, unless it is `not_now_refer`, where the screening's advice comes first.
    """

    lean: Lean
    title: str
    score: Decimal
    pressure_cap: int | None
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    not_used: tuple[str, ...]
    contradictions: tuple[tuple[str, str], ...]
    why_it_may_be_wrong: str
    focus_hints: tuple[FocusHint, ...]
    note_for_therapist: str
    rules_version: str
    screening_version: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON form; the score is a number (half points are exact). `from_dict` gives an equal result back."""
        found = asdict(self)
        found["score"] = float(self.score)
        found["reasons"] = list(found["reasons"])
        found["against"] = list(found["against"])
        found["not_used"] = list(self.not_used)
        found["contradictions"] = [list(pair) for pair in self.contradictions]
        found["focus_hints"] = [{**item, "regions": list(item["regions"])} for item in found["focus_hints"]]
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "GuideResult":
        """Read what `to_dict` wrote. Raises `StoredGuideError`."""
        try:
            facts = dict(stored)
            if facts["lean"] not in LEANS:
                raise ValueError(facts["lean"])
            facts["score"] = Decimal(str(facts["score"]))
            facts["reasons"] = tuple(Reason(**item) for item in facts["reasons"])
            facts["against"] = tuple(Reason(**item) for item in facts["against"])
            facts["not_used"] = tuple(facts["not_used"])
            facts["contradictions"] = tuple((first, second) for first, second in facts["contradictions"])
            facts["focus_hints"] = tuple(
                FocusHint(item["signal"], tuple(item["regions"]), item["text"]) for item in facts["focus_hints"]
            )
            return cls(**facts)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
            raise StoredGuideError() from fault
