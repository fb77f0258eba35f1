"""A client's own visits: see, move, cancel, take along."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions, queries
from unknot.booking.domain.wording import day_words, days_of, moment_words, zone_words
from unknot.booking.forms import slot_parts
from unknot.booking.views.public import DAYS_SHOWN, here, steps
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.notifications import queries as notifications
from unknot.payments import queries as payments
from unknot.practice import queries as practices
from unknot.travel.queries import Point
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

MOVABLE = ("confirmed", "requested")


@page("client")
def visits(request: PracticeRequest) -> HttpResponse:
    """Upcoming and past visits."""
    found, now = queries.visits_for(request.actor), timezone.now()
    coming = sorted((one for one in found if one.is_upcoming and one.ends_at > now), key=lambda one: one.starts_at)
    past = [one for one in found if one not in coming]
    return render(
        request,
        "booking/my.html",
        {"cta": None, "coming": _with_names(request, coming), "past": _with_names(request, past)},
    )


def _with_names(request: PracticeRequest, found: list[queries.VisitFacts]) -> list[tuple[queries.VisitFacts, str]]:
    """Each visit with how the person is called whom the client looks after; empty for their own."""
    names = request.actor.dependants
    return [(one, names.get(one.client_id, "") if one.client_id else "") for one in found]


@page("client")
def visit(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """One visit: when, where, what it costs, what comes next."""
    now, found = timezone.now(), queries.visit(visit_id, by=request.actor)
    service_on = date.fromisoformat(found.local_start[:10])
    context = {
        "visit": found,
        "new": "new" in request.GET and found.state in MOVABLE,
        "steps": steps(request, 3),
        "price": payments.price_of(found.price, practice_id=request.practice.id, service_on=service_on),
        "change": _change(request, found),
        "late_id": queries.open_lates([found.id], now=now).get(found.id),
        "can_change": found.state in MOVABLE and now < found.starts_at,
        "may_add": found.state in MOVABLE
        and now < found.starts_at
        and not found.changes_late(now)
        and bool(practices.addons()),
        "receipts": payments.receipts_of_visit(found.id, by=request.actor) if found.state == "completed" else [],
        "rebook": _rebook(request, found),
        "series": queries.series_of_visit(found.id),
        "again": queries.series_path(
            request.practice.slug,
            every=1,
            count=6,
            service=found.service.slug,
            therapist=found.therapist_slug,
            place=found.place_slug,
            add=[one.slug for one in queries.extras_of(found)],
        ),
        "reminded": bool(
            notifications.reminder_due_at(
                starts_at=found.starts_at, booked_at=found.confirmed_at or found.created_at, zone=found.timezone
            )
        ),
        "email": request.actor.email,
        "terms": found.terms_at(now),
        "answer_by": moment_words(found.answer_by, found.timezone) if found.answer_by else "",
        "whose": request.actor.dependants.get(found.client_id, "") if found.client_id else "",
        "whose_query": f"?for={found.client_id}" if found.client_id in request.actor.dependants else "",
        "group_id": queries.groups_of([found.id]).get(found.id),
        "cta": None,
    }
    return render(request, "booking/visit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("client")
def cancel(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """What cancelling costs, and then doing it."""
    now = timezone.now()
    found = queries.visit(visit_id, by=request.actor)
    if request.method == "POST":
        actions.cancel(by=request.actor, appointment_id=visit_id, now=now)
        return redirect(_url(request, "visit", visit_id))
    if found.state == "cancelled":
        return redirect(_url(request, "visit", visit_id))
    outcome = actions.cancel(by=request.actor, appointment_id=visit_id, now=now, preview=True)
    return render(request, "booking/cancel.html", {"visit": found, "outcome": outcome, "free": not outcome.fee.minor})


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=30)
def move(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Another time: choose, see what changes, confirm."""
    now = timezone.now()
    found = queries.visit(visit_id, by=request.actor)
    if found.state not in MOVABLE or found.starts_at <= now:
        return redirect(_url(request, "visit", visit_id))
    if request.method != "POST":
        return _move_page(request, found, now)
    therapist, place, local_start = slot_parts(request.POST.get("slot", ""))
    sure = request.POST.get("sure") == "1"
    try:
        outcome = actions.reschedule(
            by=request.actor,
            appointment_id=visit_id,
            therapist_slug=therapist or None,
            place_slug=place or None,
            local_start=local_start,
            now=now,
            preview=not sure,
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        return _move_page(request, found, now, error=error.message, status=status_of(error))
    if sure and outcome.change:
        return redirect(_url(request, "visit", visit_id))
    if sure:
        return redirect(f"{_url(request, 'visit', visit_id)}?new=1")
    context = {
        "visit": found,
        "then": outcome.change.then if outcome.change else outcome.visit,
        "outcome": outcome,
        "slot": request.POST.get("slot", ""),
    }
    return render(request, "booking/move_sure.html", context)


def _move_page(
    request: PracticeRequest, found: queries.VisitFacts, now: datetime, *, error: str = "", status: int = 200
) -> HttpResponse:
    today = local(now, found.timezone).date()
    horizon = today + timedelta(days=here(request).horizon_days)
    try:
        first = min(max(date.fromisoformat(request.GET.get("from", "")[:10]), today), horizon)
    except ValueError:
        first = today
    anyone = request.GET.get("with") == "anyone"
    last = first + timedelta(days=DAYS_SHOWN - 1)
    home = None
    if found.mode == "home" and found.home_lat is not None and found.home_lon is not None:
        home = Point(found.home_lat, found.home_lon)
    slots = queries.open_slots(
        practice=here(request),
        service=found.service,
        first=first,
        last=last,
        now=now,
        therapist_slug=None if anyone else found.therapist_slug,
        place_slug=found.place_slug,
        home=home,
        ignore=found.id,
        extras=queries.extras_of(found),
        needs=found.need_slugs,
    )
    days = days_of([one for one in slots if one.starts_at != found.starts_at], name_therapist=anyone)
    context = {
        "visit": found,
        "days": days,
        "open_days": {one.id for one in days[: 1 if days and days[0].count > 8 else 2]},
        "cta": None,
        "anyone": anyone,
        "late": found.changes_late(now),
        "week": f"{day_words(first)} to {day_words(last)}",
        "zone": zone_words(found.timezone),
        "earlier": (first - timedelta(days=DAYS_SHOWN)).isoformat() if first > today else "",
        "later": (last + timedelta(days=1)).isoformat() if last < horizon else "",
        "first": first.isoformat(),
        "error": error,
    }
    return render(request, "booking/move.html", context, status=status)


@page("client")
def calendar(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The visit as a calendar file, without a word of what it is about."""
    found = queries.visit(visit_id, by=request.actor)
    starts_at, ends_at = found.promised
    content = notifications.visit_calendar(
        appointment_id=found.id,
        sequence=found.sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        practice_name=request.practice.name,
        location=found.address if found.mode == "clinic" else "",
        email=request.actor.email,
        now=timezone.now(),
        cancelled=not (found.is_upcoming or found.state == "completed"),
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def _change(request: PracticeRequest, found: queries.VisitFacts) -> queries.ChangeFacts | None:
    """The late change that waits, or that was refused while the visit is still to come."""
    change = queries.change_of(found.id, by=request.actor) if found.state == "confirmed" else None
    return change if change and change.state in ("waiting", "declined", "expired") else None


def _rebook(request: PracticeRequest, found: queries.VisitFacts) -> str:
    base = reverse("booking:times", kwargs={"practice": request.practice.slug})
    place = "" if found.mode == "home" else f"&place={found.place_slug}"
    added = "".join(f"&add={one.slug}" for one in queries.extras_of(found))
    whom = f"&for={found.client_id}" if request.actor.answers_for(found.client_id) else ""
    return f"{base}?service={found.service.slug}{added}&therapist={found.therapist_slug}{place}{whom}"


def _url(request: PracticeRequest, name: str, visit_id: UUID, **kwargs: Any) -> str:
    return reverse(f"booking:{name}", kwargs={"practice": request.practice.slug, "visit_id": visit_id, **kwargs})
