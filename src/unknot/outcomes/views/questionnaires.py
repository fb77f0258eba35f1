"""Questionnaires that the practice brought: a client answers one; the owner brings them and answers for the licence."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.kernel.actors import OWNER
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.outcomes import actions, queries
from unknot.outcomes.domain import MEASURES, RULES
from unknot.outcomes.forms import BringForm, LicenceForm, QuestionnaireForm
from unknot.outcomes.views.client import after_questions, blame, own
from unknot.web.access import PracticeRequest, keep_for, page

LICENSED = [one for one in MEASURES.values() if not one.enabled]


@require_http_methods(["GET", "POST"])
@page("client")
def answer(request: PracticeRequest, questionnaire_id: UUID) -> HttpResponse:
    """One questionnaire, in its own words, while it is open."""
    now, client_id = timezone.now(), own(request)
    found = queries.round_for(client_id, by=request.actor, now=now)
    here = next((one for one in found.forms if one.id == questionnaire_id), None)
    base = f"/p/{request.practice.slug}/"
    if here is None:
        return render(request, "outcomes/questions_none.html", {"base": base}, status=404)
    form = QuestionnaireForm(request.POST or None, items=here.form.items)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_questionnaire(
                by=request.actor, client_id=client_id, questionnaire_id=here.id, chosen=form.chosen(), now=now
            )
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "Thank you. Your answers are in, beside the earlier ones.")
            left = [one for one in found.forms if one.id != here.id]
            return redirect(keep_for(request, after_questions(request, left)))
    context = {
        "form": form,
        "paper": here.form,
        "week": found.week,
        "base": base,
        "statements": [{"value": str(n), "label": one.text} for n, one in enumerate(here.form.items)],
        "ticked": request.POST.getlist("ticked"),
    }
    return render(request, "outcomes/questionnaire.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@page(OWNER)
def brought(request: PracticeRequest) -> HttpResponse:
    """The questionnaires of the practice, and a place to bring another."""
    form = BringForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.bring_questionnaire(by=request.actor, text=form.cleaned_data["text"], now=timezone.now())
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "It is here, and off. Read its licence; then you can switch it on.")
            return redirect(request.path)
    return _list(request, bring=form, status=422 if form.is_bound else 200)


@require_POST
@page(OWNER)
def decide(request: PracticeRequest, questionnaire_id: UUID) -> HttpResponse:
    """The owner answers for the licence, or switches it off."""
    now, back = timezone.now(), f"/p/{request.practice.slug}/desk/questionnaires/"
    if "off" in request.POST:
        actions.switch_off(by=request.actor, questionnaire_id=questionnaire_id, now=now)
        messages.success(request, "It is off. What was answered stays in the records.")
        return redirect(back)
    form = LicenceForm(request.POST)
    if form.is_valid():
        proof = form.cleaned_data["proof"]
        actions.accept_licence(by=request.actor, questionnaire_id=questionnaire_id, proof=proof, now=now)
        messages.success(request, "It is on: clients are asked in its weeks.")
        return redirect(back)
    return _list(request, licence=(questionnaire_id, form), status=422)


def _list(
    request: PracticeRequest,
    *,
    bring: BringForm | None = None,
    licence: tuple[UUID, LicenceForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = [
        {
            "one": one,
            "licence": licence[1] if licence and licence[0] == one.id else LicenceForm(auto_id=f"id_%s_{one.id}"),
        }
        for one in queries.brought(by=request.actor)
    ]
    context = {
        "rows": rows,
        "bring": bring or BringForm(),
        "licence_errors": licence[1] if licence else None,
        "rules": RULES,
        "licensed": LICENSED,
        "base": f"/p/{request.practice.slug}/",
    }
    return render(request, "outcomes/questionnaires.html", context, status=status)
