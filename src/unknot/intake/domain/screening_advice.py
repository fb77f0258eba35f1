"""What to do instead of, or before, a massage: the words that go with a screening outcome."""

from collections.abc import Sequence

from unknot.intake.domain.regions import UNSPECIFIED
from unknot.intake.domain.screening_result import Advice, Outcome, Precaution
from unknot.intake.domain.screening_rules import ScreeningRules

# Which advice an effect brings, in the order in which advice is shown.
KINDS: tuple[tuple[str, str], ...] = (
    ("emergency", "emergency"),
    ("crisis", "crisis"),
    ("urgent", "urgent"),
    ("md_first", "see_doctor"),
    ("clear", "get_clearance"),
    ("not_today", "not_today"),
    ("review", "talk_first"),
)


def advice_for(found: Sequence[Precaution], outcome: Outcome, rules: ScreeningRules) -> tuple[Advice, ...]:
    """Advice for these precautions, most pressing first. In an emergency only what matters now is said."""
    advice: list[Advice] = []
    for effect, kind in KINDS:
        asked_for = [item.rule for item in found if item.effect == effect]
        if effect == "crisis":
            # Whoever is not sure, or would rather not say, gets the number too; it costs nothing to show it.
            asked_for = [item.rule for item in found if rules.rows[item.rule].can("crisis")]
        _add(advice, kind, asked_for, rules)
        if effect == "emergency":
            # Rows where "not sure" counted as yes say how to check, right after the call to act.
            advice.extend(_checks(found, rules))
    if outcome is Outcome.EMERGENCY:
        return tuple(item for item in advice if item.kind in ("emergency", "how_to_check", "crisis"))
    unsure = [
        item.rule for item in found if item.detail == "not_sure" and rules.rows[item.rule].can("emergency", "urgent")
    ]
    _add(advice, "if_happening", unsure, rules)
    _add(advice, "suggest_doctor", [item.rule for item in found if item.detail == "suggest_doctor"], rules)
    _add(advice, "show_place", [item.rule for item in found if item.region == UNSPECIFIED], rules)
    return tuple(advice)


def _add(advice: list[Advice], kind: str, from_rules: Sequence[str], rules: ScreeningRules) -> None:
    if from_rules:
        words = rules.advice[kind]
        advice.append(Advice(kind, words.text, words.call, tuple(sorted(set(from_rules))), words.confidence))


def _checks(found: Sequence[Precaution], rules: ScreeningRules) -> list[Advice]:
    rows = [rules.rows[item.rule] for item in found if item.effect == "emergency" and item.detail == "not_sure"]
    words = rules.advice["how_to_check"]
    return [Advice("how_to_check", f"{words.text} {row.check}", None, (row.id,), words.confidence) for row in rows]
