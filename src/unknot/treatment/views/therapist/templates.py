"""The practice's note templates: the list, and one of them to edit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.kernel.actors import OWNER, THERAPIST
from unknot.treatment import actions, queries
from unknot.treatment.forms import TemplateForm
from unknot.web.access import PracticeRequest, page


@require_http_methods(["GET", "POST"])
@page(THERAPIST, OWNER)
def templates(request: PracticeRequest) -> HttpResponse:
    """All templates, and a form for a new one."""
    form = TemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.save_template(by=request.actor, template_id=None, version=0, words=form.template(), now=timezone.now())
        messages.success(request, "The template is saved. It can be chosen in every note.")
        return redirect("treatment:templates", practice=request.practice.slug)
    context = {"rows": queries.templates(by=request.actor), "form": form}
    return render(request, "treatment/templates.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@page(THERAPIST, OWNER)
def template(request: PracticeRequest, template_id: UUID) -> HttpResponse:
    """One template: a new version of it, put away or brought back."""
    found, now = queries.template(template_id, by=request.actor), timezone.now()
    if request.POST.get("do") in ("away", "back"):
        away = request.POST["do"] == "away"
        actions.put_away_template(by=request.actor, template_id=template_id, away=away, now=now)
        return redirect("treatment:templates", practice=request.practice.slug)
    form = TemplateForm(request.POST or None, words=found.now.words, version=found.now.version)
    status, conflict = 422 if form.is_bound else 200, ""
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            actions.save_template(
                by=request.actor, template_id=template_id, version=version, words=form.template(), now=now
            )
        except actions.TemplateMovedOnError as error:
            status, conflict = 409, error.message
            typed = request.POST.copy()
            typed["version"] = str(found.now.version)
            form = TemplateForm(typed)
        else:
            messages.success(request, "The template is saved. Notes already written stay as they are.")
            return redirect("treatment:templates", practice=request.practice.slug)
    context = {"found": found, "form": form, "conflict": conflict}
    return render(request, "treatment/template.html", context, status=status)
