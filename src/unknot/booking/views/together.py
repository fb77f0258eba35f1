"""Two to four people at once: what each wants, a start that suits all, who they are. Plain forms; no script needed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from unknot.booking import actions, queries
from unknot.booking.domain.groups import FEWEST, MOST
from unknot.booking.domain.wording import clock, day_words, days_of
from unknot.booking.forms import HOME, NameForm, NoHomeVisitError, Wish, WishError
from unknot.booking.forms.together import GroupWish, HomeForm, PersonForm
from unknot.booking.queries import VisitFacts
from unknot.booking.views.public import DAYS_SHOWN, here, steps, url_of
from unknot.db import tenancy
from unknot.intake import actions as intakes
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions as people
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of


@require_safe
@page(ANYONE)
def choose(request: PracticeRequest) -> HttpResponse:
    """How many, and what each of them would like."""
    return _choose_page(request, GroupWish.asked(request.GET))


def _choose_page(request: PracticeRequest, wish: GroupWish, *, error: InvalidError | None = None) -> HttpResponse:
    services, team = practices.services(), practices.therapists()
    numbers = range(1, wish.people + 1)
    context = {
        "steps": steps(request, 0),
        "wish": wish,
        "sizes": range(FEWEST, MOST + 1),
        "rows": list(zip(numbers, wish.services, wish.therapists, strict=True)),
        "services": _lengths(services),
        "home_visits": any(one.at_home for one in services),
        "team": team,
        "places": practices.places(),
        "errors": [{"target": error.field, "text": error.message}] if error else [],
        "cta": None,
    }
    return render(request, "booking/together.html", context, status=422 if error else 200)


def _lengths(services: list[ServiceFacts]) -> list[ServiceFacts]:
    """Each kind and length once, as given at the clinic if it is."""
    found: dict[tuple[str, int], ServiceFacts] = {}
    for one in services:
        key = (one.kind, one.minutes)
        if key not in found or (one.at_clinic and not found[key].at_clinic):
            found[key] = one
    return list(found.values())


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE)
def home(request: PracticeRequest) -> HttpResponse:
    """The one address at which all of them are; it stays in the session."""
    posted = request.method == "POST"
    wish = replace(GroupWish.asked(request.POST if posted else request.GET), place=HOME)
    form = HomeForm(request.POST if posted else None, initial=request.session.get("together_home", {}))
    if posted and form.is_valid():
        request.session["together_home"] = form.cleaned_data
        return redirect(f"{url_of(request, 'together_times')}?{wish.query()}")
    errors = [{"target": form[name].auto_id, "text": str(words[0])} for name, words in form.errors.items()]
    context = {"steps": steps(request, 0), "wish": wish, "form": form, "errors": errors, "cta": None}
    return render(request, "booking/together_home.html", context, status=422 if posted else 200)


def home_of(request: PracticeRequest) -> Wish | None:
    """The address that was given before, if one was."""
    kept = request.session.get("together_home")
    return Wish(place=HOME, street=kept["street"], postal_code=kept["postal_code"]) if kept else None


@require_safe
@page(ANYONE)
def times(request: PracticeRequest) -> HttpResponse:
    """Starts that suit everybody at once, a week at a time."""
    return _times_page(request, GroupWish.asked(request.GET), timezone.now())


def _times_page(
    request: PracticeRequest, wish: GroupWish, now: datetime, *, error: str = "", taken: Any = (), status: int = 200
) -> HttpResponse:
    try:
        seats = wish.seats(practices.services())
    except (WishError, NoHomeVisitError) as refusal:
        return _choose_page(request, wish, error=refusal)
    at = home_of(request) if wish.at_home else None
    if wish.at_home and at is None:
        return redirect(f"{url_of(request, 'together_home')}?{wish.query()}")
    today = local(now, request.practice.timezone).date()
    horizon = today + timedelta(days=here(request).horizon_days)
    first = day_asked(request.GET.get("from", ""), today, horizon)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    found = starts_for(request, wish, seats, first, last, now)
    after = [] if found else starts_for(request, wish, seats, last + timedelta(days=1), horizon, now, limit=1)
    days = days_of(found, name_therapist=False)
    context = {
        "steps": steps(request, 1),
        "wish": wish,
        "days": days,
        "open_days": {one.id for one in days[:1]},
        "week": f"{day_words(first)} to {day_words(last)}",
        "earlier": wish.query(**{"from": (first - timedelta(days=DAYS_SHOWN)).isoformat()}) if first > today else "",
        "later": wish.query(**{"from": (last + timedelta(days=1)).isoformat()}) if last < horizon else "",
        "next_free": wish.query(**{"from": after[0].local_start[:10]}) if after else "",
        "next_words": day_words(date.fromisoformat(after[0].local_start[:10])) if after else "",
        "error": error,
        "taken": taken,
        "hold_minutes": here(request).hold_minutes,
        "address": at.home_address if at else "",
        "cta": None,
    }
    return render(request, "booking/together_times.html", context, status=status)


def starts_for(
    request: PracticeRequest,
    wish: GroupWish,
    seats: list[queries.Seat],
    first: date,
    last: date,
    now: datetime,
    limit: int | None = None,
) -> list[queries.GroupStart]:
    """Starts for these seats; none for a therapist or place the practice does not have."""
    at = home_of(request) if wish.at_home else None
    asked = queries.GroupQuestion(
        here(request), tuple(seats), now, place_slug=wish.place or None, home=at.located().point if at else None
    )
    return queries.group_starts(asked, first=first, last=last, limit=limit)


def day_asked(typed: str, today: date, horizon: date) -> date:
    """The day of an address, within what can be booked; today for anything odd."""
    try:
        return min(max(date.fromisoformat(typed[:10]), today), horizon)
    except ValueError:
        return today


@require_POST
@page(ANYONE, writes=6)
def hold(request: PracticeRequest) -> HttpResponse:
    """Keeps the chosen start for all of them for some minutes."""
    now, wish = timezone.now(), GroupWish.asked(request.POST)
    place, _, local_start = request.POST.get("slot", "")[:120].replace("\x00", "").partition("|")
    kept = request.session.get("groups", {})
    last = next(reversed(kept.items()), None)
    at = home_of(request) if place == HOME else None
    try:
        found = actions.hold_group(
            by=request.actor,
            practice=here(request),
            seats=wish.seats(practices.services()),
            place_slug=place or None,
            local_start=local_start,
            home=at.located().point if at else None,
            home_address=at.home_address if at else "",
            replaces=(UUID(last[0]), last[1]["secret"]) if last else None,
            now=now,
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        taken = [_alternative(one) for one in error.extra.get("alternatives", [])]
        return _times_page(request, wish, now, error=error.message, taken=taken, status=status_of(error))
    entry = {"secret": found.secret, "query": wish.query()}
    request.session["groups"] = {**dict(list(kept.items())[-4:]), str(found.id): entry}
    return redirect(url_of(request, "together_details", group_id=found.id))


def _alternative(one: dict[str, Any]) -> dict[str, str]:
    start = datetime.fromisoformat(str(one["local_start"]))
    return {"value": str(one["key"]), "label": f"{day_words(start.date())}, {clock(start)}"}


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=30)
def details(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Who they are, and the confirmation, while the times are kept."""
    now = timezone.now()
    entry = request.session.get("groups", {}).get(str(group_id))
    if entry is None:
        raise queries.UnknownHoldError
    try:
        kept = queries.kept_group(group_id, secret=entry["secret"], now=now)
    except queries.HoldOverError as error:
        wish = GroupWish.asked(dict(_pairs(entry["query"])))
        return _times_page(request, wish, now, error=error.message, status=409)
    if kept[0].state != "held":
        return redirect(url_of(request, "together_group", group_id=group_id))
    posted = request.POST if request.method == "POST" else None
    forms = [PersonForm(posted, number=number, actor=request.actor) for number in range(1, len(kept) + 1)]
    name = None if request.actor.client_id else NameForm(posted, initial={"name": request.actor.name})
    errors: list[dict[str, str]] = []
    typed = [one.is_valid() for one in [*forms, *([name] if name else [])]]  # all of them, so that each says its own
    if posted is not None and not request.actor.is_anonymous and all(typed):
        try:
            return _booked(request, group_id, entry["secret"], forms, name, now)
        except (ConflictError, InvalidError) as error:
            errors = [{"target": "people", "text": error.message}]
    return _details_page(request, kept, forms, name, errors, now, posted=posted is not None)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query)


