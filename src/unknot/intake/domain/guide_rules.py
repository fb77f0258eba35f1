"""The guide's signals and words as typed values, read from `data/guide-<version>.toml` (clinical reference, 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from unknot.intake.domain.regions import region_named
from unknot.intake.domain.rulebook import UnknownRulesVersionError, read_mark, rule_files

Lean = Literal["therapeutic", "deep", "combine", "lighter_only", "not_now_refer", "undecided"]
LEANS: tuple[Lean, ...] = get_args(Lean)


@dataclass(frozen=True, slots=True)
class Signal:
    """One guide question. `weight` is exact (half points): positive toward deep work, negative toward lighter."""

    id: str
    ask: str
    theme: str
    weight: Decimal
    cap: int | None
    basis: str
    confidence: str
    source: str
    text: str
    hint: str
    hint_regions: tuple[str, ...]


@dataclass(frozen=True)
class GuideRules:
    """One released rule set: signals, thresholds and the words for each lean."""

    version: str
    deep_at: Decimal
    lighter_at: Decimal
    lighter_only_cap: int
    most_reasons: int
    most_against: int
    contradictions: tuple[tuple[str, str], ...]
    signals: Mapping[str, Signal]
    titles: Mapping[Lean, str]
    why_wrong: Mapping[Lean, str]


def guide_rules(version: str | None = None) -> GuideRules:
    """The rule set of one version, or the newest. Raises `UnknownRulesVersionError`."""
    if version is None:
        return _RULES[GUIDE_VERSION]
    if version not in _RULES:
        raise UnknownRulesVersionError("guide", version, tuple(_RULES))
    return _RULES[version]


def _read_signal(raw: Mapping[str, Any]) -> Signal:
    weight = Decimal(raw["weight"])
    if (weight * 2) % 1:
        raise ValueError(f"{raw['id']}: weights come in half points")
    return Signal(
        id=raw["id"],
        ask=raw["ask"],
        theme=raw["theme"],
        weight=weight,
        cap=raw.get("cap"),
        basis=raw["basis"],
        confidence=read_mark(raw["confidence"], raw["id"]),
        source=raw["source"],
        text=raw["text"],
        hint=raw.get("hint", ""),
        hint_regions=tuple(region_named(slug).slug for slug in raw.get("hint_regions", ())),
    )


def _read_rules(raw: Mapping[str, Any]) -> GuideRules:
    signals = [_read_signal(item) for item in raw["signal"]]
    by_id = {signal.id: signal for signal in signals}
    pairs = tuple((first, second) for first, second in raw["contradictions"])
    if len(by_id) != len(signals) or not {question for pair in pairs for question in pair} <= set(by_id):
        raise ValueError("guide: a signal is named twice, or a contradiction names an unknown one")
    return GuideRules(
        version=raw["version"],
        deep_at=Decimal(raw["deep_at"]),
        lighter_at=Decimal(raw["lighter_at"]),
        lighter_only_cap=raw["lighter_only_cap"],
        most_reasons=raw["most_reasons"],
        most_against=raw["most_against"],
        contradictions=pairs,
        signals=by_id,
        titles={lean: raw["lean"][lean]["title"] for lean in LEANS},
        why_wrong={lean: raw["lean"][lean]["why_wrong"] for lean in LEANS},
    )


_RULES: dict[str, GuideRules] = {version: _read_rules(raw) for version, raw in rule_files("guide").items()}
GUIDE_VERSIONS: tuple[str, ...] = tuple(_RULES)
GUIDE_VERSION: str = GUIDE_VERSIONS[-1]
"""The newest released version, used for new answers."""
