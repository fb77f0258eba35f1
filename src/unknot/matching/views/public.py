"""The platform's front, the search, and how its order comes about."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format

from unknot.booking.queries import Slot
from unknot.kernel import zones
from unknot.matching import queries
from unknot.matching.domain import CLINIC, HOME, Area, MatchQuery
from unknot.matching.forms import MODES, SERVICES, TIMES, WHEN, SearchForm
from unknot.matching.queries import Found
from unknot.practice.queries import Listing, PracticeFacts, language_name, skill_label
from unknot.web.access import ANYONE, PracticeRequest, page

TONES = ("", "b", "c", "d")
# First day from today, and number of days.
DAYS = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7), "fortnight": (0, 14)}
# Parts that stand on a result anyway: the distance, the times, the registration, the stars.
SAID_ELSEWHERE = frozenset({"distance", "soonest", "credential", "rating"})
HOURS = {"": None, "morning": (0, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 24 * 60)}
WISHES = ("skill", "language", "gender", "pressure", "hours", "access")
DEFAULTS = {"service": "therapeutic", "minutes": "60", "mode": CLINIC, "when": "week", "radius": "25"}


@page(ANYONE, in_practice=False)
def front(request: PracticeRequest) -> HttpResponse:
    """The platform's front page: the search, how it works, every practice."""
    shown = queries.listings()
    form = SearchForm(initial=DEFAULTS)
    return render(request, "matching/front.html", {"form": form, "listings": _toned(shown)})


@page(ANYONE, in_practice=False)
def find(request: PracticeRequest) -> HttpResponse:
    """The search and its results. All of it is in the address, so a search can be kept and shared."""
    words = queries.vocabulary()
    skills, languages = queries.choices(words)
    asked: dict[str, Any] = {key: value for key, value in request.GET.items() if value} | (
        {"access": request.GET.getlist("access")} if "access" in request.GET else {}
    )
    form = SearchForm({**DEFAULTS, "near": "", **asked} if "near" in request.GET else None, initial=DEFAULTS)
    form.offer(skills=skills, languages=languages)
    context: dict[str, Any] = {"form": form, "searched": False, "areas": _areas(words.cities)}
    status = 200
    if form.is_bound and form.is_valid():
        where = queries.area(form.cleaned_data["near"])
        if where is None:
            form.add_error(
                "near", "We don't know this place. Try a neighbourhood, a city, or the first half of a postal code."
            )
        else:
            context |= _results(form.cleaned_data, where)
    if form.is_bound and form.errors:
        status = 422
    context["chips"] = _chips(request, form) if context["searched"] else []
    return render(request, "matching/find.html", context, status=status)


@page(ANYONE, in_practice=False)
def how(request: PracticeRequest) -> HttpResponse:
    """The published ranking rule."""
    return render(request, "matching/how.html", {"rule": queries.ranking_rule()})


def _results(given: dict[str, Any], where: Area) -> dict[str, Any]:
    now = timezone.now()
    query = _query(given, where, queries.zone_at(where.lat, where.lon), now)
    found = queries.search(query=query, now=now)
    return {
        "searched": True,
        "where": where,
        "query": query,
        "mode_words": {CLINIC: "at a clinic", HOME: "at your home"}[query.mode],
        "when_words": dict(WHEN)[given["when"] or "week"].lower(),
        "service_words": dict(SERVICES)[query.service],
        "matches": [_card(one, number) for number, one in enumerate(found)],
        "wider": _wider(given) if len(found) < 2 else [],
    }


def _query(given: dict[str, Any], where: Area, zone: str, now: datetime) -> MatchQuery:
    skip, days = DAYS[given["when"] or "week"]
    first = zones.local(now, zone).date() + timedelta(days=skip)
    starts_from, starts_before = queries.window(first=first, days=days, timezone=zone, now=now)
    language = given["language"]
    return MatchQuery(
        lat=where.lat,
        lon=where.lon,
        radius_km=float(given["radius"] or 25),
        service=given["service"] or "therapeutic",
        minutes=given["minutes"] or 60,
        mode=given["mode"] or CLINIC,
        starts_from=starts_from,
        starts_before=starts_before,
        skills=frozenset({given["skill"]} - {""}),
        language=language,
        language_name=language_name(language) if language else "",
        gender=given["gender"],
        max_pressure=given["pressure"],
        access=frozenset(given["access"]),
        hours=HOURS[given["hours"]],
    )


