"""A practice's own website: what anyone sees first."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from unknot.kernel import zones
from unknot.kernel.text import spoken_phone
from unknot.practice import queries as practice
from unknot.reviews import queries as reviews
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.website import queries
from unknot.website.domain import structured
from unknot.website.policies import can_see_claims
from unknot.website.queries import FreeTime, MenuLine, TherapistCard

TONES = ("", "b", "c", "d")


@page(ANYONE)
def home(request: PracticeRequest) -> HttpResponse:
    """The practice's front page."""
    now = timezone.now()
    facts, today = _practice(request), _today(request)
    services, places, team = practice.services(), practice.places(), practice.therapists()
    each = -(-5 // len(team)) if team else 1
    cards = queries.team(practice=facts, services=services, team=team, now=now, count=each)
    context = {
        "menu": queries.menu(services),
        "team": _toned(cards),
        "next_free": [_time(one, day_first=True, named=len(team) > 1) for one in queries.soonest(cards, limit=5)],
        "usual": next((time.service for card in cards for time in card.times), None),
        "places": places,
        "articles": queries.articles(on=today, limit=3),
        "reviews": reviews.reviews_of_practice(limit=3),
        "rating": reviews.rating_of_practice(),
        "home_visits": any(one.at_home for one in services),
        "path": request.path,
        "canonical": _absolute(request),
        "data": _embedded(_business(request, queries.menu(services), places)),
    }
    return render(request, "website/home.html", _with_contact(context, request))


@page(ANYONE)
def therapists(request: PracticeRequest) -> HttpResponse:
    """Everybody who works here."""
    cards = queries.team(
        practice=_practice(request), services=practice.services(), team=practice.therapists(), now=timezone.now()
    )
    context = {"team": _toned(cards), "canonical": _absolute(request)}
    return render(request, "website/therapists.html", _with_contact(context, request))


@page(ANYONE)
def therapist(request: PracticeRequest, slug: str) -> HttpResponse:
    """One therapist: who they are, what stands behind it, when they are free, what clients say."""
    facts, today = _practice(request), _today(request)
    found = practice.therapist_at(slug)
    services = [one for one in practice.services() if one.id in found.service_ids]
    card = queries.team(practice=facts, services=services, team=[found], now=timezone.now(), count=6)[0]
    data = structured.person(
        name=found.name,
        url=_absolute(request),
        title=found.title,
        description=found.bio,
        languages=found.languages,
        credentials=[(one.title, one.issuer) for one in found.registrations(today)],
        works_for=_home_url(request),
    )
    context = {
        "card": card,
        "times": [_time(one) for one in card.times],
        "usual": card.times[0].service if card.times else None,
        "therapist": found,
        "registrations": found.registrations(today),
        "checked": found.verified_skills(),
        "skills": [(practice.skill_label(one), one in found.verified_skills()) for one in found.skills],
        "menu": queries.menu(services),
        "reviews": reviews.reviews_of_therapist(found.id, limit=10),
        "canonical": _absolute(request),
        "data": _embedded(data),
    }
    return render(request, "website/therapist.html", _with_contact(context, request))


@page(ANYONE)
def articles(request: PracticeRequest) -> HttpResponse:
    """Everything the practice has written."""
    context = {"articles": queries.articles(on=_today(request)), "canonical": _absolute(request)}
    return render(request, "website/articles.html", _with_contact(context, request))


@page(ANYONE)
def article(request: PracticeRequest, slug: str) -> HttpResponse:
    """One article, and the way from it into the guide."""
    today = _today(request)
    found = queries.article_at(slug, on=today)
    card = found.card
    data = structured.posting(
        title=card.title,
        url=_absolute(request),
        description=card.description,
        author=card.author,
        published_on=card.published_on,
        tags=card.tags,
        publisher=request.practice.name,
    )
    context = {
        "article": card,
        # Cleaned by nh3 when it was imported; see website.domain.render.
        "html": mark_safe(found.html),  # noqa: S308
        "headings": [one for one in found.headings if one.level == 2],
        "claims": found.claims if can_see_claims(request.actor) else (),
        "more": [one for one in queries.articles(on=today, limit=4) if one.slug != card.slug][:3],
        "canonical": _absolute(request),
        "data": _embedded(data),
    }
    return render(request, "website/article.html", _with_contact(context, request))


def _time(one: FreeTime, *, day_first: bool = False, named: bool = False) -> dict[str, str]:
    """A free time for a button, by the practice's clock."""
    label, sub = ("D g:i a", "j M") if day_first else ("g:i a", "D j M")
    who = f", {one.slot.therapist_name}" if named else ""
    return {"key": one.key, "label": date_format(one.local, label), "sub": date_format(one.local, sub) + who}


def _practice(request: PracticeRequest) -> practice.PracticeFacts:
    facts = request.practice
    assert isinstance(facts, practice.PracticeFacts)  # noqa: S101 - what the finder in the settings gives
    return facts


def _today(request: PracticeRequest) -> date:
    return zones.local(timezone.now(), request.practice.timezone).date()


def _absolute(request: PracticeRequest) -> str:
    return f"{settings.UNKNOT_URL}{request.path}"


def _home_url(request: PracticeRequest) -> str:
    return f"{settings.UNKNOT_URL}/p/{request.practice.slug}/"


def _toned(cards: Iterable[TherapistCard]) -> list[tuple[TherapistCard, str]]:
    return [(card, TONES[number % len(TONES)]) for number, card in enumerate(cards)]


def _embedded(data: dict[str, Any]) -> str:
    return mark_safe(structured.embedded(data))  # noqa: S308 - escaped for a script element there


def _business(request: PracticeRequest, menu: list[MenuLine], places: list[practice.PlaceFacts]) -> dict[str, Any]:
    facts = _practice(request)
    return structured.business(
        name=facts.name,
        url=_home_url(request),
        description=facts.tagline,
        phone=facts.phone,
        email=facts.email,
        places=[
            structured.Address(one.name, one.street, one.city, one.region, one.postal_code, one.lat, one.lon)
            for one in places
        ],
        offerings=[
            structured.Offering(
                length.service.name, line.description, f"{length.service.price.amount:.2f}", facts.currency
            )
            for line in menu
            for length in line.lengths
        ],
    )


def _with_contact(context: dict[str, Any], request: PracticeRequest) -> dict[str, Any]:
    """Adds the lines of the footer."""
    facts = _practice(request)
    lines = [one.address for one in context.get("places") or practice.places()]
    return context | {"foot_lines": [*lines, spoken_phone(facts.phone)]}