def _booked(
    request: PracticeRequest,
    group_id: UUID,
    secret: str,
    forms: list[PersonForm],
    name: NameForm | None,
    now: datetime,
) -> HttpResponse:
    """Writes records, answers and visits together; any refusal leaves none of them."""
    actor, visitor = request.actor, request.session.get("visitor")
    with tenancy.scope(practice_id=actor.practice_id, account_id=actor.account_id):
        actions.take_group(group_id=group_id, secret=secret, now=now)
        if name is not None:
            given = name.cleaned_data
            client_id = people.become_client(by=actor, name=given["name"], phone=given["phone"], now=now)
            actor = replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})
            for one in forms:
                one.actor = actor
        if visitor and actor.client_id:
            intakes.claim(by=actor, visitor=visitor, client_id=actor.client_id, now=now)
        coming = [one.person() for one in forms]
        found = actions.book_group(by=actor, group_id=group_id, secret=secret, people_coming=coming, now=now)
    return redirect(f"{url_of(request, 'together_group', group_id=found.id)}?new=1")


def _details_page(
    request: PracticeRequest,
    kept: list[VisitFacts],
    forms: list[PersonForm],
    name: NameForm | None,
    errors: list[dict[str, str]],
    now: datetime,
    *,
    posted: bool,
) -> HttpResponse:
    for form in [*forms, *([name] if name else [])]:
        errors += [{"target": form[field].auto_id, "text": str(words[0])} for field, words in form.errors.items()]
    expires_at = kept[0].hold_expires_at or now
    context = {
        "steps": steps(request, 2),
        "first": kept[0],
        "rows": list(zip(kept, forms, strict=True)),
        "name_form": name,
        "errors": errors,
        "asks": _asks(request, now),
        "here": request.path,
        "seconds": max(0, int((expires_at - now).total_seconds())),
        "until": clock(local(expires_at, kept[0].timezone)),
        "cta": None,
    }
    return render(request, "booking/together_details.html", context, status=422 if posted else 200)


def _asks(request: PracticeRequest, now: datetime) -> list[tuple[str, str]]:
    """Whose safety questions are still to be answered: name and the address's query."""
    actor: Actor = request.actor
    if actor.is_anonymous:
        return []
    visitor = request.session.get("visitor")
    mine = intake.current_intake(client_id=actor.client_id, visitor=visitor)
    found = [] if intake.gate(mine.id if mine else None, now=now).may_book else [("you", "")]
    for client_id, called in actor.dependants.items():
        answers = intake.current_intake(client_id=client_id)
        if not intake.gate(answers.id if answers else None, now=now, client_id=client_id).may_book:
            found.append((called, f"for={client_id}&"))
    return found
