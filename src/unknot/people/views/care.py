"""The people whom somebody looks after: children and relatives with a record of their own."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from unknot.db import tenancy
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions, queries
from unknot.people.domain.care import RELATIONS
from unknot.people.forms import CarerForm, DependantForm, HandOverForm
from unknot.people.sign_in import own_path
from unknot.web.access import ANYONE, SIGNED_IN, PracticeRequest, page


@require_GET
@page("client")
def people(request: PracticeRequest) -> HttpResponse:
    """Everybody the client looks after here, with the ways into their records."""
    today = _today(request)
    law = request.practice.jurisdiction
    rows = [
        (one, RELATIONS[one.relation], one.age_on(today), one.may_take_over(today, jurisdiction=law))
        for one in queries.dependants(by=request.actor)
    ]
    return render(request, "people/care.html", {"rows": rows, "cta": None})


@require_http_methods(["GET", "POST"])
@page(SIGNED_IN)
def add(request: PracticeRequest) -> HttpResponse:
    """Adds a child or relative; `next` is where to go on with them (`?whom=` is added to it)."""
    posted = request.POST if request.method == "POST" else None
    known = request.actor.client_id is not None
    form = DependantForm(posted)
    carer = None if known else CarerForm(posted, initial={"own_name": request.actor.name})
    if posted is not None and form.is_valid() and (carer is None or carer.is_valid()):
        try:
            made = _add(request, form.cleaned_data, carer.cleaned_data if carer else {})
        except (ConflictError, InvalidError) as error:
            target: Any = form if error.field in form.fields else carer or form
            target.add_error(error.field if error.field in target.fields else None, error.message)
        else:
            back = own_path(request.GET.get("next", ""), fallback="")
            messages.success(request, "Saved. They have a record of their own now.")
            if not back:
                return redirect("people:care", practice=request.practice.slug)
            return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'whom': made})}")
    context = {"form": form, "carer": carer, "cta": None}
    return render(request, "people/care_add.html", context, status=200 if posted is None else 422)


def _add(request: PracticeRequest, given: dict[str, Any], own: dict[str, Any]) -> UUID:
    """Writes the carer's own record, if there is none yet, and the other one; any refusal leaves neither."""
    by, now = request.actor, timezone.now()
    with tenancy.scope(practice_id=by.practice_id, account_id=by.account_id):
        if by.client_id is None:
            own_id = actions.become_client(by=by, name=own["own_name"], phone=own["own_phone"], now=now)
            by = replace(by, client_id=own_id)
        return actions.add_dependant(by=by, now=now, **given)


@require_http_methods(["GET", "POST"])
@page("client", writes=6)
def hand_over(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """Invites somebody who has come of age to take their own record over."""
    by, now = request.actor, timezone.now()
    person = next((one for one in queries.dependants(by=by) if one.id == client_id), None)
    if person is None or not person.may_take_over(_today(request), jurisdiction=request.practice.jurisdiction):
        raise NotFoundError
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.offer_record(
                by=by, client_id=client_id, email=form.cleaned_data["email"], practice=request.practice, now=now
            )
        except (ConflictError, InvalidError) as error:
            form.add_error("email", error.message)
        else:
            messages.success(request, f"Sent. Once {person.greeting} says yes, the record is theirs alone.")
            return redirect("people:care", practice=request.practice.slug)
    status = 422 if request.method == "POST" else 200
    return render(request, "people/hand_over.html", {"person": person, "form": form, "cta": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=6)
def own_record(request: PracticeRequest, token: str) -> HttpResponse:
    """The page of the link. It says the same whatever the link is worth: who is behind it proves themselves first."""
    by = request.actor
    if request.method == "POST" and not by.is_anonymous:
        with tenancy.scope(practice_id=by.practice_id, account_id=by.account_id):
            actions.take_record(by=by, token=token, practice=request.practice, now=timezone.now())
        messages.success(request, "The record is yours now, and yours alone.")
        return redirect("booking:visits", practice=request.practice.slug)
    return render(request, "people/own_record.html", {"here": request.path, "cta": None})


def _today(request: PracticeRequest) -> date:
    return local(timezone.now(), request.practice.timezone).date()
