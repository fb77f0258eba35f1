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
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.zones import local
from unknot.people import actions, queries
from unknot.people.domain.care import RELATIONS
from unknot.people.forms import CarerForm, DependantForm
from unknot.people.sign_in import own_path
from unknot.web.access import SIGNED_IN, PracticeRequest, page


@require_GET
@page("client")
def people(request: PracticeRequest) -> HttpResponse:
    """Everybody the client looks after here, with the ways into their records."""
    today = _today(request)
    rows = [(one, RELATIONS[one.relation], one.age_on(today)) for one in queries.dependants(by=request.actor)]
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


def _today(request: PracticeRequest) -> date:
    return local(timezone.now(), request.practice.timezone).date()
