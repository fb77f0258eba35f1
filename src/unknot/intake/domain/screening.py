"""The safety screening: answers in, graded outcome and precautions out (clinical reference, section 3).

The strictest effect wins; caps take the minimum; avoiding beats a cap. "Not sure" and "prefer not to say" lead to a
talk with the therapist, except where the row says that not sure counts as yes (R01-R05). Emergencies are never relaxed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from unknot.intake.domain.answers import Answers, AnswerValue, Place
from unknot.intake.domain.contradictions import ASK, contradictions
from unknot.intake.domain.regions import (
    ALL,
    BY_SLUG,
    UNSPECIFIED,
    place_name,
    regions_in,
    with_adjacent,
    with_quarter,
)
from unknot.intake.domain.screening_advice import advice_for
from unknot.intake.domain.screening_result import Outcome, Precaution, Relaxation, ScreeningResult
from unknot.intake.domain.screening_rules import DEFAULT_DAYS, Effect, Row, ScreeningRules, screening_rules
from unknot.kernel.errors import InvalidError, NotAllowedError

LEVEL: dict[str, Outcome] = {
    "note": Outcome.CLEAR,
    "product": Outcome.ADAPT,
    "pos": Outcome.ADAPT,
    "tech_minus": Outcome.ADAPT,
    "cap": Outcome.ADAPT,
    "avoid": Outcome.ADAPT,
    "review": Outcome.REVIEW,
    "not_today": Outcome.NOT_TODAY,
    "clear": Outcome.DOCTOR_FIRST,
    "md_first": Outcome.DOCTOR_FIRST,
    "crisis": Outcome.URGENT,
    "urgent": Outcome.URGENT,
    "emergency": Outcome.EMERGENCY,
}

Target = tuple[str, str | None]
"""A region, group or `unspecified`, and the side if the client named one."""


class UnknownRuleError(InvalidError):
    """There is no screening rule with this id. Nothing was relaxed; take the id from the precaution."""

    code = "unknown-rule"


class EmergencyNotRelaxableError(NotAllowedError):
    """An emergency sign can't be set aside by anyone here. The answer stands; the client needs medical care first."""

    code = "emergency-not-relaxable"


def screen(
    answers: Answers,
    *,
    overrides: Sequence[Relaxation] = (),
    therapist_skills: Collection[str] = (),
    version: str | None = None,
    rules: ScreeningRules | None = None,
) -> ScreeningResult:
    """Screen the answers under the newest or the named released version, or under a practice's own `rules`.

    `overrides` are therapists' relaxations; those that may not apply are listed in `refused_overrides`, never obeyed.
    `therapist_skills` (such as `oncology`) stand in for a doctor's go-ahead where the row allows it.
    Raises `UnknownRulesVersionError`.
    """
    rules = rules or screening_rules(version)
    found: list[Precaution] = []
    relaxed: list[Relaxation] = []
    refused: set[str] = {item.rule for item in overrides if item.rule not in rules.rows}
    decisions = {item.rule: item for item in sorted(overrides, key=lambda item: item.at)}
    for row in rules.rows.values():
        precautions = _without_looser(_row_precautions(row, answers, rules, therapist_skills))
        decision = decisions.get(row.id)
        if decision is not None and _is_emergency(row, precautions):
            refused.add(row.id)
        elif decision is not None and precautions:
            precautions = list(_relaxed(precautions, decision, rules))
            relaxed.append(decision)
        found.extend(precautions)
    found.extend(_contradicted(answers, rules, settled={item.rule for item in relaxed}))
    return _summed_up(answers, rules, found, relaxed=relaxed, refused=refused)


def check_relaxation(
    answers: Answers, relaxation: Relaxation, *, version: str | None = None, rules: ScreeningRules | None = None
) -> None:
    """Refuse a relaxation that may not be recorded: `UnknownRuleError`, or `EmergencyNotRelaxableError` for rows that
    are never relaxed or that are an emergency with these answers."""
    rules = rules or screening_rules(version)
    row = rules.rows.get(relaxation.rule)
    if row is None:
        raise UnknownRuleError(f"There is no screening rule {relaxation.rule[:40]!r}.", field="rule")
    if _is_emergency(row, list(_row_precautions(row, answers, rules, ()))):
        raise EmergencyNotRelaxableError(extra={"rule": row.id})


