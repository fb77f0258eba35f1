"""Other additions for a booked visit, at the desk and by its client: first what it would be, then doing it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions, queries
from unknot.booking.forms import added_in
from unknot.booking.views.diary import back_to
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.payments import queries as money
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def desk(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """For staff, with a reason where a limit of the day is set aside."""
    found = queries.visit(visit_id, by=request.actor)
    return _page(request, found, back=back_to(request, found), at_desk=True)


@require_http_methods(["GET", "HEAD", "POST"])
@page("client")
def client(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """For the visit's client, until the change window begins."""
    found = queries.visit(visit_id, by=request.actor)
    back = reverse("booking:visit", kwargs={"practice": request.practice.slug, "visit_id": visit_id})
    return _page(request, found, back=back, at_desk=False)


def addable(found: queries.VisitFacts) -> list[ServiceFacts]:
    """What its therapist gives where the visit takes place, and what is in it already though it left the menu."""
    at_home = found.mode == "home"
    whose = next((one for one in practices.therapists() if one.id == found.therapist_id), None)
    there = [one for one in practices.addons() if (one.at_home if at_home else one.at_clinic)]
    offered = [one for one in there if whose is not None and whose.gives(one)]
    known = {one.id for one in offered}
    return [*offered, *(one for one in queries.extras_of(found) if one.id not in known)]


def _page(request: PracticeRequest, found: queries.VisitFacts, *, back: str, at_desk: bool) -> HttpResponse:
    posted = request.method == "POST"
    had = [one.slug for one in queries.extras_of(found)]
    chosen = added_in(request.POST) if posted else had
    reason = request.POST.get("reason", "")[:200].strip() if at_desk else ""
    error, status, outcome = "", 200, None
    if posted:
        sure = "sure" in request.POST
        try:
            outcome = actions.change_additions(
                by=request.actor,
                appointment_id=found.id,
                add=chosen,
                now=timezone.now(),
                preview=not sure,
                sequence=_number(request.POST.get("sequence", "")),
                override_reason=reason,
            )
        except (ConflictError, InvalidError, NotFoundError) as refused:
            error, status = refused.message.replace("Nothing was booked", "Nothing was changed"), status_of(refused)
        else:
            if sure:
                messages.success(request, "Changed. It is in the diary, and a mail says so.")
                return redirect(back)
    context: dict[str, Any] = {
        "visit": found,
        "then": outcome.visit if outcome else None,
        "same": outcome is not None and set(chosen) == set(had),
        "price": _price(request, found),
        "then_price": _price(request, outcome.visit) if outcome else None,
        "choices": addable(found),
        "agreed": {one.service_id: one for one in found.added},
        "chosen": chosen,
        "sequence": request.POST.get("sequence", "")[:9] if posted and not error else found.sequence,
        "error": error,
        "reason": reason,
        "at_desk": at_desk,
        "back": back,
        "base": "web/base_desk.html" if at_desk else "web/base.html",
    }
    return render(request, "booking/additions.html", context, status=status)


def _price(request: PracticeRequest, found: queries.VisitFacts) -> Any:
    service_on = date.fromisoformat(found.local_start[:10])
    return money.price_of(found.price, practice_id=request.practice.id, service_on=service_on)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None
