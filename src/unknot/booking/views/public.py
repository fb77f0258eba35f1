"""From a wish to a booked visit. Every step is a plain form; nothing needs JavaScript."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.parts import in_words
from unknot.booking.domain.wording import PARTS, clock, day_words, days_of, zone_words
from unknot.booking.forms import (
    HOME,
    SOMEONE_NEW,
    NameForm,
    Wish,
    extras_for,
    places_for,
    service_for,
    slot_parts,
    therapists_for,
)
from unknot.booking.views import whom as party
from unknot.db import tenancy
from unknot.intake import actions as intakes
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.payments import queries as payments
from unknot.people import actions as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts, ServiceFacts
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of

DAYS_SHOWN = 7
Parts = tuple[ServiceFacts, ...]
STEPS = (("What", "choose"), ("When", "times"), ("You", ""), ("Booked", ""))


def here(request: PracticeRequest) -> PracticeFacts:
    """The practice of the page with its policies."""
    return cast(PracticeFacts, request.practice)


def steps(request: PracticeRequest, current: int) -> list[dict[str, str]]:
    """The four steps with where we are."""
    base = f"/p/{request.practice.slug}/book/"
    links = (base, f"{base}times/", "", "")
    states = ["done" if at < current else "current" if at == current else "todo" for at in range(len(STEPS))]
    return [
        {"label": label, "state": state, "url": link if state == "done" else ""}
        for (label, _), state, link in zip(STEPS, states, links, strict=True)
    ]


def wish_of(request: PracticeRequest) -> Wish:
    """What this browser wants to book here."""
    return party.whom_of(request, Wish.restored(request.session.get("wish", {}).get(request.practice.slug)))


def remember(request: PracticeRequest, wish: Wish) -> None:
    """Keeps it for the way."""
    request.session["wish"] = {**request.session.get("wish", {}), request.practice.slug: wish.stored()}


def link_query(wish: Wish, service: ServiceFacts, **more: str) -> str:
    """The wish as a link's query."""
    named = {"service": service.slug, "add": wish.add, "therapist": wish.therapist, "place": wish.place, **more}
    return urlencode({key: value for key, value in named.items() if value}, doseq=True)


def kept_here(request: PracticeRequest, now: datetime) -> queries.Hold | None:
    """The time this browser keeps here just now, for whoever comes back from the safety questions."""
    for hold_id, entry in reversed(request.session.get("holds", {}).items()):
        try:
            found = queries.hold(UUID(hold_id), secret=entry["secret"], now=now)
        except (queries.UnknownHoldError, queries.HoldOverError):
            continue
        if found.visit.state == "held":
            return found
    return None


@page(ANYONE)
def times(request: PracticeRequest) -> HttpResponse:
    """Free times, a week at a time."""
    wish = wish_of(request).asked(request.GET)
    return _times_page(request, wish, timezone.now())


def _times_page(
    request: PracticeRequest, wish: Wish, now: datetime, *, error: str = "", taken: Any = (), status: int = 200
) -> HttpResponse:
    services, team, places = practices.services(), practices.therapists(), practices.places()
    addons = practices.addons()
    try:
        service = service_for(wish, services)
        extras = extras_for(wish, addons)
        if wish.at_home:
            wish.located()
    except InvalidError as refusal:
        messages.warning(request, refusal.message)
        return redirect(url_of(request, "choose"))
    remember(request, wish)
    today = local(now, request.practice.timezone).date()
    first = _day(request.GET.get("from") or request.POST.get("from", ""), today, here(request).horizon_days)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    part = request.GET.get("part", "")
    parts = (service, *extras)
    slots = _slots(request, wish, parts, first, last, now)
    days = days_of(slots, part=part, name_therapist=not wish.therapist and len(team) > 1)
    able = therapists_for(parts, team)
    context = {
        "steps": steps(request, 1),
        "wish": wish,
        "service": service,
        "extras": extras,
        "what": in_words([one.name for one in parts]),
        "minutes": sum(one.minutes for one in parts),
        "price": Money(sum(one.price.minor for one in parts), service.price.currency),
        "addons": [one for one in addons if (one.at_home if wish.at_home else one.at_clinic)],
        "services": [one for one in services if (one.at_home if wish.at_home else one.at_clinic)],
        "team": able,
        "places": places_for(wish, places),
        "for_whom": next((one.name for one in party.choices(request.actor) if one.value == wish.whom), ""),
        "with_whom": next((one for one in able if one.slug == wish.therapist), None),
        "days": days,
        "open_days": {one.id for one in days[: 1 if days and days[0].count > 8 else 2]},
        "week": f"{day_words(first)} to {day_words(last)}",
        "zone": zone_words(request.practice.timezone),
        "first": first.isoformat(),
        "part": part,
        "parts": PARTS,
        "query": link_query(wish, service, part=part),
        "anyone": link_query(replace(wish, therapist=""), service),
        "earlier": (first - timedelta(days=DAYS_SHOWN)).isoformat() if first > today else "",
        "later": (last + timedelta(days=1)).isoformat()
        if last < today + timedelta(days=here(request).horizon_days)
        else "",
        "next_free": None if days else _next_free(request, wish, parts, last, now, part),
        "cta": None,
        "others_free": None if days or not wish.therapist else _others(request, wish, parts, first, last, now),
        "error": error,
        "taken": taken,
        "hold_minutes": here(request).hold_minutes,
        "kept": kept_here(request, now),
    }
    return render(request, "booking/times.html", context, status=status)


