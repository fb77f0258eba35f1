"""When a therapist works, edited in the browser: the week, and days that depart from it. No JavaScript needed."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unknot.availability import actions, queries
from unknot.availability.forms import HOME, WeekForm, day_of, span
from unknot.db import tenancy
from unknot.kernel.actors import OWNER, THERAPIST
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

AHEAD = timedelta(days=400)
MOST_DAYS = 62


@require_GET
@page(THERAPIST, OWNER)
def team(request: PracticeRequest) -> HttpResponse:
    """Whose hours one may edit; with only one person, straight to them."""
    mine = [one for one in practices.therapists() if queries.can_edit_hours(request.actor, one.id)]
    if len(mine) == 1:
        return redirect(_url(request, mine[0].id))
    return render(request, "availability/team.html", {"team": mine})


@require_http_methods(["GET", "HEAD", "POST"])
@page(THERAPIST, OWNER)
def hours(request: PracticeRequest, therapist_id: UUID) -> HttpResponse:
    """The week with its breaks, and the days that depart from it."""
    whose = _therapist(request, therapist_id)
    places = practices.places()
    if request.method != "POST":
        return _hours_page(request, whose, _stored(whose.id, _today(request)))
    form = WeekForm.typed(request.POST)
    if not form.is_valid([one.id for one in places]):
        return _hours_page(request, whose, form, status=422)
    now = timezone.now()
    week = [actions.WeeklyHours(rule, place) for rule, place in form.hours]
    actions.set_hours(by=request.actor, therapist_id=whose.id, hours=week, breaks=form.breaks, now=now)
    messages.success(request, "The hours are saved. Visits that are booked already stay where they are.")
    return redirect(_url(request, whose.id))


@require_POST
@page(THERAPIST, OWNER)
def days(request: PracticeRequest, therapist_id: UUID) -> HttpResponse:
    """Adds time off or other hours for one or several days, or takes such a day back."""
    whose = _therapist(request, therapist_id)
    try:
        if "remove" in request.POST:
            _remove(request, whose.id)
            messages.success(request, "That day follows the week again.")
        else:
            with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
                count = _add(request, whose.id)  # all days or none
            messages.success(request, f"Saved for {count} {'day' if count == 1 else 'days'}. Booked visits stay.")
    except InvalidError as error:
        form = _stored(whose.id, _today(request))
        return _hours_page(request, whose, form, error=error.message, status=status_of(error))
    return redirect(f"{_url(request, whose.id)}#special")


@require_POST
@page(OWNER)
def holidays(request: PracticeRequest) -> HttpResponse:
    """Closes the practice on public holidays, or opens it."""
    closed = request.POST.get("closed") == "yes"
    actions.close_on_holidays(by=request.actor, closed=closed, now=timezone.now())
    messages.success(request, "Closed on public holidays." if closed else "Open on public holidays.")
    mine = next((one for one in practices.therapists() if str(one.id) == request.POST.get("back", "")), None)
    back = reverse("availability:hours", kwargs={"practice": request.practice.slug})
    return redirect(f"{_url(request, mine.id)}#holidays" if mine else back)


def _therapist(request: PracticeRequest, therapist_id: UUID) -> practices.TherapistFacts:
    if not queries.can_edit_hours(request.actor, therapist_id):
        raise NotFoundError
    try:
        return practices.therapist(therapist_id)
    except NotFoundError as error:
        raise NotFoundError from error  # a foreign id and a made-up one read alike


def _add(request: PracticeRequest, therapist_id: UUID) -> int:
    said = {name: request.POST.get(name, "")[:120].strip() for name in ("kind", "place", "reason")}
    first = day_of(request.POST.get("first", "")[:10])
    last = day_of(request.POST.get("last", "")[:10]) or first
    if first is None or last is None or not first <= last < first + timedelta(days=MOST_DAYS):
        raise actions.DayRangeError(field="first")
    opens = closes = None
    if said["kind"] != "closed":
        opens, closes = span(request.POST.get("opens", "")[:5], request.POST.get("closes", "")[:5])
    at_home = said["place"] == HOME and said["kind"] != "closed"
    place = _place_id(said["place"]) if not at_home and said["kind"] != "closed" else None
    for number in range((last - first).days + 1):
        actions.add_exception(
            by=request.actor,
            therapist_id=therapist_id,
            day=first + timedelta(days=number),
            kind=said["kind"],
            opens=opens,
            closes=closes,
            mode="home" if at_home else "clinic",
            place_id=place,
            reason=said["reason"],
            now=timezone.now(),
        )
    return (last - first).days + 1


def _remove(request: PracticeRequest, therapist_id: UUID) -> None:
    known = {str(one.id): one.id for one in _special(request, therapist_id)}
    found = known.get(request.POST["remove"][:40])
    if found is not None:  # gone already: what was wanted is so
        actions.remove_exception(by=request.actor, exception_id=found, now=timezone.now())


def _place_id(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise actions.PlaceNeededError(field="place") from error


@dataclass(frozen=True)
class Special:
    """A day that departs from the week, in words."""

    id: UUID
    day: date
    what: str
    reason: str


def _special(request: PracticeRequest, therapist_id: UUID) -> list[queries.ExceptionFacts]:
    today = _today(request)
    return queries.exceptions(by=request.actor, first=today, last=today + AHEAD, therapist_id=therapist_id)


def _words(one: queries.ExceptionFacts, places: dict[UUID, str]) -> Special:
    where = places.get(one.place_id, "") if one.place_id else "home visits" if one.mode == HOME else ""
    if one.kind == "closed":
        what = "Off" if not where else f"Off at {where}"
    else:
        times = f"{_clock(one.opens)} to {_clock(one.closes)}"
        what = f"{'Also' if one.kind == 'extra' else 'Only'} {times}{f', {where}' if where else ''}"
    return Special(one.id, one.day, what, one.reason)


def _clock(minute: int | None) -> str:
    minutes = minute or 0
    return f"{minutes // 60 % 24}:{minutes % 60:02}"


def _hours_page(
    request: PracticeRequest, whose: practices.TherapistFacts, form: WeekForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    places = practices.places()
    names = {one.id: one.name for one in places}
    choices = [(str(one.id), one.name) for one in places]
    choices += [(HOME, "Home visits")] if whose.home_visits or not places else []
    context = {
        "whose": whose,
        "week": form.by_day(),
        "faults": [row for row in form.rows if row.error],
        "choices": choices,
        "special": [_words(one, names) for one in _special(request, whose.id)],
        "holidays": practices.holidays(_today(request), _today(request) + timedelta(days=365)),
        "closed_on_holidays": practices.practice(request.practice.id).holidays == "closed",
        "may_switch": request.actor.has(OWNER),
        "error": error,
        "day": (request.POST.get("first") or request.GET.get("day", ""))[:10],
        "typed": request.POST if error else {},
        "today": _today(request).isoformat(),
    }
    return render(request, "availability/hours.html", context, status=status)


def _stored(therapist_id: UUID, today: date) -> WeekForm:
    inputs = queries.opening([therapist_id], first=today, last=today)[therapist_id]
    rules = [(rule, one.place_id) for one in inputs.hours for rule in one.rules]
    breaks = next((one.breaks for one in inputs.hours), ())
    return WeekForm.of(rules, breaks)


def _today(request: PracticeRequest) -> date:
    return local(timezone.now(), request.practice.timezone).date()


def _url(request: PracticeRequest, therapist_id: UUID) -> str:
    return reverse("availability:hours_of", kwargs={"practice": request.practice.slug, "therapist_id": therapist_id})
