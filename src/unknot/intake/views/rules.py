"""The practice's screening rules: every row with its source, and a change of one row with its reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from unknot.intake import actions, domain, queries
from unknot.intake.forms import rules as form
from unknot.intake.views.asking import posted_of
from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import UnknotError
from unknot.web.access import PracticeRequest, page


@require_GET
@page(THERAPIST)
def rules(request: PracticeRequest) -> HttpResponse:
    """All rows as they are in force, what this practice changed, and every version with author, reason and time."""
    history = queries.rules_history(by=request.actor)
    in_force = queries.rules_in_force()
    changed = {one.rule for one in history[0].changes} if history else set()
    context = {
        "version": in_force.version,
        "groups": [
            (
                group.title,
                [(in_force.rows[one], form.row_words(in_force.rows[one]), one in changed) for one in group.rows],
            )
            for group in in_force.groups
        ],
        "history": [(one, _change_words(one)) for one in history],
    }
    return render(request, "intake/rules.html", context)


@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def rule(request: PracticeRequest, rule: str) -> HttpResponse:
    """One row: as released, as it is in force, and a form to change it. A refusal keeps what was typed."""
    released = domain.screening_rules().rows.get(rule)
    if released is None:
        raise Http404
    history = queries.rules_history(by=request.actor)
    number = history[0].number if history else 0
    now_changed = next((one for one in (history[0].changes if history else ()) if one.rule == rule), None)
    typed: dict[str, Any] = form.typed_of(now_changed)
    fault: UnknotError | None = None
    if request.method == "POST":
        typed = form.read_change(posted_of(request.POST), rule)
        try:
            change, upon = form.change_of(typed), form.upon_of(typed)
            made = actions.adjust_rule(
                by=request.actor, change=change, reason=typed["reason"], upon=upon, now=timezone.now()
            )
            messages.success(request, f"Kept as version {made.version}. Answers given from now on follow it.")
            return redirect("intake:rules", practice=request.practice.slug)
        except (domain.AdjustmentError, domain.EmergencyNotLoosenedError, actions.RulesMovedOnError) as error:
            fault = error
    context = {
        "row": released,
        "as_released": form.row_words(released),
        "in_force": form.row_words(queries.rules_in_force().rows[rule]),
        "protected": domain.is_protected(released),
        "holds": list(form.HOLD_WORDS.items()),
        "levels": [str(level) for level in range(6)],
        "most_days": domain.MOST_DAYS,
        "number": number,
        "typed": typed,
        "fault": fault,
        "errors": [{"target": f"id_{getattr(fault, 'field', None) or 'hold'}", "text": fault.message}] if fault else [],
        "versions": [one for one in history if one.rule == rule],
    }
    return render(request, "intake/rule.html", context, status=422 if fault else 200)


def _change_words(one: queries.VersionFacts) -> str:
    change = next((found for found in one.changes if found.rule == one.rule), None)
    if change is None:
        return "back to the released rule"
    words = [form.HOLD_WORDS[change.hold].lower()] if change.hold else []
    words += [f"level {change.cap} at most"] if change.cap is not None else []
    words += [f"asked again after {change.days} days"] if change.days is not None else []
    return ", ".join(words)
