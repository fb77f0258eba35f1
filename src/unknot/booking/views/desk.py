"""The diary for the people at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.wording import NEEDS, DayOfTimes, clock, day_words, days_of, moment_words
from unknot.booking.forms import HOME, DeskForm, PayForm, Wish, extras_for, menu, service_for
from unknot.booking.views.public import here
from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import FRONT_DESK, OWNER, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.payments import actions as payments
from unknot.payments import queries as money
from unknot.people import actions as people_actions
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.travel.queries import Point, promised_drive
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

STATES = {
    "held": ("kept for a booking", ""),
    "requested": ("asks to talk first", "warn"),
    "confirmed": ("booked", ""),
    "arrived": ("has arrived", "accent"),
    "in_session": ("in session", "primary"),
    "completed": ("done", "good"),
    "no_show": ("did not come", "danger"),
}
MARKS = {
    "confirmed": [("arrive", "Has arrived"), ("no_show", "Did not come")],
    "requested": [("confirm", "Confirm"), ("decline", "Decline")],
    "arrived": [("complete", "Done")],
    "in_session": [("complete", "Done")],
    "no_show": [("reinstate", "Undo")],
}
CLOSED_ITSELF = [("unclose", "Undo"), ("no_show", "Did not come")]


@dataclass(frozen=True)
class Entry:
    """One line of the day. `drive`: minutes promised from the stop before, for visits at somebody's home."""

    visit: queries.VisitFacts
    client: str
    care: str
    phone: str
    state: str
    tone: str
    marks: list[tuple[str, str]]
    drive: int | None
    paid: bool


@page("therapist", "front_desk", "owner")
def home(request: PracticeRequest) -> HttpResponse:
    """Today."""
    return redirect(reverse("booking:day", kwargs={"practice": request.practice.slug}))


@page("therapist", "front_desk", "owner")
def day(request: PracticeRequest) -> HttpResponse:
    """A day's visits, by therapist."""
    today = local(timezone.now(), request.practice.timezone).date()
    shown = _date(request.GET.get("date", ""), today)
    team = practices.therapists()
    wanted = request.GET.get("therapist", _default_therapist(request.actor, team))
    chosen = next((one for one in team if one.slug == wanted), None)
    visits = queries.day(by=request.actor, date=shown, therapist_id=chosen.id if chosen else None)
    lists = _by_therapist(request.actor, visits, [chosen] if chosen else team)
    context = {
        "shown": shown,
        "heading": day_words(shown),
        "is_today": shown == today,
        "before": (shown - timedelta(days=1)).isoformat(),
        "after": (shown + timedelta(days=1)).isoformat(),
        "team": team,
        "chosen": chosen,
        "lists": lists if chosen else [one for one in lists if one[1]],
        "idle": [] if chosen else [therapist.name for therapist, entries in lists if not entries],
        "count": sum(1 for one in visits if one.state not in ("held", "no_show")),
        "waiting": queries.requests(by=request.actor),
        "waiting_changes": len(queries.changes(by=request.actor, now=timezone.now())),
        "here": request.get_full_path(),
    }
    return render(request, "booking/day.html", context)


def _default_therapist(actor: Actor, team: Sequence[practices.TherapistFacts]) -> str:
    """Therapists see their own day first, the front desk everybody's."""
    own = next((one.slug for one in team if one.id == actor.therapist_id), "")
    return "" if actor.has(FRONT_DESK) or (actor.has(OWNER) and len(team) > 1) else own


def _by_therapist(
    actor: Actor, visits: list[queries.VisitFacts], team: Sequence[practices.TherapistFacts]
) -> list[tuple[practices.TherapistFacts, list[Entry]]]:
    clients = people.clients_named([one.client_id for one in visits if one.client_id])
    spots = {one.id: Point(one.lat, one.lon) for kind in ("clinic", "base") for one in practices.places(kind=kind)}
    paid = money.paid_visits([one.id for one in visits if one.state == "completed"], by=actor)
    lists = []
    for therapist in team:
        at = spots.get(therapist.base_id) if therapist.base_id else None
        entries = []
        for one in (visit for visit in visits if visit.therapist_id == therapist.id):
            spot = _spot(one, spots)
            drive = promised_drive()(at, spot) if one.mode == "home" and at and spot else None
            entries.append(_entry(one, clients, drive, one.id in paid))
            at = spot or at
        lists.append((therapist, entries))
    return lists


def _spot(visit: queries.VisitFacts, spots: dict[UUID, Point]) -> Point | None:
    if visit.home_lat is not None and visit.home_lon is not None:
        return Point(visit.home_lat, visit.home_lon)
    return spots.get(visit.place_id) if visit.place_id else None


