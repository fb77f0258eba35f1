"""The page of consents for one visit: for the client or who consents for them, and for the therapist in the room."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from unknot.intake import actions, domain, queries
from unknot.web.access import PracticeRequest

METHODS = (("paper", "Signed on paper"), ("verbal", "Said aloud"))


def consent_page(
    request: PracticeRequest, visit_id: UUID, client_id: UUID, *, base: str, back: str, in_room: bool = False
) -> HttpResponse:
    """Shows what is agreed to and takes a change; `in_room` for the therapist who writes down what was said or
    signed."""
    error: domain.ConsentScopeError | None = None
    if request.method == "POST":
        try:
            _change(request, visit_id, client_id, in_room=in_room)
            return redirect(request.path)
        except domain.ConsentScopeError as fault:
            error = fault
    context = _facts(request, visit_id, client_id) | {
        "base": base,
        "back": back,
        "methods": METHODS if in_room else (),
        "method": request.POST.get("method", ""),
        "chosen": request.POST.getlist("region"),
        "assented": request.POST.get("assent", ""),
        "errors": [{"target": _target(error, request.POST.get("scope", "")), "text": error.message}] if error else [],
    }
    return render(request, "intake/consent.html", context, status=422 if error else 200)


def _target(fault: domain.ConsentScopeError, scope: str) -> str:
    part = "regions" if scope == "sensitive" else "treatment-form"
    return f"assent-{part}" if fault.field == "assent" else part


def _facts(request: PracticeRequest, visit_id: UUID, client_id: UUID) -> dict[str, Any]:
    given = [one for one in queries.consents(client_id, visit_id) if one.appointment_id == visit_id]
    in_force = [one for one in given if one.in_force]
    agreed = {slug for one in in_force for slug in one.regions}
    found = queries.own_intake(by=replace(request.actor, client_id=client_id), visitor=None)
    text = domain.consent_text(techniques=("deep", "stretching"))
    near = domain.suggested_regions(found.regions if found else ())
    open_parts = [part for part in text.regions if part.id not in agreed]
    who = queries.who_consents(client_id, on=timezone.now().date())
    band = who.band
    return {
        "text": text,
        "treatment": next((one for one in in_force if one.scope == "treatment"), None),
        "sensitive": [(one, [domain.place_name(slug) for slug in one.regions]) for one in in_force if one.regions],
        "likely": [part for part in open_parts if part.id in near],
        "further": [part for part in open_parts if part.id not in near],
        "who": who,
        "band": band and {
            "needs": band.needs,
            "who": who.said(band.who),
            "ask": who.said(band.ask),
            "words": who.said(band.words),
            "therapist": who.said(band.therapist),
        },
    }  # fmt: skip


def _change(request: PracticeRequest, visit_id: UUID, client_id: UUID, *, in_room: bool) -> None:
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
        method=request.POST.get("method", "") if in_room else "electronic",
        assent=request.POST.get("assent", ""),
        now=now,
    )
