"""Several people at once, by telephone: who, what, when, and book all of it or nothing. Also without JavaScript."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions, queries
from unknot.booking.domain.groups import FEWEST, MOST
from unknot.booking.domain.wording import NEEDS, DayOfTimes, clock, day_words, days_of
from unknot.booking.forms import DeskGroupForm, PersonFields, menu
from unknot.booking.views.diary import date_of
from unknot.booking.views.public import here
from unknot.db import tenancy
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions as people_actions
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

SHOWN = 6
OVERRIDABLE = ("past-notice", "past-horizon", "day-full")
WHICH = {1: "The first, who calls", 2: "The second", 3: "The third", 4: "The fourth"}


class SomebodyKnownError(ConflictError):
    """Somebody like that is a client here already. Nothing was booked yet: choose the one you know, or say it is
    somebody else."""

    code = "maybe-known"


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def book(request: PracticeRequest) -> HttpResponse:
    """The form, with free times and clients as far as they are known; sent with "Book all of it" it books."""
    now = timezone.now()
    if request.method != "POST":
        return _form_page(request, DeskGroupForm(request.GET), now)
    data = request.POST.copy()
    if len(request.POST.get("show", "")) == len("2026-11-24"):
        data["date"] = request.POST["show"]
    form = DeskGroupForm(data)
    form.is_valid()
    if "show" in request.POST:  # by POST too, so that names and needs stay out of addresses
        return _form_page(request, form, now)
    try:
        alike = {one.number: found for one in form.people if (found := _alike(request, one))}
        if alike:
            return _form_page(request, form, now, error=SomebodyKnownError().message, alike=alike, status=409)
        with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
            group = _booked(request, form, now)
    except (ConflictError, InvalidError, NotFoundError) as error:
        taken = error.extra.get("alternatives", [])
        return _form_page(request, form, now, error=error.message, taken=taken, status=status_of(error))
    sheet = reverse("booking:desk_group", kwargs={"practice": request.practice.slug, "group_id": group.id})
    return redirect(f"{sheet}?{urlencode({'new': 1})}")


def _alike(request: PracticeRequest, person: PersonFields) -> list[people.ClientFacts]:
    """Clients whom a new one might be, unless somebody looked and said no."""
    if person.typed("client") not in ("", "new") or not person.is_valid():
        return []
    new = person.cleaned_data
    return people.clients_like(name=new["name"], phone=new["phone"], email=new["email"], by=request.actor)


def _asked(request: PracticeRequest, form: DeskGroupForm, now: datetime) -> queries.GroupQuestion:
    """What they want, as far as it can be asked. Raises WishError, NoHomeVisitError, UnknownAreaError, PlaceError."""
    return queries.GroupQuestion(
        here(request),
        form.seats(practices.services()),
        now,
        place_slug=form.typed("place") or None,
        home=form.wish().located().point if form.at_home else None,
        freely=bool(form.typed("reason").strip()),
    )


def _booked(request: PracticeRequest, form: DeskGroupForm, now: datetime) -> queries.GroupFacts:
    """Times, new clients and visits together; any refusal leaves none of them."""
    place, local_start = form.start()
    known = [one.client_id() for one in form.people]
    asked = _asked(request, form, now)
    for one in known:
        if one is not None:
            people.client(one, by=request.actor)
    held = actions.hold_group(  # first, so that its locks come before everything that is written
        by=request.actor,
        practice=asked.practice,
        seats=asked.seats,
        place_slug=place or None,
        local_start=local_start,
        home=asked.home,
        home_address=form.wish().home_address,
        override_reason=form.cleaned_data["reason"],
        now=now,
    )
    actions.take_group(group_id=held.id, secret=held.secret, clients=[one for one in known if one], now=now)
    coming = []
    for person, one in zip(form.people, known, strict=True):
        new = person.cleaned_data
        client_id = one or people_actions.add_client(
            by=request.actor, name=new["name"], email=new["email"], phone=new["phone"], now=now
        )
        coming.append(actions.Person(client_id))
    return actions.book_group(by=request.actor, group_id=held.id, secret=held.secret, people_coming=coming, now=now)


def _form_page(
    request: PracticeRequest,
    form: DeskGroupForm,
    now: datetime,
    *,
    error: str = "",
    taken: Any = (),
    alike: Any = None,
    status: int = 200,
) -> HttpResponse:
    form.is_valid()
    first = date_of(form.typed("date"), local(now, request.practice.timezone).date())
    days: list[DayOfTimes] = []
    refusal, next_day, why = "", "", None
    if form.complete():
        try:
            asked = _asked(request, form, now)
            days, next_day = _free_days(asked, first)
            why = _why_not(asked, form)
        except InvalidError as refused:
            refusal = refused.message
    services = practices.services()
    context = {
        "form": form,
        "people": [_person(request, one, (alike or {}).get(one.number, [])) for one in form.people],
        "sizes": range(FEWEST, MOST + 1),
        "kinds": menu(services),
        "needs": NEEDS.items(),
        "team": practices.therapists(),
        "places": practices.places(),
        "place": form.typed("place"),
        "home_visits": any(one.at_home for one in services),
        "days": days,
        "next_day": next_day,
        "next_words": day_words(date.fromisoformat(next_day)) if next_day else "",
        "first": first.isoformat(),
        "error": error or refusal,
        "taken": [(one["key"], _moment(one["local_start"]), ", ".join(one["therapists"])) for one in taken],
        "slot": form.typed("slot"),
        "exact": form.exact_words(),
        "time": form.typed("time")[:5],
        "why": why,
    }
    return render(request, "booking/desk_together.html", context, status=status)


def _person(request: PracticeRequest, form: PersonFields, alike: list[people.ClientFacts]) -> dict[str, Any]:
    """One of them with whoever was found for what was typed, the one chosen before first."""
    words, chosen = form.typed("q").strip(), form.typed("client")
    found = people.clients_matching(words, by=request.actor, limit=SHOWN) if words else []
    known = people.clients_named([one] if (one := PersonFields.known_id(chosen)) else [])
    before = [one for one in known.values() if one.id not in {other.id for other in found}]
    return {
        "form": form,
        "number": form.number,
        "title": WHICH[form.number],
        "found": [*before, *found],
        "words": words,
        "client": chosen,
        "alike": alike,
    }


def _moment(local_start: Any) -> str:
    start = datetime.fromisoformat(str(local_start))
    return f"{day_words(start.date())}, {clock(start)}"


def _why_not(asked: queries.GroupQuestion, form: DeskGroupForm) -> dict[str, Any] | None:
    """Whether the exact time that was typed can be had by all, and if not why, and what can be done about it."""
    wall = form.exact_start()
    if wall is None or form.typed("slot") not in ("", "exact"):
        return None
    refusal = queries.why_not_together(asked, wall)
    return {
        "free": refusal is None,
        "sentence": refusal.sentence if refusal else "",
        "with_reason": bool(refusal and refusal.code in OVERRIDABLE),
    }


def _free_days(asked: queries.GroupQuestion, first: date) -> tuple[list[DayOfTimes], str]:
    """Three days of times that suit all; if there are none, the next day that has some."""
    last = first + timedelta(days=2)
    found = queries.group_starts(asked, first=first, last=last)
    if found:
        return days_of(found, name_therapist=True), ""
    later = queries.group_starts(asked, first=last + timedelta(days=1), last=last + timedelta(days=60), limit=1)
    return [], later[0].local_start[:10] if later else ""
