"""A client's own body map, and what they agree to for a visit."""

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from unknot.intake import actions, domain, queries
from unknot.intake.forms import places as places_form
from unknot.kernel.actors import CLIENT
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.web.access import PracticeRequest, keep_for, page
from unknot.web.bodymap import body_map


@require_http_methods(["GET", "POST"])
@page(CLIENT)
def my_body_map(request: PracticeRequest) -> HttpResponse:
    """Where it bothers the client; what they mark here is what the therapist sees."""
    if request.method == "POST":
        posted = {key: [str(value) for value in values] for key, values in request.POST.lists()}
        places = places_form.read_places(posted)
        actions.record_places(by=request.actor, places=places, now=timezone.now())
        return redirect(keep_for(request, f"{request.path}?saved=1"))
    found = queries.own_intake(by=request.actor, visitor=None)
    marked = places_form.map_of(found.places) if found else {}
    context = {"map": body_map(marked, readonly=False), "saved": "saved" in request.GET}
    return render(request, "intake/my_body_map.html", context)


@require_http_methods(["GET", "POST"])
@page(CLIENT)
def consent(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """What is to be known before agreeing, for one visit; giving and taking back, each in one tap."""
    # Visits belong to a room above, which the settings name: somebody else's is answered like a made-up one.
    client_id = import_string(settings.UNKNOT_VISIT_FINDER)(visit_id, by=request.actor).client_id
    if not request.actor.answers_for(client_id):
        raise NotFoundError
    error: InvalidError | None = None
    if request.method == "POST":
        try:
            _change(request, visit_id, client_id)
            return redirect(request.path)
        except domain.ConsentScopeError as fault:
            error = fault
    given = [one for one in queries.consents(client_id, visit_id) if one.appointment_id == visit_id]
    in_force = [one for one in given if one.in_force]
    agreed = {slug for one in in_force for slug in one.regions}
    found = queries.own_intake(by=replace(request.actor, client_id=client_id), visitor=None)
    text = domain.consent_text(techniques=("deep", "stretching"))
    near = domain.suggested_regions(found.regions if found else ())
    open_parts = [part for part in text.regions if part.id not in agreed]
    context = {
        "text": text,
        "treatment": next((one for one in in_force if one.scope == "treatment"), None),
        "sensitive": [(one, [domain.place_name(slug) for slug in one.regions]) for one in in_force if one.regions],
        "likely": [part for part in open_parts if part.id in near],
        "further": [part for part in open_parts if part.id not in near],
        "chosen": request.POST.getlist("region"),
        "errors": [{"target": "regions", "text": error.message}] if error else [],
        "back": f"/p/{request.practice.slug}/my/",
    }
    return render(request, "intake/consent.html", context, status=422 if error else 200)


def _change(request: PracticeRequest, visit_id: UUID, client_id: UUID) -> None:
    now, by = timezone.now(), request.actor
    if "withdraw" in request.POST:
        try:
            consent_id = UUID(request.POST["withdraw"])
        except ValueError:
            raise actions.UnknownConsentError from None
        actions.withdraw_consent(by=by, consent_id=consent_id, now=now)
        return
    scope = "sensitive" if request.POST.get("scope") == "sensitive" else "treatment"
    actions.give_consent(
        by=by,
        client_id=client_id,
        scope=scope,
        appointment_id=visit_id,
        regions=request.POST.getlist("region") if scope == "sensitive" else (),
        text_version=request.POST.get("text_version"),
        now=now,
    )