def _slots(
    request: PracticeRequest, wish: Wish, parts: Parts, first: date, last: date, now: datetime, **more: Any
) -> list[queries.Slot]:
    return queries.open_slots(
        practice=here(request),
        service=parts[0],
        extras=parts[1:],
        first=first,
        last=last,
        now=now,
        therapist_slug=more.get("therapist", wish.therapist) or None,
        place_slug=wish.place or None,
        home=wish.located().point if wish.at_home else None,
        needs=wish.needs,
    )


def _next_free(
    request: PracticeRequest, wish: Wish, parts: Parts, after: date, now: datetime, part: str
) -> dict[str, str] | None:
    end = local(now, request.practice.timezone).date() + timedelta(days=here(request).horizon_days)
    found = days_of(_slots(request, wish, parts, after + timedelta(days=1), end, now), part=part)
    if not found:
        return None
    return {"from": found[0].id.removeprefix("day-"), "words": found[0].heading.split(",")[0]}


def _others(request: PracticeRequest, wish: Wish, parts: Parts, first: date, last: date, now: datetime) -> list[str]:
    """Names of other therapists with free times in these days."""
    found = _slots(request, wish, parts, first, last, now, therapist="")
    return sorted({one.therapist_name for one in found if one.therapist_slug != wish.therapist})


def _day(typed: str, today: date, horizon: int) -> date:
    try:
        asked = date.fromisoformat(typed[:10])
    except ValueError:
        return today
    return min(max(asked, today), today + timedelta(days=horizon))


@require_POST
@page(ANYONE, writes=6)
def hold(request: PracticeRequest) -> HttpResponse:
    """Keeps the chosen time for some minutes."""
    now = timezone.now()
    wish = wish_of(request).asked(request.POST)
    therapist, place, local_start = slot_parts(request.POST.get("slot", ""))
    kept = request.session.get("holds", {})
    last = next(reversed(kept.items()), None)
    try:
        service = service_for(wish, practices.services())
        extras = extras_for(wish, practices.addons())
        found = actions.hold_slot(
            by=party.going(request.actor, wish.whom),
            practice=here(request),
            service_slug=service.slug,
            therapist_slug=(therapist if wish.therapist or wish.at_home or place != wish.place else "") or None,
            place_slug=place or None,
            local_start=local_start,
            home=wish.located().point if place == HOME else None,
            home_address=wish.home_address if place == HOME else "",
            add=[one.slug for one in extras],
            needs=wish.needs,
            replaces=(UUID(last[0]), last[1]["secret"]) if last else None,
            now=now,
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        taken = [_alternative(one) for one in error.extra.get("alternatives", [])]
        return _times_page(request, wish, now, error=error.message, taken=taken, status=status_of(error))
    entry = {
        "secret": found.secret,
        "service": service.slug,
        "add": [one.slug for one in extras],
        "local_start": local_start,
        "whom": wish.whom,
    }
    request.session["holds"] = {**dict(list(kept.items())[-4:]), str(found.id): entry}
    return redirect(url_of(request, "details", hold_id=found.id))


def _look(request: PracticeRequest, hold_id: UUID) -> None:
    """Before the transaction of a confirmation: the therapist's own calendars once more."""
    entry = request.session.get("holds", {}).get(str(hold_id))
    if request.method == "POST" and entry is not None and not request.actor.is_anonymous:
        by, secret = system(request.practice.id), entry["secret"]
        actions.look_at_hold(by=by, hold_id=hold_id, secret=secret, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=30, before=_look)
def details(request: PracticeRequest, hold_id: UUID) -> HttpResponse:
    """Who is coming: safety questions, sign-in, name, and the confirmation, while the time is kept."""
    now = timezone.now()
    entry = request.session.get("holds", {}).get(str(hold_id))
    if entry is None:
        raise queries.UnknownHoldError
    if request.method == "POST":
        request.session["typed"] = {key: request.POST.get(key, "")[:120] for key in ("name", "phone")}
    try:
        kept = queries.hold(hold_id, secret=entry["secret"], now=now)
    except queries.HoldOverError:
        return _over(request, entry, now)
    if kept.visit.state != "held":
        return redirect(url_of(request, "visit", visit_id=kept.visit.id))
    party.say_whom(request, hold_id)
    form = NameForm(request.POST if request.method == "POST" else None, initial=_known_name(request))
    if request.method == "POST" and not request.actor.is_anonymous and (request.actor.client_id or form.is_valid()):
        try:
            return _confirmed(request, kept, entry["secret"], form, now)
        except queries.HoldOverError:
            return _over(request, entry, now)
        except actions.CalendarSaysBusyError as error:
            return _over(request, entry, now, instead=error.extra["alternatives"])
        except (ConflictError, InvalidError) as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    status = 422 if request.method == "POST" else 200
    return _details_page(request, kept, form, now, status=status)


def _details_page(
    request: PracticeRequest, kept: queries.Hold, form: NameForm, now: datetime, *, status: int = 200
) -> HttpResponse:
    visit = kept.visit
    actor, whom = party.who_comes(request, kept.id)
    visitor = None if whom else request.session.get("visitor")
    known = intake.current_intake(client_id=actor.client_id, visitor=visitor)
    gate = intake.gate(known.id if known else None, now=now)
    service_on = date.fromisoformat(visit.local_start[:10])
    way_in = queries.entry_for(actor, (visit.service, *queries.extras_of(visit)), client_id=actor.client_id)
    context = {
        "steps": steps(request, 2),
        "hold": kept,
        "way_in": way_in,
        "instead": queries.first_visit(visit.service) if way_in == "closed" else None,
        "visit": visit,
        "form": form,
        "gate": gate,
        "cta": None,
        "terms": visit.terms_at(now),
        "seconds": max(0, int((kept.expires_at - now).total_seconds())),
        "until": kept.until,
        "price": payments.price_of(visit.price, practice_id=request.practice.id, service_on=service_on),
        "here": request.path,
    } | party.whom_context(request, actor, whom, visit)
    return render(request, "booking/details.html", context, status=status)


def _known_name(request: PracticeRequest) -> dict[str, str]:
    """What the account knows, and what was typed before a time ran out."""
    typed = {key: value for key, value in request.session.get("typed", {}).items() if value}
    return {"name": request.actor.name} | typed


def _confirmed(
    request: PracticeRequest, kept: queries.Hold, secret: str, form: NameForm, now: datetime
) -> HttpResponse:
    """Writes client, answers and visit together; any refusal leaves none of them."""
    visitor = request.session.get("visitor")
    actor, whom = party.who_comes(request, kept.id)
    if whom == SOMEONE_NEW:
        raise party.WhomError(field="whom")
    with tenancy.scope(practice_id=actor.practice_id, account_id=actor.account_id):
        actions.take_hold(hold_id=kept.id, secret=secret, now=now)
        if actor.client_id is None:
            name, phone = form.cleaned_data["name"], form.cleaned_data["phone"]
            client_id = people.become_client(by=actor, name=name, phone=phone, now=now)
            actor = replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})
        assert actor.client_id is not None  # noqa: S101 - just made
        if visitor and not actor.acting:
            intakes.claim(by=actor, visitor=visitor, client_id=actor.client_id, now=now)
        known = intake.current_intake(client_id=actor.client_id)
        visit = actions.book(by=actor, hold_id=kept.id, secret=secret, intake_id=known.id if known else None, now=now)
    request.session.pop("typed", None)
    party.forget_visitor(request, actor)
    remember(request, replace(wish_of(request), whom=""))
    return redirect(f"{url_of(request, 'visit', visit_id=visit.id)}?new=1")


