"""Body maps of visits side by side, for the client and for the therapist."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from unknot.kernel.actors import CLIENT, THERAPIST
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.people import queries as people
from unknot.treatment import queries
from unknot.treatment.views import words
from unknot.web.access import PracticeRequest, keep_for, page
from unknot.web.bodymap import body_map


@require_GET
@page(CLIENT)
def my_maps(request: PracticeRequest) -> HttpResponse:
    """Where it bothered the client at the last visits, and now."""
    if request.actor.client_id is None:
        raise NotFoundError
    back = keep_for(request, f"/p/{request.practice.slug}/my/progress/")
    return render(request, "treatment/maps.html", _maps(request, request.actor.client_id, "web/base.html", back))


@require_GET
@page(THERAPIST)
def client_maps(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """The same for the therapist."""
    client = people.client(client_id, by=request.actor)
    back = f"/p/{request.practice.slug}/desk/clients/{client_id}/"
    context = _maps(request, client_id, "web/base_desk.html", back) | {"whose": client.name}
    return render(request, "treatment/maps.html", context)


def _maps(request: PracticeRequest, client_id: UUID, base: str, back: str) -> dict[str, Any]:
    found = queries.visit_maps(client_id, by=request.actor, now=timezone.now())
    maps = [
        {
            "starts": local(one.visit.starts_at, one.visit.timezone) if one.visit else None,
            "map": body_map(words.body(one.marked), readonly=True, name=f"map{number}") | {"stacked": True},
            "changes": one.changes,
        }
        for number, one in enumerate(found)
    ]
    return {"maps": maps, "base": base, "back": back}
