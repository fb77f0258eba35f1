"""A screening result in words for the client: what is done differently and why, one entry for each rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from unknot.intake.domain.guide_rules import guide_rules
from unknot.intake.domain.rulebook import UnknownRulesVersionError
from unknot.intake.domain.screening import LEVEL
from unknot.intake.domain.screening_result import Outcome, Precaution, ScreeningResult
from unknot.intake.domain.screening_rules import screening_rules


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What one rule asks for. `asked` is the question it came from, `doing` the consequences, `why` the reason (may be
    empty), `holds` whether it keeps the visit from being booked, `talk` whether the therapist talks with the client."""

    rule: str
    asked: str
    doing: tuple[str, ...]
    why: str
    source: str
    confidence: str
    holds: bool
    talk: bool


def adaptations(result: ScreeningResult) -> tuple[Adaptation, ...]:
    """The result's precautions by rule, strictest rule first, in the words they were stored with."""
    by_rule: dict[str, list[Precaution]] = {}
    for item in result.precautions:
        by_rule.setdefault(item.rule, []).append(item)
    return tuple(_adaptation(items, result.rules_version) for items in by_rule.values())


def question_words(question: str, *, guide_version: str = "", screening_version: str = "") -> str:
    """The question as it was asked under these rule versions (the newest, if empty); "" if it is not known any more."""
    try:
        signal = guide_rules(guide_version or None).signals.get(question)
        rules = screening_rules(screening_version or None)
    except UnknownRulesVersionError:
        return ""
    if signal is not None:
        return signal.ask
    if question in rules.rows:
        return rules.rows[question].ask
    follow_ups = (follow for row in rules.rows.values() for follow in row.follow_ups)
    return next((follow.ask for follow in follow_ups if follow.id == question), "")


def _adaptation(items: Sequence[Precaution], version: str) -> Adaptation:
    texts = list(dict.fromkeys(item.text for item in items))
    why = _why(items[0].rule, version)
    if why and all(text.endswith(why) for text in texts):
        texts = [text.removesuffix(why).strip() for text in texts]
    else:
        why = ""
    return Adaptation(
        rule=items[0].rule,
        asked=question_words(items[0].rule, screening_version=version),
        doing=tuple(text for text in texts if text),
        why=why,
        source=items[0].source,
        confidence=items[0].confidence,
        holds=any(LEVEL[item.effect].holds_booking for item in items),
        talk=any(LEVEL[item.effect] is Outcome.REVIEW for item in items),
    )


def _why(rule: str, version: str) -> str:
    try:
        row = screening_rules(version).rows.get(rule)
    except UnknownRulesVersionError:
        return ""
    return row.why if row else ""
