"""Writes of a practice's own version of the screening rules: each change is a new version, none is ever changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.intake import domain
from unknot.intake.models import RulesVersion
from unknot.intake.policies import can_adjust_rules
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError

MOST_REASON = 1000


class RulesMovedOnError(ConflictError):
    """A colleague changed the rules meanwhile. Nothing was changed; look at them as they are now, then save again."""

    code = "rules-moved-on"


def adjust_rule(
    *, by: Actor, change: Mapping[str, Any], reason: str, upon: int, now: datetime
) -> domain.ScreeningRules:
    """Changes one row of the practice's rules, upon version number `upon` (0: as released), and returns the new rules.

    A change that says nothing takes the row back to how it was released. Results worked out before keep the version
    they name. For therapists, else NotFoundError. Raises the domain's `AdjustmentError`, `UnknownRuleError` and
    `EmergencyNotLoosenedError`, and `RulesMovedOnError`.
    """
    if not can_adjust_rules(by) or by.practice_id is None or by.account_id is None:
        raise NotFoundError
    found = domain.read_adjustment(change)
    domain.check_adjustment(found)
    why = reason.strip()
    if not why or len(why) > MOST_REASON or "\x00" in why:
        words = f"A change needs a reason in words (up to {MOST_REASON} characters)."
        raise domain.AdjustmentError(words, field="reason")
    lock_all("rules", [by.practice_id])
    before = RulesVersion.objects.order_by("-number").first()
    if (before.number if before else 0) != upon:
        raise RulesMovedOnError
    kept = [one for one in (before.changes if before else []) if one["rule"] != found.rule]
    row = RulesVersion.objects.create(
        practice_id=by.practice_id,
        number=upon + 1,
        base=domain.SCREENING_VERSION,
        changes=[*kept, found.to_dict()] if found.says_something else kept,
        rule=found.rule,
        reason=why,
        by_id=by.account_id,
        at=now,
    )
    audit.record(
        by=by, verb="rules.adjusted", subject="rules", subject_id=row.pk, now=now, rule=found.rule, number=row.number
    )
    return domain.adjusted([domain.read_adjustment(one) for one in row.changes], number=row.number)
