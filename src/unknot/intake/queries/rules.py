"""Reads of a practice's own version of the screening rules."""

from dataclasses import dataclass
from datetime import datetime

from unknot.intake import domain
from unknot.intake.models import RulesVersion
from unknot.intake.policies import can_adjust_rules
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError


@dataclass(frozen=True)
class VersionFacts:
    """One version of a practice's rules: all its changes, which of them is new in it, who made it, why and when."""

    number: int
    version: str
    changes: tuple[domain.Adjustment, ...]
    rule: str
    reason: str
    by: str
    at: datetime


def rules_in_force() -> domain.ScreeningRules:
    """The rules under which answers are screened now in the practice in scope: the newest released ones, with its
    newest changes over them. One query."""
    row = RulesVersion.objects.order_by("-number").first()
    return _rules(row) if row is not None else domain.screening_rules()


def rules_of(version: str) -> domain.ScreeningRules:
    """The rules that a stored result names, so that it can be shown, and decided upon, as it was. At most one query.
    Raises the domain's `UnknownRulesVersionError`."""
    base, _, number = version.partition("+")
    row = RulesVersion.objects.filter(number=int(number)).first() if number.isdecimal() else None
    return _rules(row, base) if row is not None else domain.screening_rules(base)


def rules_history(*, by: Actor) -> list[VersionFacts]:
    """Every version of the practice's rules, newest first. For its therapists, else NotFoundError. One query."""
    if not can_adjust_rules(by):
        raise NotFoundError
    rows = RulesVersion.objects.select_related("by").order_by("-number")
    return [
        VersionFacts(
            row.number, f"{row.base}+{row.number}", _changes(row), row.rule, row.reason, row.by.name or "", row.at
        )
        for row in rows
    ]


def _changes(row: RulesVersion) -> tuple[domain.Adjustment, ...]:
    return tuple(domain.read_adjustment(one) for one in row.changes)


def _rules(row: RulesVersion, base: str | None = None) -> domain.ScreeningRules:
    return domain.adjusted(_changes(row), number=row.number, base=base)
