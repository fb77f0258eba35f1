"""A practice's own version of the screening rules: released rows, adjusted by its clinician, never below an emergency.

The released file stays as it is; a practice's version is that file with adjustments over it, named `2026.1+3`. Rows
that are or can become an emergency may be made stricter, never looser, by anybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from unknot.intake.domain.screening import LEVEL, UnknownRuleError
from unknot.intake.domain.screening_result import Outcome
from unknot.intake.domain.screening_rules import Effect, Row, ScreeningRules, base_of, screening_rules
from unknot.kernel.errors import InvalidError, NotAllowedError

Hold = Literal["", "none", "review", "not_today", "md_first", "clear", "urgent"]
HOLDS: tuple[Hold, ...] = get_args(Hold)
MOST_DAYS = 365


class AdjustmentError(InvalidError):
    """This change of a rule is not filled in correctly. Nothing was changed; correct it and save again."""

    code = "adjustment"


class EmergencyNotLoosenedError(NotAllowedError):
    """A warning sign that can be an emergency is never made looser, by anybody. Nothing was changed."""

    code = "emergency-not-loosened"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One row changed. `hold` replaces what keeps the visit (`none`: nothing does, empty: as released), `cap` every
    pressure cap of the row (Walton 0-5; a row without one gets it for the whole body), `days` how long an answer
    stands. None and empty mean as released."""

    rule: str
    hold: Hold = ""
    cap: int | None = None
    days: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything differs from the released row."""
        return self != Adjustment(self.rule)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `read_adjustment` gives an equal value back."""
        return {"rule": self.rule, "hold": self.hold, "cap": self.cap, "days": self.days}


def read_adjustment(raw: Mapping[str, Any]) -> Adjustment:
    """Checks a change as it comes from a form or from storage. Raises `AdjustmentError` naming the field."""
    hold, cap, days = raw.get("hold", ""), raw.get("cap"), raw.get("days")
    if hold not in HOLDS:
        raise AdjustmentError("Choose one of the options shown.", field="hold")
    if cap is not None and (type(cap) is not int or not 0 <= cap <= 5):
        raise AdjustmentError("A pressure limit is a level from 0 to 5.", field="cap")
    if days is not None and (type(days) is not int or not 1 <= days <= MOST_DAYS):
        raise AdjustmentError(f"An answer stands for 1 to {MOST_DAYS} days.", field="days")
    return Adjustment(str(raw.get("rule", "")), hold, cap, days)


def is_protected(row: Row) -> bool:
    """Whether a row is, or can become, an emergency or a crisis: made stricter only."""
    return not row.overridable or row.can("emergency", "crisis")


def check_adjustment(change: Adjustment) -> None:
    """Raises `UnknownRuleError`, or `EmergencyNotLoosenedError` for a protected row that would become looser."""
    row = screening_rules().rows.get(change.rule)
    if row is None:
        raise UnknownRuleError(f"There is no screening rule {change.rule[:40]!r}.", field="rule")
    if not is_protected(row):
        return
    looser = change.hold != "" and LEVEL_OF_HOLD[change.hold].severity < strictest(row).severity
    caps = [effect.n for effect in row.effects if effect.n is not None]
    looser = looser or (change.cap is not None and bool(caps) and change.cap > min(caps))
    if looser or (change.days is not None and change.days > row.days):
        raise EmergencyNotLoosenedError(extra={"rule": row.id})


def strictest(row: Row) -> Outcome:
    """The strictest outcome of a row answered yes, without its follow-ups."""
    levels = [LEVEL[effect.do] for effect in row.effects if not effect.if_any]
    return max(levels, key=lambda level: level.severity, default=Outcome.CLEAR)


LEVEL_OF_HOLD: dict[str, Outcome] = {"none": Outcome.CLEAR} | {
    hold: LEVEL[hold] for hold in HOLDS if hold not in ("", "none")
}


def adjusted(changes: Iterable[Adjustment], *, number: int, base: str | None = None) -> ScreeningRules:
    """A practice's version `number` of the released rules `base` (the newest, if None): `2026.1+3`.

    Changes of rows that the base does not know are left out; protected rows are never made looser, whatever is stored.
    Raises `UnknownRulesVersionError`.
    """
    rules = screening_rules(base)
    rows = dict(rules.rows)
    for change in changes:
        if change.rule in rows:
            rows[change.rule] = _row(rows[change.rule], change)
    holding = {row.id for row in rows.values() if strictest(row).severity >= Outcome.REVIEW.severity}
    groups = tuple(replace(one, later=tuple(row for row in one.later if row not in holding)) for one in rules.groups)
    return replace(rules, version=f"{base_of(rules.version)}+{number}", rows=rows, groups=groups)


def _row(row: Row, change: Adjustment) -> Row:
    protected = is_protected(row)
    effects = list(row.effects)
    if change.hold and not (protected and LEVEL_OF_HOLD[change.hold].severity < strictest(row).severity):
        effects = [one for one in effects if one.if_any or LEVEL[one.do].severity < Outcome.REVIEW.severity]
        effects += [_effect(change.hold)] if change.hold != "none" else []
        if protected:  # what was there stays as well: a stricter hold is added, nothing is taken away
            effects += [one for one in row.effects if one not in effects]
    if change.cap is not None:
        caps = [one for one in effects if one.do == "cap"]
        level = min([change.cap, *(one.n for one in caps if one.n is not None)]) if protected else change.cap
        effects = [replace(one, n=level) if one in caps else one for one in effects]
        if not caps:
            effects.append(_effect("cap", n=change.cap, where="all"))
    days = row.days if change.days is None else min(row.days, change.days) if protected else change.days
    return replace(row, effects=tuple(effects), days=days, source=f"{row.source}; adjusted by this practice")


def _effect(do: Any, *, n: int | None = None, where: str = "") -> Effect:
    return Effect(do, n, (), where, "", "", (), "P", "")