def _contradicted(answers: Answers, rules: ScreeningRules, *, settled: AbstractSet[str]) -> Iterator[Precaution]:
    """A talk about answers that do not go together, unless a therapist has decided about one of them."""
    for one in contradictions(answers):
        row = next((rules.rows[row] for row in one.rows if row in rules.rows), None)
        if row is not None and settled.isdisjoint(one.rows):
            text = f"{one.text} {ASK}"
            yield Precaution(row.id, "review", ALL, None, None, "contradiction", text, "the answers themselves", "P")


def may_relax(answers: Answers, rule: str, *, rules: ScreeningRules | None = None) -> bool:
    """Whether a therapist could relax this rule with these answers, under the newest released rules or these."""
    rules = rules or screening_rules()
    row = rules.rows.get(rule)
    return row is not None and not _is_emergency(row, _row_precautions(row, answers, rules, ()))


def _without_looser(precautions: Iterable[Precaution]) -> list[Precaution]:
    """Drop caps of a row that a stricter cap of the same row on the same place makes idle."""
    kept = list(precautions)
    strictest: dict[str, int] = {}
    for item in kept:
        if item.pressure_cap is not None:
            strictest[item.region] = min(strictest.get(item.region, item.pressure_cap), item.pressure_cap)
    return [item for item in kept if item.pressure_cap is None or item.pressure_cap == strictest[item.region]]


def _is_emergency(row: Row, precautions: Iterable[Precaution]) -> bool:
    return not row.overridable or any(item.effect == "emergency" for item in precautions)


def _row_precautions(
    row: Row, answers: Answers, rules: ScreeningRules, skills: Collection[str]
) -> Iterator[Precaution]:
    value = answers.value(row.id)
    follow_ups = [(item, answers.value(item.id)) for item in row.follow_ups]
    implied = any(item.implies and given is AnswerValue.YES for item, given in follow_ups)
    unsure = [given for item, given in follow_ups if given and given.is_unknown and (item.implies or value == "yes")]
    if value is AnswerValue.YES or implied or (value is AnswerValue.NOT_SURE and row.not_sure_is_yes):
        for effect in row.effects:
            if effect.if_any and not any(answers.value(item) is AnswerValue.YES for item in effect.if_any):
                continue
            if effect.do == "clear" and set(effect.items) & set(skills):
                continue
            for item in _effect_precautions(row, effect, answers, rules):
                assumed = item.effect == "emergency" and value is AnswerValue.NOT_SURE
                yield replace(item, detail="not_sure") if assumed else item
    elif value is not None and value.is_unknown:
        unsure.append(value)
    if unsure:
        word = "not_sure" if AnswerValue.NOT_SURE in unsure else "prefer_not"
        text = f"{rules.words[word]} {row.why}"
        yield Precaution(row.id, "review", ALL, None, None, word, text, row.source, row.confidence)


def _effect_precautions(row: Row, effect: Effect, answers: Answers, rules: ScreeningRules) -> Iterator[Precaution]:
    details: tuple[str | None, ...] = effect.items or (effect.advise or None,)
    for place, laterality in _targets(row, effect, answers):
        for detail in details:
            text = f"{_what(effect, place, detail, rules)} {row.why}"
            yield Precaution(
                row.id, effect.do, place, laterality, effect.n, detail, text, row.source, effect.confidence
            )


def _what(effect: Effect, place: str, detail: str | None, rules: ScreeningRules) -> str:
    items = rules.item_words.get(effect.do)
    if items is not None and detail is not None:
        return items[detail]
    level = rules.levels[effect.n] if effect.n is not None else ""
    return rules.words[effect.do].format(n=effect.n, level=level, place=place_name(place))


