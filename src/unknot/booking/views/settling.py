"""How the owner's pages save: what was typed stays on the page whatever happens, and touched visits are shown first."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from unknot.booking import actions, queries
from unknot.booking.forms.owner import OwnerForm
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.people import queries as people
from unknot.practice.actions import StalePageError
from unknot.web.access import PracticeRequest
from unknot.web.problems import status_of

SHOWN = 40
"""Touched visits listed; beyond them the page says how many more."""


def accepted(request: PracticeRequest) -> str:
    """The mark of the touched visits that the owner has seen, if any."""
    return request.POST.get("accept", "")[:40]


def seen(request: PracticeRequest) -> str:
    """The stamp of what the owner had before them."""
    return request.POST.get("seen", "")[:40]


def trying(form: OwnerForm, save: Callable[[], Any]) -> dict[str, Any]:
    """Saves; empty if that worked, else what the page has to say, with its `status`."""
    try:
        save()
    except actions.VisitsTouchedError as error:
        return {"status": 409, **touched_words(error)}
    except StalePageError as error:
        return {"status": 409, "stale": error.message, "stands": form.stands() if form.is_bound else []}
    except (InvalidError, ConflictError) as error:
        if not form.is_bound:
            return {"status": status_of(error), "refused": error.message}
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return {"status": status_of(error)}
    return {}


def touched_words(error: actions.VisitsTouchedError) -> dict[str, Any]:
    """The touched visits with their clients' names, for the page."""
    shown: list[queries.Touched] = error.touched[:SHOWN]
    names = people.clients_named([one.visit.client_id for one in shown if one.visit.client_id])
    return {
        "touched": [
            (one, names[one.visit.client_id].name if one.visit.client_id in names else "a booking under way")
            for one in shown
        ],
        "touched_count": len(error.touched),
        "touched_more": max(len(error.touched) - SHOWN, 0),
        "accept": error.extra["accept"],
    }


def form_page(
    request: PracticeRequest, form: OwnerForm, context: dict[str, Any], found: dict[str, Any]
) -> HttpResponse:
    """The page of one form. `found`: what `trying` gave."""
    status = found.get("status", 422 if form.is_bound and form.errors else 200)
    if request.method == "POST" and "stale" not in found:
        context["stamp"] = seen(request)  # what was typed was typed onto that, and nothing newer
    return render(request, "booking/owner_form.html", {"form": form, **context, **found}, status=status)
