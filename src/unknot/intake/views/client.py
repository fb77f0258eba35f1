"""A client's own body map, and what they agree to for a visit."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from unknot.intake import actions, queries
from unknot.intake.forms import places as places_form
from unknot.intake.views.consenting import consent_page
from unknot.intake.views.touching import touch_page
from unknot.kernel.actors import CLIENT
from unknot.kernel.errors import NotFoundError
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
def my_touch(request: PracticeRequest) -> HttpResponse:
    """How the client wishes to be touched and covered; nobody is asked why."""
    if request.actor.client_id is None:
        raise NotFoundError
    back = keep_for(request, f"/p/{request.practice.slug}/my/")
    return touch_page(request, request.actor.client_id, base="web/base.html", back=back)


@require_http_methods(["GET", "POST"])
@page(CLIENT)
def consent(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """What is to be known before agreeing, for one visit; giving and taking back, each in one tap."""
    # Visits belong to a room above, which the settings name: somebody else's is answered like a made-up one.
    client_id = import_string(settings.UNKNOT_VISIT_FINDER)(visit_id, by=request.actor).client_id
    if not request.actor.answers_for(client_id):
        raise NotFoundError
    return consent_page(request, visit_id, client_id, base="web/base.html", back=f"/p/{request.practice.slug}/my/")
