"""Calendars at the desk: what they ask, a therapist's own, and the practice's rule for old copies."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from unknot.availability import actions as availability_actions
from unknot.availability import queries as availability
from unknot.interop import actions, queries
from unknot.interop.forms import FeedForm, OutsideForm, RuleForm
from unknot.kernel.actors import FRONT_DESK, OWNER, THERAPIST
from unknot.kernel.errors import InvalidError
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page


@require_safe
@page(THERAPIST, FRONT_DESK, OWNER)
def calendars(request: PracticeRequest) -> HttpResponse:
    """How things are."""
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
        return _shown(request, feed_form=form, status=422)
    actions.change_feed(by=request.actor, now=now, **form.cleaned_data)
    messages.success(request, "Saved. Your calendar program shows it when it next reads.")
    return redirect(_here(request))


@require_POST
@page(THERAPIST, writes=20)
def add_outside(request: PracticeRequest) -> HttpResponse:
    """Joins a calendar that is kept elsewhere."""
    form = OutsideForm(request.POST)
    if form.is_valid():
        try:
            availability_actions.add_outside(by=request.actor, address=form.cleaned_data["address"], now=timezone.now())
        except InvalidError as error:
            form.add_error("address", error.message)
        else:
            messages.success(request, "Joined. It is being read; look again in a minute.")
            return redirect(_here(request))
    return _shown(request, outside_form=form, status=422)


@require_POST
@page(THERAPIST, writes=20)
def outside(request: PracticeRequest, calendar_id: UUID) -> HttpResponse:
    """Reads a joined calendar again, or parts from it."""
    now = timezone.now()
    if request.POST.get("do") == "remove":
        availability_actions.remove_outside(by=request.actor, calendar_id=calendar_id, now=now)
        messages.success(request, "Removed. Its events do not keep you busy any more.")
    else:
        availability_actions.read_again(by=request.actor, calendar_id=calendar_id, now=now)
        messages.success(request, "It is being read; look again in a minute.")
    return redirect(_here(request))


@require_POST
@page(OWNER, writes=20)
def rule(request: PracticeRequest) -> HttpResponse:
    """What the practice does with old copies."""
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _shown(request, rule_form=form, status=422)
    availability_actions.set_outside_rule(by=request.actor, now=timezone.now(), **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect(_here(request))


@require_POST
@page(THERAPIST, FRONT_DESK, OWNER)
def question(request: PracticeRequest, question_id: UUID) -> HttpResponse:
    """The visit stands as it is."""
    actions.keep_visit(by=request.actor, question_id=question_id, now=timezone.now())
    messages.success(request, "The visit stays as it is.")
    return redirect(_here(request))


def _shown(request: PracticeRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    asked = queries.questions(by=actor)
    clients = people.clients_named([one.visit.client_id for one in asked if one.visit.client_id])
    joined = availability.outside_calendars(by=actor, now=now)
    context: dict[str, Any] = {
        "questions": [(one, clients.get(one.visit.client_id)) for one in asked if one.visit.client_id],
        "others": [one for one in joined if one.therapist_id != actor.therapist_id],
        "is_therapist": actor.therapist_id is not None,
        "is_owner": actor.has(OWNER),
    }
    if actor.therapist_id is not None:
        feed = queries.own_feed(by=actor)
        start = {"shows": feed.shows, "with_place": feed.with_place} if feed else {}
        mine = [one for one in joined if one.therapist_id == actor.therapist_id]
        context |= {"feed": feed, "feed_form": FeedForm(initial=start), "outside_form": OutsideForm(), "mine": mine}
    if actor.has(OWNER):
        held = availability.outside_rule()
        context["rule_form"] = RuleForm(
            initial={"when_stale": held.when_stale, "hours": held.hours, "look_again": held.look_again}
        )
    context |= more
    context["forms_at_fault"] = [context[name] for name in more if name.endswith("_form")]
    return render(request, "interop/calendars.html", context, status=status)


def _address(request: PracticeRequest, secret: str) -> str:
    path = reverse("interop:feed", kwargs={"practice": request.practice.slug, "token": secret})
    return f"{settings.UNKNOT_URL}{path}"


def _here(request: PracticeRequest) -> str:
    return reverse("interop:calendars", kwargs={"practice": request.practice.slug})
