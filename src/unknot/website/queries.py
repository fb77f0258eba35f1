"""Reads for a practice's website: articles (published ones only), its menu and its team with free times."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from unknot.booking.queries import Slot, completed_counts, first_starts
from unknot.kernel import zones
from unknot.kernel.errors import NotFoundError
from unknot.practice.queries import PracticeFacts, ServiceFacts, TherapistFacts
from unknot.reviews import queries as reviews
from unknot.reviews.queries import Rating
from unknot.website.domain import Heading, region_words, render_article
from unknot.website.models import Article

_LISTED = ("slug", "title", "description", "author", "published_on", "tags", "featured", "minutes", "guide_region")


class UnknownArticleError(NotFoundError):
    """This practice has no such article. Its articles page lists what there is."""

    code = "unknown-article"


@dataclass(frozen=True)
class ArticleCard:
    """An article in a list. `minutes` is the reading time."""

    slug: str
    title: str
    description: str
    author: str
    published_on: date
    tags: tuple[str, ...]
    featured: bool
    minutes: int
    guide_region: str

    @property
    def about(self) -> str:
        """The body region it is about, in words, or ""."""
        return region_words(self.guide_region)


@dataclass(frozen=True)
class ArticlePage:
    """An article with its safe HTML, its headings, and what the claim check found in it."""

    card: ArticleCard
    html: str
    headings: tuple[Heading, ...]
    claims: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class ArticleAddress:
    """What a site map says of an article."""

    practice_id: UUID
    slug: str
    published_on: date


def articles(*, on: date, limit: int | None = None) -> list[ArticleCard]:
    """Articles of the practice in scope published by that day, featured first, then newest. One query."""
    rows = Article.objects.filter(state="published", published_on__lte=on)
    ordered = rows.order_by("-featured", "-published_on", "slug").values(*_LISTED)[:limit]
    return [_card(row) for row in ordered]


def article_at(slug: str, *, on: date) -> ArticlePage:
    """One article of the practice in scope published by that day. Raises UnknownArticleError."""
    row = Article.objects.filter(slug=slug, state="published", published_on__lte=on).first()
    if row is None:
        raise UnknownArticleError
    card = _card({name: getattr(row, name) for name in _LISTED})
    return ArticlePage(card, row.html, render_article(row.body).headings, tuple(row.claims))


def article_addresses(*, on: date) -> list[ArticleAddress]:
    """Published articles of all practices, for the site map; drafts stay behind the database's wall."""
    rows = Article.across_practices.filter(state="published", published_on__lte=on).order_by("practice_id", "slug")
    return [ArticleAddress(*row) for row in rows.values_list("practice_id", "slug", "published_on")]


def _card(row: dict[str, Any]) -> ArticleCard:
    return ArticleCard(**{**row, "tags": tuple(row["tags"])})


# What the practice's pages show of its menu and its team


@dataclass(frozen=True)
class Length:
    """One bookable length of a treatment: the service itself."""

    service: ServiceFacts

    @property
    def label(self) -> str:
        """The length in words."""
        return f"{self.service.minutes} min"


@dataclass(frozen=True)
class MenuLine:
    """A treatment with all its lengths, at the clinic or at home."""

    name: str
    description: str
    at_home: bool
    lengths: tuple[Length, ...]

    @property
    def cheapest(self) -> ServiceFacts:
        """The length with the lowest price."""
        return min((one.service for one in self.lengths), key=lambda one: (one.price.minor, one.minutes))


@dataclass(frozen=True)
class TherapistCard:
    """A therapist with rating and next free times at the clinic; who only visits homes has none here."""

    facts: TherapistFacts
    rating: Rating
    times: tuple["FreeTime", ...]
    at_clinic: bool
    registered: str

    @property
    def first_name(self) -> str:
        """For short sentences."""
        return self.facts.name.split()[0]


