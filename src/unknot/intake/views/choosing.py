"""The therapist says which style was really given; and how often lean and choice agree."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods

from unknot.intake import actions, domain, queries
from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import NotFoundError
from unknot.web.access import PracticeRequest, page

LEANS = domain.STYLES | {
    "": "No guide",
    "undecided": "No lean, decide together",
    "not_now_refer": "Not now, refer first",
}


@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def style(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Which style was given at a visit of one's own. A refusal keeps what was typed."""
    visit = import_string(settings.UNKNOT_VISIT_FINDER)(visit_id, by=request.actor)
    if visit.client_id is None or visit.therapist_id != request.actor.therapist_id:
        raise NotFoundError
    back = f"/p/{request.practice.slug}/desk/visits/{visit_id}/"
    intake_id = queries.intake_for_visit(visit.client_id, visit.intake_id, until=visit.ends_at)
    before = queries.choice_of(visit_id)
    typed = {"choice": before.choice if before else "", "reason": before.reason if before else ""}
    fault: domain.ChoiceError | None = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("choice", "reason")}
        try:
            actions.record_choice(
                by=request.actor,
                appointment_id=visit_id,
                client_id=visit.client_id,
                intake_id=intake_id,
                now=timezone.now(),
                **typed,
            )
            messages.success(request, "Kept beside the guide’s lean.")
            return redirect(back)
        except domain.ChoiceError as error:
            fault = error
    found = queries.intake_of(intake_id, by=request.actor) if intake_id else None
    guide: dict[str, Any] = (found.guide if found else None) or {}
    context = {
        "lean": LEANS.get(guide.get("lean", ""), ""),
        "note": guide.get("note_for_therapist", ""),
        "choices": [{"value": value, "label": words} for value, words in domain.STYLES.items()],
        "typed": typed,
        "fault": fault,
        "most": domain.MOST_STYLE_REASON,
        "errors": [{"target": f"id_{fault.field}", "text": fault.message}] if fault else [],
        "back": back,
    }
    return render(request, "intake/style.html", context, status=422 if fault else 200)


@require_GET
@page(THERAPIST)
def styles(request: PracticeRequest) -> HttpResponse:
    """Lean against choice, counted: how often the guide and the therapists agree, nothing about who was right."""
    rows = queries.lean_and_choice(by=request.actor)
    shown = [(LEANS.get(lean, lean), domain.STYLES[choice], n, lean == choice) for lean, choice, n in rows]
    with_lean = sum(n for lean, _, n in rows if lean in domain.STYLES)
    same = sum(n for lean, choice, n in rows if lean == choice)
    return render(request, "intake/styles.html", {"rows": shown, "with_lean": with_lean, "same": same})