def _targets(row: Row, effect: Effect, answers: Answers) -> list[Target]:
    """Where an effect applies: its fixed place, or what the client marked, as the data file explains."""
    if not effect.where.startswith("marked"):
        return [(effect.where or ALL, None)]
    answer = answers.get(row.id)
    places = _within(effect, answer.places if answer else ())
    if not places and effect.where != "marked_only":
        if effect.default:
            return [(effect.default, None)]
        places = _within(effect, answers.regions)
    if not places:
        return [(UNSPECIFIED, None)]
    marked = tuple(dict.fromkeys(place.region for place in places))
    sides = {slug: _side([place for place in places if place.region == slug]) for slug in marked}
    if effect.where == "marked_adjacent":
        return [(slug, sides.get(slug)) for slug in with_adjacent(marked)]
    if effect.where == "marked_quarter":
        return [(slug, sides.get(slug)) for slug in with_quarter(marked)]
    return [(slug, sides[slug]) for slug in marked]


def _within(effect: Effect, places: Iterable[Place]) -> tuple[Place, ...]:
    allowed = regions_in(effect.within or ALL)
    return tuple(place for place in places if place.region in allowed)


def _side(places: Sequence[Place]) -> str:
    return places[0].laterality if len(places) == 1 else "bilateral"


def _relaxed(precautions: Iterable[Precaution], decision: Relaxation, rules: ScreeningRules) -> Iterator[Precaution]:
    if decision.scope == "row":
        return
    for item in precautions:
        if LEVEL[item.effect].severity >= Outcome.REVIEW.severity:
            continue
        if item.effect == "cap" and decision.cap is not None:
            words = rules.words["cap"].format(
                n=decision.cap, level=rules.levels[decision.cap], place=place_name(item.region)
            )
            yield replace(item, pressure_cap=decision.cap, text=f"{words} Set by your therapist.", confidence="P")
        else:
            yield item


def outcome_of(precautions: Iterable[Precaution]) -> Outcome:
    """The strictest outcome that any precaution asks for; a place to avoid that nobody has shown needs a talk."""
    worst = Outcome.CLEAR
    for item in precautions:
        unknown_place = item.effect == "avoid" and item.region == UNSPECIFIED
        level = Outcome.REVIEW if unknown_place else LEVEL[item.effect]
        worst = max(worst, level, key=lambda outcome: outcome.severity)
    return worst


def _covered(place: str) -> tuple[str, ...]:
    # Until the client shows the place, a cap holds everywhere: nobody may press hard on it by accident.
    return tuple(BY_SLUG) if place == UNSPECIFIED else regions_in(place)


def _details(precautions: Iterable[Precaution], effect: str) -> tuple[str, ...]:
    return tuple(sorted({item.detail for item in precautions if item.effect == effect and item.detail}))


def _summed_up(
    answers: Answers,
    rules: ScreeningRules,
    found: list[Precaution],
    *,
    relaxed: Sequence[Relaxation],
    refused: Collection[str],
) -> ScreeningResult:
    caps: dict[str, int] = {}
    avoid: set[str] = set()
    for item in found:
        if item.effect == "cap" and item.pressure_cap is not None:
            for slug in _covered(item.region):
                caps[slug] = min(caps.get(slug, item.pressure_cap), item.pressure_cap)
        elif item.effect == "avoid" and item.region != UNSPECIFIED:
            avoid.update(regions_in(item.region))
    outcome = outcome_of(found)
    found.sort(key=lambda item: (-LEVEL[item.effect].severity, item.rule, item.effect, item.region, item.detail or ""))
    asked = [row for row in rules.rows.values() if answers.get(row.id)]
    return ScreeningResult(
        outcome=outcome,
        precautions=tuple(found),
        caps=tuple(sorted(caps.items())),
        avoid=tuple(sorted(avoid)),
        removed_techniques=_details(found, "tech_minus"),
        positions=_details(found, "pos"),
        products=_details(found, "product"),
        advice=advice_for(found, outcome, rules),
        safety_net="" if outcome.holds_booking else rules.safety_net,
        needs_skill=_details(found, "clear"),
        relaxed=tuple(relaxed),
        refused_overrides=tuple(sorted(refused)),
        not_asked=tuple(row.id for row in rules.rows.values() if row.can("emergency") and not answers.get(row.id)),
        contradictions=tuple(one.rows for one in contradictions(answers)),
        valid_for_days=min((row.days for row in asked), default=DEFAULT_DAYS),
        rules_version=rules.version,
    )