def _over(
    request: PracticeRequest, entry: dict[str, Any], now: datetime, *, instead: list[dict[str, Any]] | None = None
) -> HttpResponse:
    """The time was given back: what was chosen is still here, with the nearest free times. With `instead` (free slots)
    the therapist's own calendar came in the way of it.
    """
    wish = wish_of(request)
    wanted = datetime.fromisoformat(entry["local_start"])
    service, extras = queries.chosen_parts(entry["service"], entry.get("add", ()))
    today = local(now, request.practice.timezone).date()
    first = max(today, wanted.date() - timedelta(days=1))
    if instead is None:
        found = _slots(request, wish, (service, *extras), first, first + timedelta(days=DAYS_SHOWN), now)
        times: dict[str, queries.Slot] = {}
        for slot in sorted(found, key=lambda one: abs(datetime.fromisoformat(one.local_start) - wanted)):
            times.setdefault(slot.local_start, slot)
        nearest = [_alternative(slot.as_dict()) for slot in list(times.values())[:3]]
    else:
        nearest = [_alternative(one) for one in instead]
    context = {
        "steps": steps(request, 1),
        "service": service,
        "extras": extras,
        "wish": wish,
        "nearest": sorted(nearest, key=lambda one: one["local_start"]),
        "same": next((one for one in nearest if one["local_start"] == entry["local_start"]), None),
        "wanted": f"{day_words(wanted.date())}, {clock(wanted)}",
        "busy": instead is not None,
    }
    return render(request, "booking/over.html", context, status=409)


def _alternative(one: dict[str, Any]) -> dict[str, str]:
    start = datetime.fromisoformat(one["local_start"])
    return {
        "value": str(one["key"]),
        "label": f"{day_words(start.date())}, {clock(start)}",
        "local_start": one["local_start"],
        "sub": str(one["therapist_name"]),
    }


def url_of(request: PracticeRequest, name: str, **kwargs: Any) -> str:
    """The address of a page of the diary here."""
    return reverse(f"booking:{name}", kwargs={"practice": request.practice.slug, **kwargs})