def _card(one: Found, number: int) -> dict[str, Any]:
    base = f"/p/{one.practice.slug}/"
    chosen = {
        "service": one.service.slug,
        "therapist": one.therapist.slug,
        "place": one.place.slug if one.place is not None else HOME,
    }
    return {
        "found": one,
        "tone": TONES[number % len(TONES)],
        "profile": f"{base}therapists/{one.therapist.slug}/",
        "told": [
            part.why for part in one.match.parts if part.tells and part.points and part.part not in SAID_ELSEWHERE
        ],
        "against": one.match.against,
        "hold": f"{base}book/hold/",
        # A home visit needs its address first, and an address has no place in a link.
        "all_times": f"{base}book/{'times/' if one.place else ''}?{urlencode(chosen)}",
        "times": [_time(slot) for slot in one.slots],
    }


def _time(slot: Slot) -> dict[str, str]:
    """A free time for a button, by the practice's clock."""
    at = datetime.fromisoformat(slot.local_start)
    return {"key": slot.key, "label": date_format(at, "g:i a"), "sub": date_format(at, "D j M")}


def _chips(request: PracticeRequest, form: SearchForm) -> list[dict[str, str]]:
    """Each filter that is on, with the address of the same search without it."""
    if not form.is_valid():
        return []
    given = form.cleaned_data
    words = {
        "skill": skill_label(given["skill"]) if given["skill"] else "",
        "language": f"Speaks {language_name(given['language'])}" if given["language"] else "",
        "gender": {"woman": "A woman", "man": "A man"}.get(given["gender"], ""),
        "pressure": f"Pressure up to {given['pressure']}" if given["pressure"] else "",
        "hours": dict(TIMES)[given["hours"]] if given["hours"] else "",
    }
    chips = [{"label": label, "url": _without(request, name)} for name, label in words.items() if label]
    for need in given["access"]:
        label = dict(form.fields["access"].choices)[need]  # type: ignore[attr-defined]
        chips.append({"label": label, "url": _without(request, "access", need)})
    return chips


def _without(request: PracticeRequest, name: str, value: str = "") -> str:
    kept = [(key, one) for key, values in request.GET.lists() for one in values]
    return f"/find/?{urlencode([pair for pair in kept if pair[0] != name or (value and pair[1] != value)])}"


def _wider(given: dict[str, Any]) -> list[dict[str, str]]:
    """Ways to find more, each one click away."""
    now = {key: value for key, value in given.items() if value not in ("", None, [])}
    tries: list[tuple[str, dict[str, Any]]] = []
    if now.get("when") != "fortnight":
        tries.append(("Look at the next 14 days", {"when": "fortnight"}))
    if int(now.get("radius", 25)) < 50:
        tries.append(("Search within 50 km", {"radius": 50}))
    other = CLINIC if now.get("mode") == HOME else HOME
    tries.append((f"Look {dict(MODES)[other].lower()} instead", {"mode": other}))
    if any(now.get(name) for name in WISHES):
        plain = dict.fromkeys(WISHES, "")
        tries.append(("Drop every wish", plain))
    if int(now.get("minutes", 60)) != 60:
        tries.append(("Try 60 minutes", {"minutes": 60}))
    found = []
    for label, change in tries:
        merged = {key: value for key, value in (now | change).items() if value not in ("", None, [])}
        found.append({"label": label, "url": f"/find/?{urlencode(merged, doseq=True)}"})
    return found


def _areas(cities: Iterable[str]) -> list[tuple[str, str]]:
    """Cities with a clinic, with the search for each."""
    return [(city, f"/find/?{urlencode({'near': city})}") for city in cities]


def _toned(shown: list[Listing]) -> list[dict[str, Any]]:
    return [
        {
            "listing": one,
            "practice": one.practice,
            "kind": _kind(one.practice),
            "cities": sorted({place.city for place in one.places}),
            "at_home": any(service.at_home for service in one.services),
            "cheapest": min((service.price for service in one.services), default=None),
            "people": one.therapists[:4],
            "more": max(0, len(one.therapists) - 4),
        }
        for one in shown
    ]


def _kind(facts: PracticeFacts) -> str:
    return {"solo": "One therapist", "clinic": "Clinic", "marketplace": "Independent therapists"}.get(facts.kind, "")
