"""For the owner: the way to everything that is set, the rules of booking, and limits of a day."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from unknot.booking import actions
from unknot.booking.forms.owner import LimitsForm, RulesForm
from unknot.booking.views.settling import accepted, form_page, seen, trying
from unknot.kernel.actors import OWNER
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page


@require_safe
@page(OWNER)
def practice(request: PracticeRequest) -> HttpResponse:
    """What can be set, each with a word of what it is for."""
    return render(request, "booking/owner.html")


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNER)
def rules(request: PracticeRequest) -> HttpResponse:
    """Start grid, notice, how far ahead, how long a time is kept."""
    stored = practices.rules()
    form = RulesForm(request.POST if request.method == "POST" else None, initial=RulesForm.initial_of(stored))
    found = {}
    if form.is_bound and form.is_valid():
        wish = form.setting()
        found = trying(
            form, lambda: actions.save_rules(by=request.actor, wish=wish, seen=seen(request), now=timezone.now())
        )
        if not found:
            messages.success(request, "The rules are saved. Visits that are booked already stay where they are.")
            return redirect(request.path)
    context = {
        "title": "Booking rules",
        "lead": "They hold for what clients book online. Visits that are booked already stay where they are.",
        "stamp": practices.stamp(stored),
    }
    return form_page(request, form, context, found)


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNER)
def limits(request: PracticeRequest) -> HttpResponse:
    """How much each therapist takes on in a day."""
    stored = practices.limits()
    names = {one.id: one.name for one in practices.team(stored)}
    team = {key: names[key] for key in stored}
    form = LimitsForm(
        request.POST if request.method == "POST" else None, team=team, initial=LimitsForm.initial_of(stored)
    )
    found = {}
    if form.is_bound and form.is_valid():
        wish = form.setting()
        found = trying(
            form,
            lambda: actions.save_limits(
                by=request.actor, wish=wish, seen=seen(request), accepted=accepted(request), now=timezone.now()
            ),
        )
        if not found:
            messages.success(request, "The limits are saved. Visits that are booked already stay where they are.")
            return redirect(request.path)
    context = {
        "title": "Limits of a day",
        "lead": "Hands have to last. A day that is full is not offered any more; leave a field empty for no limit.",
        "stamp": practices.stamp(stored),
        "in_cards": True,
    }
    return form_page(request, form, context, found)
