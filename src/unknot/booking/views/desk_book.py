"""A booking by telephone on one screen: who, what, when, and book it. Every step also works without JavaScript."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from unknot.availability import queries as availability
from unknot.booking import actions, queries
from unknot.booking.domain.wording import NEEDS, DayOfTimes, clock, day_words, days_of
from unknot.booking.forms import HOME, DeskForm, Wish, WishError, extras_for, menu, service_for, slot_parts
from unknot.booking.views.diary import back_to, date_of
from unknot.booking.views.public import here
from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions as people_actions
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

SHOWN = 8
OVERRIDABLE = ("past-notice", "past-horizon", "day-full")


class MaybeKnownError(ConflictError):
    """Somebody like that is a client here already. Nothing was booked yet: choose the one you know, or say it is
    somebody else."""

    code = "maybe-known"


def _look(request: PracticeRequest) -> None:
    """Before the transaction of a booking: the therapist's own calendars once more."""
    therapist = slot_parts(request.POST.get("slot", ""))[0]
    if request.method == "POST" and "show" not in request.POST and therapist:
        actions.look_at_therapist(by=system(request.practice.id), therapist_slug=therapist, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner", before=_look)
def book(request: PracticeRequest) -> HttpResponse:
    """The form, with free times and clients as far as they are known; sent with "Book it" it books."""
    now = timezone.now()
    if request.method != "POST":
        return _form_page(request, DeskForm(request.GET), now)
    data = request.POST.copy()
    if len(request.POST.get("show", "")) == len("2026-11-24"):
        data["date"] = request.POST["show"]
    form = DeskForm(data)
    form.full_clean()
    if "show" in request.POST:  # by POST too, so that names and needs stay out of addresses
        return _form_page(request, form, now)
    try:
        alike = _alike(request, form)
        if alike:
            return _form_page(request, form, now, error=MaybeKnownError().message, alike=alike, status=409)
        with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
            visit = _booked(request, form, now)
    except (ConflictError, InvalidError, NotFoundError) as error:
        taken = error.extra.get("alternatives", [])
        return _form_page(request, form, now, error=error.message, taken=taken, status=status_of(error))
    sheet = reverse("booking:desk_visit", kwargs={"practice": request.practice.slug, "visit_id": visit.id})
    return redirect(f"{sheet}?{urlencode({'new': 1, 'back': back_to(request, visit)})}")


@require_GET
@page("therapist", "front_desk", "owner")
def clients(request: PracticeRequest) -> HttpResponse:
    """The clients that match what is being typed, as choices of the form."""
    words = request.GET.get("q", "")[:80].strip()
    found = people.clients_matching(words, by=request.actor, limit=SHOWN) if words else []
    field = "phone" if any(letter.isdigit() for letter in words) else "email" if "@" in words else "name"
    form = DeskForm(initial={} if found else {field: words})  # nobody found: what was typed is the start of a new one
    context = {"found": found, "words": words, "client": "", "form": form}
    return render(request, "booking/parts/desk_clients.html", context)


def _alike(request: PracticeRequest, form: DeskForm) -> list[people.ClientFacts]:
    """Clients whom the new one might be, unless somebody looked and said no."""
    if form.typed("client") not in ("", "new") or not form.is_valid():
        return []
    new = form.cleaned_data
    return people.clients_like(name=new["name"], phone=new["phone"], email=new["email"], by=request.actor)


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


def _form_page(
    request: PracticeRequest,
    form: DeskForm,
    now: datetime,
    *,
    error: str = "",
    taken: Any = (),
    alike: Any = (),
    status: int = 200,
) -> HttpResponse:
    form.is_valid()
    wish, services = form.wish(), practices.services()
    first = date_of(form.typed("date"), local(now, request.practice.timezone).date())
    days: list[DayOfTimes] = []
    refusal, next_day, why = "", "", None
    if wish.service:
        try:
            service = service_for(wish, services)
            days, next_day = _free_days(request, form, wish, service, first, now)
            why = _why_not(request, form, wish, service, now)
        except InvalidError as refused:
            refusal = refused.message
    words, chosen = form.typed("q").strip(), form.typed("client")
    found = people.clients_matching(words, by=request.actor, limit=SHOWN) if words else []
    context = {
        "form": form,
        "wish": wish,
        "kinds": menu(services),
        "addons": practices.addons(),
        "needs": NEEDS.items(),
        "team": practices.therapists(),
        "places": practices.places(),
        "home_visits": any(one.at_home for one in services),
        "found": [*_chosen(request, chosen, found), *found],
        "words": words,
        "alike": alike,
        "days": days,
        "next_day": next_day,
        "next_words": day_words(date.fromisoformat(next_day)) if next_day else "",
        "first": first.isoformat(),
        "error": error or refusal,
        "taken": [(one["key"], _moment(one["local_start"]), one["therapist_name"]) for one in taken],
        "slot": form.typed("slot"),
        "exact": form.exact_words(),
        "time": form.exact_time(),
        "why": why,
        "client": chosen,
        "back": form.typed("back"),
    }
    return render(request, "booking/desk_book.html", context, status=status)


def _chosen(request: PracticeRequest, chosen: str, found: list[people.ClientFacts]) -> list[people.ClientFacts]:
    """The client chosen already, if what is typed now no longer finds them."""
    known = people.clients_named([one] if (one := DeskForm.known_id(chosen)) else [])
    return [one for one in known.values() if one.id not in {other.id for other in found}]


def _moment(local_start: Any) -> str:
    start = datetime.fromisoformat(str(local_start))
    return f"{day_words(start.date())}, {clock(start)}"


def _why_not(
    request: PracticeRequest, form: DeskForm, wish: Wish, service: practices.ServiceFacts, now: datetime
) -> dict[str, Any] | None:
    """Whether the exact time that was typed can be had, and if not why, and what can be done about it."""
    if form.typed("slot") not in ("", "exact"):
        return None
    try:
        therapist, place, local_start = form.exact()
        wall = datetime.fromisoformat(local_start)
    except (WishError, ValueError):
        return None
    reason = bool(form.typed("reason").strip())
    at_home = place == HOME
    refusal = queries.why_not(
        practice=here(request),
        service=service,
        wall=wall,
        now=now,
        therapist_slug=therapist or None,
        place_slug=place or None,
        home=wish.located().point if at_home else None,
        freely=reason,
        extras=extras_for(wish, practices.addons()),
        needs=wish.needs,
    )
    whose = next((one for one in practices.therapists() if one.slug == therapist), None)
    hours = ""
    if refusal and refusal.code == "closed" and whose and availability.can_edit_hours(request.actor, whose.id):
        page_of = reverse("availability:hours_of", kwargs={"practice": request.practice.slug, "therapist_id": whose.id})
        hours = f"{page_of}?{urlencode({'day': local_start[:10]})}#special"
    return {
        "free": refusal is None,
        "sentence": refusal.sentence if refusal else "",
        "with_reason": bool(refusal and refusal.code in OVERRIDABLE),
        "hours": hours,
    }


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
            freely=bool(form.typed("reason").strip()),
        )

    last = first + timedelta(days=2)
    found = ask(first, last)
    if found:
        return days_of(found, name_therapist=not wish.therapist), ""
    later = ask(last + timedelta(days=1), last + timedelta(days=60), 1)
    return [], later[0].local_start[:10] if later else ""
