"""The door of the marketplace: the search over all practices, and what its pages offer to choose from."""

from datetime import UTC, date, datetime, timedelta

from unknot.booking import queries as booking
from unknot.kernel import zones
from unknot.matching.domain import Area, distance_km, find_area
from unknot.matching.queries.facts import Found, RankingRule, ranking_rule
from unknot.matching.queries.search import search
from unknot.matching.queries.shortlist import Shortlist
from unknot.practice import queries as practice
from unknot.practice.queries import Listing, Vocabulary

__all__ = [
    "Found",
    "RankingRule",
    "Shortlist",
    "area",
    "choices",
    "listings",
    "ranking_rule",
    "search",
    "vocabulary",
    "window",
    "zone_at",
]


def area(text: str) -> Area | None:
    """Where a typed place is, or None."""
    return find_area(text)


def listings() -> list[Listing]:
    """Every published practice with its therapists, menu and clinics."""
    return practice.directory()


def vocabulary() -> Vocabulary:
    """What people who can be found name, and where they work."""
    return practice.vocabulary()


def choices(words: Vocabulary) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Skills and languages to choose from, as (code, words), by words: those that somebody listed has."""
    skills = [(slug, practice.skill_label(slug)) for slug in words.skills]
    languages = [(code, practice.language_name(code)) for code in words.languages]
    return sorted(skills, key=lambda pair: pair[1]), sorted(languages, key=lambda pair: pair[1])


def zone_at(lat: float, lon: float) -> str:
    """The clock by which days are meant at a place: that of the nearest clinic, UTC if there is none."""
    if found := booking.nearest_zone(lat, lon):
        return found
    ranked = [
        (distance_km(lat, lon, place.lat, place.lon), listing.practice.timezone)
        for listing in listings()
        for place in listing.places
    ]
    return min(ranked)[1] if ranked else "UTC"


def window(*, first: date, days: int, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """The instants from `first` (or `now`, if later) to the end of its `days`-th local day."""
    opens, _ = zones.local_day_bounds(first, timezone)
    _, closes = zones.local_day_bounds(first + timedelta(days=days - 1), timezone)
    return max(opens, now.astimezone(UTC)), closes
