"""Which massage may suit: an explained lean from the client's answers (clinical reference, section 2).

A lean is about fit and wishes, never about expected benefit: trials found no meaningful difference between deep and
lighter work. It never changes what can be booked; it writes a note for the therapist, who decides with the client.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from unknot.intake.domain.answers import Answers, AnswerValue
from unknot.intake.domain.guide_result import FocusHint, GuideResult, Reason
from unknot.intake.domain.guide_rules import GuideRules, Lean, Signal, guide_rules
from unknot.intake.domain.regions import SLUGS, region_named
from unknot.intake.domain.screening import LEVEL, screen
from unknot.intake.domain.screening_result import AVOID, UNCAPPED, Precaution, ScreeningResult, effective_cap


def lean(answers: Answers, *, screening: ScreeningResult | None = None, version: str | None = None) -> GuideResult:
    """Work out the lean under the newest or the named guide version.

    Pass the `screening` of the same answers if there is one (with the therapist's relaxations); without it, screening
    answers among `answers` are screened here, so a warning sign is never overlooked. Raises `UnknownRulesVersionError`.
    """
    rules = guide_rules(version)
    if screening is None and any(question not in rules.signals for question in answers):
        screening = screen(answers)
    asked = [rules.signals[question] for question in answers if question in rules.signals]
    used = [signal for signal in asked if answers.value(signal.id) is AnswerValue.YES]
    not_used = tuple(signal.id for signal in asked if _is_unknown(answers, signal))
    contradictions = tuple(pair for pair in rules.contradictions if set(pair) <= {signal.id for signal in used})
    score = sum((signal.weight for signal in used), Decimal(0))
    cap = _focus_cap(answers, used, screening)
    found = _decide(rules, score, cap, screening, known=len(asked) - len(not_used), asked=len(asked),
                    contradicts=bool(contradictions))  # fmt: skip
    reasons, against = _reasons(rules, found, used, score, screening, answers)
    return GuideResult(
        lean=found,
        title=rules.titles[found],
        score=score,
        pressure_cap=cap if cap < UNCAPPED else None,
        reasons=reasons,
        against=against,
        not_used=not_used,
        contradictions=contradictions,
        why_it_may_be_wrong=rules.why_wrong[found],
        focus_hints=tuple(FocusHint(item.id, item.hint_regions, item.hint) for item in used if item.hint),
        note_for_therapist=_note(rules, found, score, cap, used, not_used, contradictions, answers, screening),
        rules_version=rules.version,
        screening_version=screening.rules_version if screening else None,
    )


def _is_unknown(answers: Answers, signal: Signal) -> bool:
    value = answers.value(signal.id)
    return value is not None and value.is_unknown


def _focus(answers: Answers) -> tuple[str, ...]:
    """The complaint regions, or every region if none is named."""
    return tuple(dict.fromkeys(place.region for place in answers.regions)) or SLUGS


def _focus_cap(answers: Answers, used: Iterable[Signal], screening: ScreeningResult | None) -> int:
    """Highest level allowed on at least one focus region: one tender foot does not make a stiff back light-only."""
    screened = max(effective_cap(screening, region) for region in _focus(answers)) if screening else UNCAPPED
    return min([screened, *(signal.cap for signal in used if signal.cap is not None)])


def _decide(
    rules: GuideRules,
    score: Decimal,
    cap: int,
    screening: ScreeningResult | None,
    *,
    known: int,
    asked: int,
    contradicts: bool,
) -> Lean:
    if screening is not None and screening.outcome.holds_booking:
        return "not_now_refer"
    if cap <= rules.lighter_only_cap:
        return "lighter_only"
    if known == 0 or known * 2 < asked:
        return "undecided"
    if contradicts:
        return "combine"
    if score >= rules.deep_at:
        return "deep"
    return "therapeutic" if score <= rules.lighter_at else "combine"


def _signal_reason(signal: Signal) -> Reason:
    return Reason(signal.id, AnswerValue.YES.value, signal.text, signal.source, signal.confidence)


def _strongest(signals: Iterable[Signal]) -> list[Signal]:
    return sorted(signals, key=lambda signal: (-abs(signal.weight), signal.id))


def _reasons(
    rules: GuideRules,
    found: Lean,
    used: Sequence[Signal],
    score: Decimal,
    screening: ScreeningResult | None,
    answers: Answers,
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """At most three reasons for and one against, strongest first."""
    firmer = _strongest(signal for signal in used if signal.weight > 0)
    lighter = _strongest(signal for signal in used if signal.weight < 0)
    neutral = [signal for signal in used if not signal.weight]
    pro: list[Reason]
    con: list[Signal] = []
    if found == "not_now_refer":
        pro = _screening_reasons(answers, _holding(screening))
    elif found == "lighter_only":
        capped = [signal for signal in used if signal.cap is not None and signal.cap <= rules.lighter_only_cap]
        pro = _screening_reasons(answers, _capping(screening, rules.lighter_only_cap))
        pro += [_signal_reason(signal) for signal in capped]
        con = firmer
    elif found == "undecided":
        pro = []
    elif found == "combine":
        pro = [_signal_reason(signal) for signal in [*_strongest([*firmer, *lighter]), *neutral]]
    else:
        pro = [_signal_reason(signal) for signal in (firmer if found == "deep" else lighter)]
        con = lighter if found == "deep" else firmer
    against = tuple(_signal_reason(signal) for signal in con[: rules.most_against])
    return tuple(pro[: rules.most_reasons]), against


def _holding(screening: ScreeningResult | None) -> list[Precaution]:
    precautions = screening.precautions if screening else ()
    return [item for item in precautions if LEVEL[item.effect].holds_booking]


def _capping(screening: ScreeningResult | None, limit: int) -> list[Precaution]:
    precautions = screening.precautions if screening else ()
    limits = [
        item
        for item in precautions
        if item.effect == "avoid" or (item.pressure_cap is not None and item.pressure_cap <= limit)
    ]
    return sorted(limits, key=lambda item: AVOID if item.pressure_cap is None else item.pressure_cap)


def _screening_reasons(answers: Answers, precautions: Iterable[Precaution]) -> list[Reason]:
    by_rule: dict[str, Reason] = {}
    for item in precautions:
        value = answers.value(item.rule) or AnswerValue.YES
        by_rule.setdefault(item.rule, Reason(item.rule, value.value, item.text, item.source, item.confidence))
    return list(by_rule.values())


def _note(
    rules: GuideRules,
    found: Lean,
    score: Decimal,
    cap: int,
    used: Sequence[Signal],
    not_used: Sequence[str],
    contradictions: Sequence[tuple[str, str]],
    answers: Answers,
    screening: ScreeningResult | None,
) -> str:
    """Plain lines for the therapist: what the guide leaned to, on what, and what limits it."""
    lines = [f"Guide {rules.version}: {found.replace('_', ' ')} (score {score:+}). You decide with the client."]
    if used:
        lines.append("From: " + ", ".join(f"{signal.id} ({signal.weight:+})" for signal in used) + ".")
    if not_used:
        lines.append("Not known: " + ", ".join(not_used) + ".")
    if contradictions:
        pairs = ", ".join(f"{first} and {second}" for first, second in contradictions)
        lines.append(f"Answers that do not go together: {pairs}.")
    if cap < UNCAPPED:
        lines.append("Leave the focus area alone." if cap == AVOID else f"Pressure on the focus: level {cap} at most.")
    if screening is not None:
        rules_in_force = sorted({item.rule for item in screening.precautions})
        lines.append(f"Screening {screening.rules_version}: {screening.outcome.value.replace('_', ' ')}"
                     + (f" ({', '.join(rules_in_force)})." if rules_in_force else "."))  # fmt: skip
        for region in dict.fromkeys(place.region for place in answers.regions):
            limit = effective_cap(screening, region)
            if limit < cap:
                what = "leave alone" if limit == AVOID else f"level {limit} at most"
                lines.append(f"{region_named(region).name.capitalize()}: {what}.")
    return "\n".join(lines)