@dataclass(frozen=True)
class FreeTime:
    """A free start with how it reads ("Tue 24 Nov, 9:00 a.m.") and the service it was looked up for."""

    slot: Slot
    service: ServiceFacts

    @property
    def local(self) -> datetime:
        """By the practice's clock, as a bare wall time: templates move instants to UTC, but never these."""
        return datetime.fromisoformat(self.slot.local_start)

    @property
    def key(self) -> str:
        """Names the time when it is held."""
        return self.slot.key


_LENGTH_IN_NAME = re.compile(r",?\s*\d+\s*min(?:ute)?s?$")
LOOK_AHEAD = timedelta(days=21)
# Neighbouring starts are a quarter of an hour apart; real choices are worth more than four ways to say nine o'clock.
APART, LOOKED_AT = timedelta(minutes=150), 60


def menu(services: Iterable[ServiceFacts]) -> list[MenuLine]:
    """Services as the menu groups them: by treatment and where it takes place, in the practice's own order."""
    groups: dict[tuple[str, bool], list[ServiceFacts]] = {}
    for one in services:
        groups.setdefault((one.kind, one.at_home and not one.at_clinic), []).append(one)
    return [
        MenuLine(
            name=_LENGTH_IN_NAME.sub("", rows[0].name),
            description=next((row.description for row in rows if row.description), ""),
            at_home=at_home,
            lengths=tuple(Length(row) for row in sorted(rows, key=lambda row: (row.minutes, row.price.minor))),
        )
        for (_, at_home), rows in groups.items()
    ]


def team(
    *,
    practice: PracticeFacts,
    services: Iterable[ServiceFacts],
    team: Iterable[TherapistFacts],
    now: datetime,
    count: int = 1,
) -> list[TherapistCard]:
    """The team with ratings and `count` free times of each at the clinic within three weeks, the first and later ones.

    Times are those of the shortest clinic service that the whole team gives (or most of it); a home visit needs an
    address first and has no times here.
    """
    people = list(team)
    clinic = [one for one in services if one.at_clinic]
    today = zones.local(now, practice.timezone).date()
    found: dict[UUID, list[Slot]] = {}
    service = _usual(clinic, people)
    if service is not None:
        found = first_starts(
            practice=practice,
            service=service,
            first=today,
            last=today + LOOK_AHEAD,
            now=now,
            count=1 if count == 1 else LOOKED_AT,
        )
    ratings = reviews.rating([one.id for one in people], visits=completed_counts())
    clinic_ids = {one.id for one in clinic}
    return [
        TherapistCard(
            facts=one,
            rating=ratings[one.id],
            times=tuple(
                FreeTime(slot, service) for slot in _apart(found.get(one.id, []), count) if service is not None
            ),
            at_clinic=bool(one.service_ids & clinic_ids),
            registered=next((held.issuer for held in one.registrations(today)), ""),
        )
        for one in people
    ]


def soonest(cards: Iterable[TherapistCard], *, limit: int) -> list[FreeTime]:
    """The earliest free times over the whole team."""
    times = [time for card in cards for time in card.times]
    return sorted(times, key=lambda time: (time.slot.starts_at, time.slot.therapist_name))[:limit]


def _apart(slots: list[Slot], count: int) -> list[Slot]:
    """The first slot and later ones that leave a real choice, at most `count`."""
    kept: list[Slot] = []
    for slot in slots:
        if len(kept) < count and (not kept or slot.starts_at - kept[-1].starts_at >= APART):
            kept.append(slot)
    return kept


def _usual(services: list[ServiceFacts], people: list[TherapistFacts]) -> ServiceFacts | None:
    """The service most of these people give; among equals the shortest of at least an hour, then the menu's first."""
    given = [(sum(one.id in person.service_ids for person in people), one) for one in services]
    given = [(number, one) for number, one in given if number]
    if not given:
        return None
    return max(given, key=lambda pair: (pair[0], pair[1].minutes >= 60, -pair[1].minutes))[1]