def _entry(visit: queries.VisitFacts, clients: dict[UUID, people.ClientFacts], drive: int | None, paid: bool) -> Entry:
    client = clients.get(visit.client_id) if visit.client_id else None
    state, tone = STATES.get(visit.state, (visit.state, ""))
    marks = MARKS.get(visit.state, [])
    if visit.closed_itself:
        state, marks = "done, closed by itself", [] if paid else CLOSED_ITSELF
    if visit.answer_by and visit.state == "requested":
        state = f"{state}, answer by {moment_words(visit.answer_by, visit.timezone)}"
    if visit.moves_id is not None and visit.hold_expires_at:
        state = f"kept for a change, answer by {moment_words(visit.hold_expires_at, visit.timezone)}"
    elif visit.hold_expires_at and visit.state == "held":
        state = f"{state} until {clock(local(visit.hold_expires_at, visit.timezone))}"
    return Entry(
        visit=visit,
        client=client.name if client else "Somebody who is booking right now",
        care=client.care_words(date.fromisoformat(visit.local_start[:10])) if client else "",
        phone=client.reached_at if client else "",
        state=state,
        tone=tone,
        marks=marks,
        drive=drive,
        paid=paid,
    )


@require_POST
@page("therapist", "front_desk", "owner")
def mark(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Arrived, did not come, done; and undoing a slip."""
    found = queries.visit(visit_id, by=request.actor)
    actions.mark(by=request.actor, appointment_id=visit_id, event=request.POST.get("event", ""), now=timezone.now())
    query = urlencode({"date": found.local_start[:10], "therapist": request.POST.get("therapist", "")[:80]})
    return redirect(f"{_day_url(request)}?{query}#visit-{visit_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def cancel(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Cancels for a client who called; the fee may be waived with a reason."""
    now, found = timezone.now(), queries.visit(visit_id, by=request.actor)
    reason = request.POST.get("waive", "").strip()[:200] if "waived" in request.POST else ""
    if request.method == "POST" and ("waived" not in request.POST or reason):
        actions.cancel(by=request.actor, appointment_id=visit_id, now=now, waive_reason=reason)
        messages.success(request, "The visit is cancelled, and its client is told by mail.")
        return redirect(f"{_day_url(request)}?date={found.local_start[:10]}")
    outcome = actions.cancel(by=request.actor, appointment_id=visit_id, now=now, preview=True)
    clients = people.clients_named([found.client_id] if found.client_id else [])
    context = {
        "visit": found,
        "outcome": outcome,
        "client": clients.get(found.client_id) if found.client_id else None,
        "no_reason": request.method == "POST",
    }
    return render(request, "booking/desk_cancel.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def pay(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Takes the money for a completed visit and issues its receipt."""
    found = queries.visit(visit_id, by=request.actor)
    form = PayForm(request.POST if request.method == "POST" else None)
    paid = money.payment_of_visit(found.id, by=request.actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() or paid is not None:
            try:
                with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
                    return _take(request, found, form, paid)
            except (ConflictError, InvalidError) as error:
                if paid is not None:
                    messages.error(request, error.message)
                    return redirect(request.path)
                form.add_error(error.field if error.field in form.fields else None, error.message)
                status = status_of(error)
    service_on = date.fromisoformat(found.local_start[:10])
    clients = people.clients_named([found.client_id] if found.client_id else [])
    context = {
        "visit": found,
        "client": clients.get(found.client_id) if found.client_id else None,
        "form": form,
        "methods": [{"value": value, "label": label} for value, label in money.METHODS.items()],
        "chosen": form.data.get("method", ""),
        "price": money.price_of(found.price, practice_id=request.practice.id, service_on=service_on),
        "paid": paid,
        "receipts": money.receipts_of_visit(found.id, by=request.actor),
        "may_void": request.actor.has(FRONT_DESK, OWNER),
        "here": request.path,
    }
    context["done"] = found.state == "completed" and found.starts_at <= timezone.now()
    context["standing"] = [one for one in context["receipts"] if not one.voided]
    return render(request, "booking/pay.html", context, status=status)


def _take(
    request: PracticeRequest, found: queries.VisitFacts, form: PayForm, paid: money.PaymentFacts | None
) -> HttpResponse:
    now = timezone.now()
    visit = payments.PaidVisit(
        id=found.id,
        client_id=found.client_id or UUID(int=0),
        account_id=found.account_id,
        therapist_id=found.therapist_id,
        place_id=found.place_id,
        starts_at=found.starts_at,
        minutes=found.minutes,
        price=found.price,
        completed=found.state == "completed",
    )
    if paid is None:
        tip, method = form.cleaned_data["tip"], form.cleaned_data["method"]
        payment_id = payments.record_payment(by=request.actor, visit=visit, method=method, tip_minor=tip, now=now)
    else:
        payment_id = paid.id
    payments.issue_receipt(by=request.actor, payment_id=payment_id, visit=visit, now=now)
    messages.success(request, "Paid. The receipt is ready.")
    return redirect(request.path)


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def book(request: PracticeRequest) -> HttpResponse:
    """A booking by telephone: search, choose, done."""
    now = timezone.now()
    if request.method != "POST":
        return _book_page(request, DeskForm(request.GET), now)
    form = DeskForm(request.POST)
    if "show" in request.POST:  # by POST too, so that names and needs stay out of addresses
        return _book_page(request, form, now)
    form.full_clean()
    try:
        with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
            visit = _booked(request, form, now)
    except (ConflictError, InvalidError, NotFoundError) as error:
        taken = error.extra.get("alternatives", [])
        return _book_page(request, form, now, error=error.message, taken=taken, status=status_of(error))
    messages.success(request, f"Booked: {visit.words.day}, {visit.words.start}, with {visit.therapist_name}.")
    return redirect(f"{_day_url(request)}?date={visit.local_start[:10]}&therapist={visit.therapist_slug}")


def _booked(request: PracticeRequest, form: DeskForm, now: datetime) -> queries.VisitFacts:
    therapist, place, local_start = form.slot()
    wish = form.wish()
    client_id = form.client_id()
    held = actions.hold_slot(  # first, so that its locks come before everything that is written
        by=request.actor,
        practice=here(request),
        service_slug=service_for(wish, practices.services()).slug,
        therapist_slug=therapist or None,
        place_slug=place or None,
        local_start=local_start,
        home=wish.located().point if place == HOME else None,
        home_address=wish.home_address if place == HOME else "",
        needs=wish.needs,
        add=[one.slug for one in extras_for(wish, practices.addons())],
        override_reason=form.cleaned_data["reason"],
        now=now,
    )
    if client_id is None:
        new = form.cleaned_data
        client_id = people_actions.add_client(
            by=request.actor, name=new["name"], email=new["email"], phone=new["phone"], now=now
        )
    else:
        people.client(client_id, by=request.actor)
    known = intake.current_intake(client_id=client_id)
    return actions.book(
        by=request.actor,
        hold_id=held.id,
        secret=held.secret,
        intake_id=known.id if known else None,
        client_id=client_id,
        now=now,
    )


def _book_page(
    request: PracticeRequest, form: DeskForm, now: datetime, *, error: str = "", taken: Any = (), status: int = 200
) -> HttpResponse:
    form.is_valid()
    wish, services, team, places = form.wish(), practices.services(), practices.therapists(), practices.places()
    today = local(now, request.practice.timezone).date()
    first = _date(form.data.get("show") or form.data.get("date", ""), today)
    days: list[DayOfTimes] = []
    refusal, next_day = "", ""
    if wish.service:
        try:
            days, next_day = _free_days(request, form, wish, service_for(wish, services), first, now)
        except InvalidError as refused:
            refusal = refused.message
    words = form.data.get("q", "").strip()
    context = {
        "form": form,
        "wish": wish,
        "kinds": menu(services),
        "addons": practices.addons(),
        "needs": NEEDS.items(),
        "team": team,
        "places": places,
        "home_visits": any(one.at_home for one in services),
        "found": people.clients_matching(words, by=request.actor, limit=8) if words else [],
        "days": days,
        "next_day": next_day,
        "first": first.isoformat(),
        "error": error or refusal,
        "taken": taken,
        "slot": form.data.get("slot", ""),
        "client": form.data.get("client", ""),
    }
    return render(request, "booking/desk_book.html", context, status=status)


def _free_days(
    request: PracticeRequest, form: DeskForm, wish: Wish, service: practices.ServiceFacts, first: date, now: datetime
) -> tuple[list[DayOfTimes], str]:
    """Three days of free times; if there are none, the next day that has some."""
    extras = extras_for(wish, practices.addons())

    def ask(since: date, until: date, limit: int | None = None) -> list[queries.Slot]:
        return queries.open_slots(
            practice=here(request),
            service=service,
            extras=extras,
            needs=wish.needs,
            first=since,
            last=until,
            now=now,
            therapist_slug=wish.therapist or None,
            place_slug=wish.place or None,
            home=wish.located().point if wish.at_home else None,
            limit=limit,
            freely=bool(form.data.get("reason", "").strip()),
        )

    last = first + timedelta(days=2)
    found = ask(first, last)
    if found:
        return days_of(found, name_therapist=not wish.therapist), ""
    later = ask(last + timedelta(days=1), last + timedelta(days=60), 1)
    return [], later[0].local_start[:10] if later else ""


def _date(typed: str, today: date) -> date:
    try:
        asked = date.fromisoformat(typed[:10])
    except ValueError:
        return today
    return asked if abs((asked - today).days) < 3660 else today


def _day_url(request: PracticeRequest) -> str:
    return reverse("booking:day", kwargs={"practice": request.practice.slug})
