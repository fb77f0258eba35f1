"""A therapist's own calendars: their diary there, and their other calendars here."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from unknot.interop import actions, queries
from unknot.interop.forms import FeedForm
from unknot.kernel.actors import THERAPIST
from unknot.web.access import PracticeRequest, page


@require_safe
@page(THERAPIST)
def calendars(request: PracticeRequest) -> HttpResponse:
    """How things are set."""
    return _shown(request)


@require_POST
@page(THERAPIST, writes=20)
def feed(request: PracticeRequest) -> HttpResponse:
    """Makes, changes, renews or ends the address of one's own diary. A new address is in this one answer only."""
    what, now = request.POST.get("do", ""), timezone.now()
    if what == "make":
        secret = actions.make_feed(by=request.actor, now=now)
        return _shown(request, address=_address(request, secret))
    if what == "revoke":
        actions.revoke_feed(by=request.actor, now=now)
        messages.success(request, "The address is dead. Calendars that read it will find nothing there.")
        return redirect(_here(request))
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _shown(request, form=form, status=422)
    actions.change_feed(by=request.actor, now=now, **form.cleaned_data)
    messages.success(request, "Saved. Your calendar program shows it when it next reads.")
    return redirect(_here(request))


def _shown(request: PracticeRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    found = queries.own_feed(by=request.actor)
    start = {"shows": found.shows, "with_place": found.with_place} if found else {}
    context = {"feed": found, "form": FeedForm(initial=start)} | more
    response = render(request, "interop/calendars.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _address(request: PracticeRequest, secret: str) -> str:
    path = reverse("interop:feed", kwargs={"practice": request.practice.slug, "token": secret})
    return f"{settings.UNKNOT_URL}{path}"


def _here(request: PracticeRequest) -> str:
    return reverse("interop:calendars", kwargs={"practice": request.practice.slug})
