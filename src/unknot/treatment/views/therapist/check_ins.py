"""Check-ins that ask for a therapist."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from unknot.kernel.actors import THERAPIST
from unknot.kernel.zones import local
from unknot.treatment import actions, domain, queries
from unknot.treatment.views import words
from unknot.web.access import PracticeRequest, page


@page(THERAPIST)
def check_ins(request: PracticeRequest) -> HttpResponse:
    """The list, most urgent of one's own first."""
    found = queries.attention_list(by=request.actor, now=timezone.now())
    rows = [
        {
            "one": one,
            "kind": words.KINDS[one.kind],
            "mine": one.therapist_id == request.actor.therapist_id,
            "tone": words.LEVELS[one.result.level][0],
            "level": words.LEVELS[one.result.level][1],
            "answered": local(one.answered_at, request.practice.timezone),
            "symptoms": [domain.SYMPTOMS[name] for name in sorted(one.answers.new_symptoms)],
            "flags": [domain.FLAG_QUESTIONS[name] for name, said in one.answers.red_flags.items() if said != "no"],
            "bruise": one.answers.bruise != "none",
        }
        for one in found
        if one.result and one.answers and one.answered_at
    ]
    return render(request, "treatment/check_ins.html", {"rows": rows})


@require_POST
@page(THERAPIST, writes=240)
def seen(request: PracticeRequest, check_in_id: UUID) -> HttpResponse:
    """Marks one as seen."""
    actions.mark_seen(by=request.actor, check_in_id=check_in_id, now=timezone.now())
    messages.success(request, "Marked as seen.")
    return redirect("treatment:check_ins", practice=request.practice.slug)
