"""What a client sees and changes about themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local
from unknot.people import actions, queries
from unknot.people.forms import DetailsForm
from unknot.people.queries import RecordLine
from unknot.web.access import PracticeRequest, keep_for, page


@require_http_methods(["GET", "POST"])
@page("client")
def details(request: PracticeRequest) -> HttpResponse:
    """Name, how they like to be called, phone, reminders."""
    facts = queries.client(_own(request), by=request.actor)
    if request.method != "POST":
        start = {name: getattr(facts, name) for name in DetailsForm.base_fields}
        return render(request, "people/details.html", {"form": DetailsForm(initial=start), "facts": facts})
    form = DetailsForm(request.POST)
    if form.is_valid():
        try:
            actions.change_details(by=request.actor, now=timezone.now(), **form.cleaned_data)
        except InvalidError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect(keep_for(request, request.path))
    return render(request, "people/details.html", {"form": form, "facts": facts}, status=422)


@require_GET
@page("client")
def access_log(request: PracticeRequest) -> HttpResponse:
    """Who opened this client's record, day by day. Their own visits to it are folded away unless asked for."""
    zone, everything = request.practice.timezone, request.GET.get("all") == "yes"
    lines = queries.record_of(_own(request), by=request.actor, zone=zone)
    shown = [one for one in lines if everything or not one.own]
    return render(
        request,
        "people/access_log.html",
        {"days": _by_day(shown, zone), "everything": everything, "own_count": sum(one.own for one in lines)},
    )


def _own(request: PracticeRequest) -> UUID:
    assert request.actor.client_id is not None  # noqa: S101 - the page is for clients
    return request.actor.client_id


def _by_day(lines: list[RecordLine], zone: str) -> list[dict[str, Any]]:
    today = local(timezone.now(), zone).date()
    names = {today: "Today", today - timedelta(days=1): "Yesterday"}
    days: list[dict[str, Any]] = []
    for line in lines:
        at = local(line.at, zone)
        heading = names.get(at.date()) or date_format(at, "l, j F Y")
        if not days or days[-1]["heading"] != heading:
            days.append({"heading": heading, "lines": []})
        days[-1]["lines"].append({"line": line, "time": date_format(at, "g:i a")})
    return days
