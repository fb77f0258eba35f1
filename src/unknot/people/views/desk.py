"""The desk's list of clients: identity and contact only."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from unknot.kernel.actors import FRONT_DESK, OWNER, THERAPIST
from unknot.people import queries
from unknot.people.forms import SearchForm
from unknot.web.access import PracticeRequest, page

SHOWN = 50


@require_GET
@page(THERAPIST, FRONT_DESK, OWNER)
def clients(request: PracticeRequest) -> HttpResponse:
    """Clients by name; with `q`, those whose name, address or number contains it."""
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"].strip() if form.is_bound and form.is_valid() else ""
    found = queries.clients_matching(words, by=request.actor, limit=SHOWN + 1)
    context = {
        "form": form,
        "words": words,
        "clients": found[:SHOWN],
        "more": len(found) > SHOWN,
        "total": queries.count_clients(by=request.actor),
        "base": f"/p/{request.practice.slug}/",
    }
    return render(request, "people/desk_clients.html", context, status=422 if form.errors else 200)
