"""A client as the desk sees them, and their progress as their therapists see it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import FRONT_DESK, OWNER, THERAPIST
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.zones import local
from unknot.outcomes import actions, queries
from unknot.outcomes.forms import DecisionForm, DeskRatingForm, MovementForm
from unknot.outcomes.policies import can_see_progress
from unknot.outcomes.views.client import blame, moment_of
from unknot.outcomes.views.courses import goals_together
from unknot.outcomes.views.present import desk_series_url, long, present
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page

STATE_WORDS = {
    "requested": "waits for an answer",
    "confirmed": "booked",
    "arrived": "is here",
    "in_session": "on the table",
    "completed": "took place",
    "cancelled": "cancelled",
    "no_show": "did not come",
}
UPCOMING = ("requested", "confirmed", "arrived", "in_session")


@require_GET
@page(THERAPIST, FRONT_DESK, OWNER)
def client(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """Identity and visits for all staff; goals and the way to the progress page for therapists."""
    facts = people.client(client_id, by=request.actor)
    visits = booking.visits_of(client_id, by=request.actor)
    today = local(timezone.now(), request.practice.timezone).date()
    sees_care = can_see_progress(request.actor, client_id)
    base = f"/p/{request.practice.slug}/"
    context = {
        "base": base,
        "client": facts,
        "age": facts.age_on(today),
        "consent_words": facts.consent_words(today),
        "goals": queries.goals(client_id, by=request.actor, now=timezone.now()) if sees_care else None,
        "upcoming": [_row(one, base, open_it=sees_care) for one in reversed(visits) if one.state in UPCOMING],
        "past": [_row(one, base, open_it=sees_care) for one in visits if one.state not in UPCOMING],
    }
    return render(request, "outcomes/desk_client.html", context)


@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def progress(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """Chart, expectations, and the decision on the next visit."""
    if request.method != "POST":
        return _page(request, client_id)
    form = DecisionForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            _decide(request, client_id, given)
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "Signed. The client sees it on their page.")
            return redirect(request.path)
    return _page(request, client_id, decision=form, status=422)


@require_POST
@page(THERAPIST)
def rate(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """Stores a rating that the client told the therapist."""
    now, zone = timezone.now(), request.practice.timezone
    form = DeskRatingForm(request.POST, today=local(now, zone).date())
    if form.is_valid():
        try:
            actions.record_measure(
                by=request.actor,
                client_id=client_id,
                instrument="nprs",
                value=form.cleaned_data["value"],
                window="average_24h",
                context=form.cleaned_data["context"],
                taken_at=moment_of(form.cleaned_data["day"], now, zone),
                now=now,
            )
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "The rating is saved.")
            return redirect(f"/p/{request.practice.slug}/desk/clients/{client_id}/progress/")
    return _page(request, client_id, rating=form, status=422)


@require_POST
@page(THERAPIST)
def measure(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """Stores what the therapist measured, or the score of the paper form for backs."""
    form = MovementForm(request.POST)
    if form.is_valid():
        try:
            actions.record_measure(
                by=request.actor,
                client_id=client_id,
                instrument=form.cleaned_data["instrument"],
                value=form.score(),
                context="review",
                now=timezone.now(),
            )
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "The measurement is saved.")
            return redirect(f"/p/{request.practice.slug}/desk/clients/{client_id}/progress/")
    return _page(request, client_id, movement=form, status=422)


def _decide(request: PracticeRequest, client_id: UUID, given: dict[str, Any]) -> None:
    """Signs what the form says; "as proposed" means what the page showed when it was opened."""
    now = timezone.now()
    interval, style = given["interval_days"], given["style"] or "lighter"
    if given["decision"] == DecisionForm.TALK:
        interval = None
    elif given["decision"] == DecisionForm.OTHER and interval is None:
        raise InvalidError("Give the number of days after the last visit.", field="interval_days")
    elif given["decision"] == DecisionForm.PROPOSED:
        view = queries.progress(client_id, by=request.actor, now=now)
        interval, style = interval_of(view), view.proposal.computed[1]
    actions.decide_proposal(
        by=request.actor,
        client_id=client_id,
        interval_days=interval,
        style=style,
        reason=given["reason"],
        seen=given["seen"],
        now=now,
    )


def interval_of(view: queries.ProgressView) -> int | None:
    """Days from the last visit (or today) to the computed date."""
    on = view.proposal.computed[0]
    start = view.last_session.day if view.last_session else view.today
    return (on - start).days if on else None


def _page(
    request: PracticeRequest,
    client_id: UUID,
    *,
    decision: DecisionForm | None = None,
    rating: DeskRatingForm | None = None,
    movement: MovementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    view = queries.progress(client_id, by=request.actor, now=now)
    interval, (on, style) = interval_of(view), view.proposal.computed
    start = {"decision": DecisionForm.PROPOSED if on else DecisionForm.TALK, "interval_days": interval, "style": style}
    context = present(view) | {
        "base": f"/p/{request.practice.slug}/",
        "decision": decision or DecisionForm(initial=start | {"seen": view.proposal.seen}),
        "rating": rating or DeskRatingForm(today=view.today),
        "movement": movement or MovementForm(),
        "asked": queries.round_for(client_id, by=request.actor, now=now),
        "together": goals_together(view.goals),
        "series_url": desk_series_url(view, request.practice.slug),
        "computed_day": long(on) if on else "",
        "computed_interval": interval if view.last_session else None,
        "sure": view.proposal.sure_words.replace("your own", "their own").replace("about you", "about them"),
    }
    return render(request, "outcomes/desk_progress.html", context, status=status)


def _row(visit: VisitFacts, base: str, *, open_it: bool) -> dict[str, str]:
    when = local(visit.starts_at, visit.timezone)
    return {
        "when": f"{date_format(when, 'l, j F Y')}, {date_format(when, 'g:i a')}",
        "what": visit.service.name,
        "who": visit.therapist_name,
        "state": STATE_WORDS.get(visit.state, visit.state),
        "url": f"{base}desk/visits/{visit.id}/" if open_it else "",
    }
