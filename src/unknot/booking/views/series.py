"""A booked series on pages, for clients and for the desk: look back, move and cancel several at once."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.wording import days_of, zone_words
from unknot.booking.forms import slot_parts
from unknot.booking.forms.series import LEAVE_OUT, picks
from unknot.booking.queries import SeriesFacts
from unknot.booking.views.public import here, url_of
from unknot.db import tenancy
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.notifications import queries as notifications
from unknot.people import queries as people
from unknot.travel.queries import Point
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

STAFF = ("therapist", "front_desk", "owner")
SCOPES = [("one", "Only this one"), ("following", "This and the following"), ("all", "All still to come")]


@dataclass(frozen=True)
class Side:
    """Who looks: a client at their own pages, or the desk at a client's."""

    base: str
    prefix: str
    client_id: UUID | None = None
    client_name: str = ""

    @property
    def at_desk(self) -> bool:
        return self.prefix == "desk_"


OWN, DESK = Side("web/base.html", ""), Side("web/base_desk.html", "desk_")


@page("client")
def series(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """A client's series: what became of each date."""
    return _series(request, OWN, series_id)


@page(*STAFF)
def desk_series(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """The same at the desk."""
    return _series(request, DESK, series_id)


def _series(request: PracticeRequest, side: Side, series_id: UUID) -> HttpResponse:
    now, found = timezone.now(), queries.series(series_id, by=request.actor)
    context = _context(request, side, found) | {
        "open": {one.number for one in found.open_from(1, now)},
        "requested": any(one.state == "requested" for one in found.visits),
        "new": "new" in request.GET,
    }
    return render(request, "booking/series.html", context)


@page("client")
def calendar(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """What is still to come as one calendar file, each visit under the uid of its own file."""
    now, found = timezone.now(), queries.series(series_id, by=request.actor)
    visits = [one.visit for one in found.open_from(1, now) if one.visit]
    if not visits:
        raise NotFoundError
    content = notifications.visits_calendar(
        [_entry(one) for one in visits], practice_name=request.practice.name, email=request.actor.email, now=now
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointments.ics"'
    return response


def _entry(visit: queries.VisitFacts) -> notifications.CalendarEntry:
    starts_at, ends_at = visit.promised
    return notifications.calendar_entry(
        visit.id,
        sequence=visit.sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        location=visit.address if visit.mode == "clinic" else "",
    )


def _context(request: PracticeRequest, side: Side, found: SeriesFacts) -> dict[str, Any]:
    name = ""
    if side.at_desk:
        client = people.clients_named([found.client_id]).get(found.client_id)
        name = client.name if client else ""
    return {
        "side": side,
        "base": side.base,
        "series": found,
        "client": name,
        "cta": None,
        "series_url": url_of(request, side.prefix + "series", series_id=found.id),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=30)
def cancel(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """What cancelling several visits costs, and doing it."""
    return _cancel(request, OWN, series_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page(*STAFF)
def desk_cancel(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """The same at the desk, where the fee may be waived with a reason."""
    return _cancel(request, DESK, series_id)


def _cancel(request: PracticeRequest, side: Side, series_id: UUID) -> HttpResponse:
    now, found = timezone.now(), queries.series(series_id, by=request.actor)
    sent = request.POST if request.method == "POST" else request.GET
    number, scope = _number(sent.get("from", "")), sent.get("scope", "following")
    waive = sent.get("waive", "").strip()[:200] if side.at_desk else ""
    asked: dict[str, Any] = {"by": request.actor, "series_id": series_id, "number": number, "scope": scope, "now": now}
    context = _context(request, side, found) | {"number": number, "scope": scope, "scopes": SCOPES, "waive": waive}
    try:
        if request.method == "POST" and "sure" in request.POST:
            done = actions.cancel_series(**asked, waive_reason=waive)
            messages.success(request, f"Cancelled: {_visits(len(done.visits))}.")
            return redirect(context["series_url"])
        context["outcome"] = actions.cancel_series(**asked, waive_reason=waive, preview=True)
    except (ConflictError, InvalidError) as error:
        context["error"] = error.message
        return render(request, "booking/series_cancel.html", context, status=status_of(error))
    return render(request, "booking/series_cancel.html", context)


def _visits(count: int) -> str:
    return "one visit" if count == 1 else f"{count} visits"


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 1


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=30)
def move(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """Another time for one visit of a series, or for it and the following."""
    return _move(request, OWN, series_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page(*STAFF)
def desk_move(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """The same at the desk."""
    return _move(request, DESK, series_id)


def _move(request: PracticeRequest, side: Side, series_id: UUID) -> HttpResponse:
    now, found = timezone.now(), queries.series(series_id, by=request.actor)
    sent = request.POST if request.method == "POST" else request.GET
    number, scope = _number(sent.get("from", "")), sent.get("scope", "following")
    visit = next((one.visit for one in found.open_from(1, now) if one.number == number), None)
    if visit is None:
        return redirect(url_of(request, side.prefix + "series", series_id=series_id))
    context = _context(request, side, found) | {"number": number, "scope": scope, "scopes": SCOPES, "visit": visit}
    if request.method != "POST":
        return _times(request, context, visit, now)
    therapist, place, local_start = slot_parts(request.POST.get("slot", ""))
    asked: dict[str, Any] = {
        "by": request.actor,
        "series_id": series_id,
        "number": number,
        "scope": scope,
        "local_start": local_start,
        "therapist_slug": None if therapist == visit.therapist_slug else therapist or None,
        "place_slug": place or None,
        "now": now,
    }
    context |= {"slot": request.POST.get("slot", ""), "skip": LEAVE_OUT}
    try:
        if "sure" in request.POST:
            with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
                done = actions.move_series(**asked, chosen=picks(request.POST))
            messages.success(request, f"Moved: {_visits(len(done))}.")
            return redirect(context["series_url"])
        moves = actions.move_series(**asked, preview=True)
        return render(request, "booking/series_move_sure.html", context | {"moves": moves})
    except actions.SeriesMoveError as error:
        context |= {"moves": error.moves, "error": error.message}
        return render(request, "booking/series_move_sure.html", context, status=409)
    except (ConflictError, InvalidError, NotFoundError) as error:
        return _times(request, context, visit, now, error=error.message, status=status_of(error))


def _times(
    request: PracticeRequest,
    context: dict[str, Any],
    visit: queries.VisitFacts,
    now: datetime,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Free starts around the visit's own day, by the diary's horizon stretched to the series."""
    own = date.fromisoformat(visit.local_start[:10])
    today = local(now, visit.timezone).date()
    try:
        middle = date.fromisoformat(request.GET.get("around", "")[:10])
    except ValueError:
        middle = own
    middle = min(max(middle, own - timedelta(days=28), today), own + timedelta(days=28))
    first, last = max(today, middle - timedelta(days=3)), middle + timedelta(days=3)
    home = None
    if visit.home_lat is not None and visit.home_lon is not None:
        home = Point(visit.home_lat, visit.home_lon)
    slots = queries.open_slots(
        practice=replace(here(request), horizon_days=max(here(request).horizon_days, (last - today).days)),
        service=visit.service,
        extras=queries.extras_of(visit),
        needs=visit.need_slugs,
        length=(visit.minutes, visit.buffer_before, visit.buffer_after),
        first=first,
        last=last,
        now=now,
        therapist_slug=visit.therapist_slug,
        place_slug=visit.place_slug,
        home=home,
        ignore=visit.id,
    )
    days = days_of([one for one in slots if one.starts_at != visit.starts_at], name_therapist=False)
    context |= {
        "days": days,
        "zone": zone_words(visit.timezone),
        "open_days": {f"day-{own.isoformat()}"},
        "earlier": (middle - timedelta(days=7)).isoformat() if first > today else "",
        "later": (middle + timedelta(days=7)).isoformat() if middle < own + timedelta(days=28) else "",
        "error": error,
    }
    return render(request, "booking/series_move.html", context, status=status)


@require_POST
@page(*STAFF)
def answer(request: PracticeRequest, series_id: UUID) -> HttpResponse:
    """Confirms or declines every visit of a series that waits for an answer."""
    event = request.POST.get("event", "")
    try:
        actions.answer_series(by=request.actor, series_id=series_id, event=event, now=timezone.now())
        messages.success(request, "Answered, and their client is told by mail.")
    except (ConflictError, InvalidError) as error:
        messages.error(request, error.message)
    return redirect(url_of(request, "desk_series", series_id=series_id))
