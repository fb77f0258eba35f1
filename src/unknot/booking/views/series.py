"""Series on pages, for clients and for the desk: see every date, book, look back, move and cancel several at once."""

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
from unknot.booking.domain.wording import days_of
from unknot.booking.forms import NameForm, menu, slot_parts
from unknot.booking.forms.series import LEAVE_OUT, SeriesForm, picks
from unknot.booking.queries import Planned, SeriesFacts
from unknot.booking.views.public import here, url_of
from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions as people_actions
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.travel.queries import Point
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of

STAFF = ("therapist", "front_desk", "owner")
KINDS = {"same-day": "That day", "other-therapist": "At that time with", "other-day": "Days around"}
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


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=12)
def plan(request: PracticeRequest) -> HttpResponse:
    """A client's series: the rule, every date, and booking them."""
    return _plan(request, replace(OWN, client_id=request.actor.client_id))


@require_http_methods(["GET", "HEAD", "POST"])
@page(*STAFF, writes=30)
def desk_plan(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """The same for a client at the desk."""
    client = people.client(client_id, by=request.actor)
    return _plan(request, replace(DESK, client_id=client.id, client_name=client.name))


def _plan(request: PracticeRequest, side: Side) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    form = SeriesForm(sent if "date" in sent else None, initial={"every": 1, "count": 6} | request.GET.dict())
    name = NameForm(request.POST if request.method == "POST" else None, initial={"name": request.actor.name})
    if not form.is_bound:
        return _plan_page(request, side, form, name)
    if not form.is_valid():
        return _plan_page(request, side, form, name, status=422 if request.method == "POST" else 200)
    chosen, now = picks(request.POST), timezone.now()
    try:
        wish = actions.SeriesWish(
            practice=here(request),
            service_slug=form.cleaned_data["service"],
            rule=form.rule(),
            therapist_slug=form.cleaned_data["therapist"] or None,
            place_slug=form.cleaned_data["place"] or None,
            chosen=chosen,
        )
        if request.method == "POST" and "book" in request.POST and (side.client_id or name.is_valid()):
            found = _book(request, side, wish, name, now)
            return redirect(f"{url_of(request, side.prefix + 'series', series_id=found.id)}?new=1")
        dates = actions.preview_series(
            by=request.actor, wish=replace(wish, chosen={}), client_id=side.client_id, now=now
        )
        status = 422 if request.method == "POST" else 200
        return _plan_page(request, side, form, name, dates=dates, status=status)
    except actions.SeriesConflictError as error:
        return _plan_page(request, side, form, name, dates=error.planned, error=error.message, status=409)
    except (ConflictError, InvalidError, NotFoundError) as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _plan_page(request, side, form, name, status=status_of(error))


def _book(request: PracticeRequest, side: Side, wish: actions.SeriesWish, name: NameForm, now: datetime) -> SeriesFacts:
    """Client, if new, and series together; any refusal leaves neither."""
    actor: Actor = request.actor
    with tenancy.scope(practice_id=actor.practice_id, account_id=actor.account_id):
        actions.take_series(wish=wish, client_id=side.client_id, now=now)
        client_id = side.client_id
        if client_id is None:
            typed = name.cleaned_data
            client_id = people_actions.become_client(by=actor, name=typed["name"], phone=typed["phone"], now=now)
            actor = replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})
        known = intake.current_intake(client_id=client_id)
        return actions.book_series(
            by=actor, wish=wish, client_id=client_id, intake_id=known.id if known else None, now=now
        )


def _plan_page(
    request: PracticeRequest,
    side: Side,
    form: SeriesForm,
    name: NameForm,
    *,
    dates: list[Planned] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    services = [one for one in practices.services() if one.at_clinic]
    known = intake.current_intake(client_id=side.client_id) if side.client_id else None
    said = form.data if form.is_bound else form.initial
    slug = str(said.get("service", ""))
    context = {
        "side": side,
        "base": side.base,
        "form": form,
        "name": name,
        "kinds": menu(services),
        "service": next((one for one in services if one.slug == slug), None),
        "said": said,
        "team": practices.therapists(),
        "places": practices.places(),
        "dates": _rows(dates or [], request.POST),
        "free": sum(1 for one in dates or [] if one.slot),
        "rule": form.made,
        "error": error,
        "gate": intake.gate(known.id if known else None, now=timezone.now(), client_id=side.client_id),
        "here": request.get_full_path(),
        "cta": None,
    }
    return render(request, "booking/series_plan.html", context, status=status)


def _rows(dates: list[Planned], posted: Any) -> list[dict[str, Any]]:
    """Each date with its choices: what it gets, what is free near it, or to leave it out."""
    rows = []
    for one in dates:
        groups = [
            (label, [near.slot for near in one.alternatives if near.kind == kind]) for kind, label in KINDS.items()
        ]
        pick = posted.get(f"pick-{one.number}", "")
        rows.append({"date": one, "groups": [pair for pair in groups if pair[1]], "pick": pick, "skip": LEAVE_OUT})
    return rows


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
