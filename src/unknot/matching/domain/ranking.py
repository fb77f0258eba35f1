"""The published ranking rule of the marketplace.

First hard filters decide who can serve the request at all; then a sum of parts puts them in order. Points are whole
numbers, so that a score is exactly the sum of its parts and the same input always gives the same order.
"""

import math
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files

from unknot.kernel.errors import InvalidError

CLINIC, HOME = "clinic", "home"
ACCESS_NEEDS = frozenset({"step_free", "low_table", "quiet"})
_DATA = "ranking-2026.1.toml"
_EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
_WALTON = range(6)


class MatchQueryError(InvalidError):
    """The search can't be understood. Change the marked field and search again."""

    code = "search-invalid"


class Part(StrEnum):
    """The parts of a score, in the order in which they are explained."""

    DISTANCE = "distance"
    SOONEST = "soonest"
    SKILLS = "skills"
    LANGUAGE = "language"
    PRESSURE = "pressure"
    CREDENTIAL = "credential"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class MatchQuery:
    """What a client looks for. Degrees, kilometres, minutes; `starts_from` and `starts_before` are UTC-aware.

    `skills` and `language` are wishes; `gender` ("" for any) and `access` needs are conditions. `max_pressure` is the
    firmest Walton level wished, 0 to 5 (None: no wish). `must_have` are verified skills that are a condition. `hours`
    bound the start by the local clock, in minutes after midnight, half-open; free starts keep to them already.
    Raises MatchQueryError when a value can't be meant.
    """

    lat: float
    lon: float
    radius_km: float
    service: str
    minutes: int
    mode: str
    starts_from: datetime
    starts_before: datetime
    skills: frozenset[str] = frozenset()
    language: str = ""
    gender: str = ""
    max_pressure: int | None = None
    access: frozenset[str] = frozenset()
    language_name: str = ""
    hours: tuple[int, int] | None = None
    must_have: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        wrong = {
            "lat": not -90 <= self.lat <= 90,
            "lon": not -180 <= self.lon <= 180,
            "radius_km": not 0 < self.radius_km <= 500,
            "minutes": not 0 < self.minutes <= 480,
            "mode": self.mode not in (CLINIC, HOME),
            "from": self.starts_from.tzinfo is None or self.starts_before.tzinfo is None,
            "max_pressure": self.max_pressure is not None and self.max_pressure not in _WALTON,
            "access": not self.access <= ACCESS_NEEDS,
            "hours": self.hours is not None and not 0 <= self.hours[0] < self.hours[1] <= 1440,
        }
        for field_name, bad in wrong.items():
            if bad:
                raise MatchQueryError(f"“{field_name}” has a value that a search can't use.", field=field_name)
        if not self.starts_from < self.starts_before:
            raise MatchQueryError("The search ends before it begins.", field="to")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapist as the search sees one.

    `lat`/`lon` is the clinic, or for home visits the place trips start from. `home_radius_km` is how far the therapist
    travels (0: not at all). `lengths` are (service, minutes) pairs offered. `free_starts` are UTC instants that can be
    booked for this query's service, minutes and mode. `pressure` is the lowest and firmest Walton level worked at.
    `skills` holds verified skills only. `rating_millistars` is the shrunken average (1000 to 5000).
    """

    id: str
    lat: float
    lon: float
    modes: frozenset[str]
    home_radius_km: float
    lengths: frozenset[tuple[str, int]]
    free_starts: tuple[datetime, ...]
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    gender: str = ""
    pressure: tuple[int, int] = (0, 5)
    access: frozenset[str] = frozenset()
    credential_verified: bool = False
    rating_millistars: int = 3_000
    review_count: int = 0


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part: points given, points possible, and the sentence that says why."""

    part: Part
    points: int
    possible: int
    why: str
    tells: bool = True
    """False if the request had no such wish: then everybody gets the points and there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Match:
    """A therapist who can serve the request. `score` is the sum of `parts`; `starts` the first three free starts."""

    candidate_id: str
    score: int
    parts: tuple[PartScore, ...]
    distance_km: float
    starts: tuple[datetime, ...]
    rule_version: str

    @property
    def why(self) -> tuple[str, ...]:
        """Sentences for the parts that earned something and tell people apart."""
        return tuple(part.why for part in self.parts if part.points > 0 and part.tells)

    @property
    def against(self) -> tuple[str, ...]:
        """Sentences for wishes that are not met at all."""
        return tuple(part.why for part in self.parts if part.points == 0 and part.part in _WISHES)


def _load() -> tuple[str, dict[Part, int]]:
    text = files("unknot.matching.domain").joinpath("data", _DATA).read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return str(table["version"]), {part: int(table["points"][part.value]) for part in Part}


RANKING_VERSION, POINTS = _load()
_WISHES = frozenset({Part.SKILLS, Part.LANGUAGE, Part.PRESSURE, Part.CREDENTIAL})


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine, mean earth radius)."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half = math.sin((other_phi - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def exclusions(query: MatchQuery, candidate: Candidate) -> tuple[str, ...]:
    """Why this therapist can't serve the request; empty if they can. These are the hard filters, all of them."""
    away = distance_km(query.lat, query.lon, candidate.lat, candidate.lon)
    reasons: list[str] = []
    if query.mode not in candidate.modes:
        reasons.append(f"Offers no {query.mode} visits.")
    if away > query.radius_km:
        reasons.append("Is outside the search radius.")
    if query.mode == HOME and away > candidate.home_radius_km:
        reasons.append("Does not travel that far.")
    if (query.service, query.minutes) not in candidate.lengths:
        reasons.append("Does not offer this service at this length.")
    if not _starts(query, candidate):
        reasons.append("Has no free start in the dates asked for.")
    if query.gender and candidate.gender != query.gender:
        reasons.append("Does not meet the client's own wish about the therapist's gender.")
    lacking = query.must_have - candidate.skills
    if lacking:
        reasons.append(f"Has no checked course in: {', '.join(sorted(lacking)).replace('_', ' ')}.")
    missing = query.access - candidate.access
    if missing:
        reasons.append(f"Does not offer: {', '.join(sorted(missing)).replace('_', ' ')}.")
    return tuple(reasons)


def match(query: MatchQuery, candidate: Candidate) -> Match | None:
    """The score of one therapist with its parts, or None if a hard filter excludes them."""
    if exclusions(query, candidate):
        return None
    away = distance_km(query.lat, query.lon, candidate.lat, candidate.lon)
    starts = _starts(query, candidate)
    parts = (
        _distance_part(query, away),
        _soonest_part(query, starts[0]),
        _skills_part(query, candidate),
        _language_part(query, candidate),
        _pressure_part(query, candidate),
        _credential_part(candidate),
        _rating_part(candidate),
    )
    score = sum(part.points for part in parts)
    return Match(candidate.id, score, parts, away, starts[:3], RANKING_VERSION)


def most_points(
    query: MatchQuery,
    *,
    away: float,
    first: datetime,
    skills: Collection[str],
    languages: Collection[str],
    pressure: tuple[int, int],
    registered: bool,
    millistars: int = 5_000,
) -> int:
    """The score of somebody with these facts, in numbers only: as `match` gives it, and the most that somebody can have
    of whom less is known (a later first start or fewer stars never score higher).
    """
    window = (query.starts_before - query.starts_from).total_seconds()
    waiting = (first - query.starts_from).total_seconds()
    off = 0
    if query.max_pressure is not None:
        off = max(pressure[0] - query.max_pressure, query.max_pressure - pressure[1], 0)
    shares = (
        (Part.DISTANCE, 1 - away / query.radius_km),
        (Part.SOONEST, 1 - waiting / window),
        (Part.SKILLS, len(query.skills.intersection(skills)) / len(query.skills) if query.skills else 1.0),
        (Part.LANGUAGE, float(not query.language or query.language in languages)),
        (Part.PRESSURE, 1 - off / 2),
        (Part.CREDENTIAL, float(registered)),
    )
    return sum(math.floor(POINTS[part] * min(1.0, max(0.0, share))) for part, share in shares) + star_points(millistars)


def star_points(millistars: int) -> int:
    """Points for a shrunken average of stars."""
    return math.floor(POINTS[Part.RATING] * min(1.0, max(0.0, (millistars - 1_000) / 4_000)))


def rank(query: MatchQuery, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
    """Everyone who can serve the request, best first; equal scores stand in the order of their ids."""
    found = [one for candidate in candidates if (one := match(query, candidate)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.score, one.candidate_id)))


def _starts(query: MatchQuery, candidate: Candidate) -> tuple[datetime, ...]:
    return tuple(sorted(start for start in candidate.free_starts if query.starts_from <= start < query.starts_before))


def _part(part: Part, fraction: float, why: str, *, tells: bool = True) -> PartScore:
    possible = POINTS[part]
    # Floor, not rounding: full points only where the fraction is really 1.
    return PartScore(part, math.floor(possible * min(1.0, max(0.0, fraction))), possible, why, tells)


def _distance_part(query: MatchQuery, away: float) -> PartScore:
    return _part(Part.DISTANCE, 1 - away / query.radius_km, _distance_words(query, away))


def _distance_words(query: MatchQuery, away: float) -> str:
    """Tenths of a kilometre to a clinic; whole ones to where a therapist's trips start, which is nobody's business."""
    if query.mode == CLINIC:
        return f"{away:.1f} km away"
    return f"Comes to you, about {max(1, round(away))} km"


def _soonest_part(query: MatchQuery, first: datetime) -> PartScore:
    window = (query.starts_before - query.starts_from).total_seconds()
    waiting = (first - query.starts_from).total_seconds()
    days = int(waiting // 86_400)
    when = "within a day" if days == 0 else f"{days} day{'s' if days > 1 else ''} into the dates asked for"
    return _part(Part.SOONEST, 1 - waiting / window, f"First free start {when}")


def _skills_part(query: MatchQuery, candidate: Candidate) -> PartScore:
    if not query.skills:
        return _part(Part.SKILLS, 1.0, "No particular skill was asked for", tells=False)
    has = query.skills & candidate.skills
    named = ", ".join(sorted(has)).replace("_", " ")
    return _part(
        Part.SKILLS,
        len(has) / len(query.skills),
        f"Checked courses: {named}" if has else "No checked course in what you asked for",
    )


def _language_part(query: MatchQuery, candidate: Candidate) -> PartScore:
    if not query.language:
        return _part(Part.LANGUAGE, 1.0, "No particular language was asked for", tells=False)
    speaks = query.language in candidate.languages
    return _part(
        Part.LANGUAGE,
        float(speaks),
        f"{'Speaks' if speaks else 'Does not speak'} {query.language_name or query.language}",
    )


def _pressure_part(query: MatchQuery, candidate: Candidate) -> PartScore:
    if query.max_pressure is None:
        return _part(Part.PRESSURE, 1.0, "No particular pressure was asked for", tells=False)
    lowest, firmest = candidate.pressure
    off = max(lowest - query.max_pressure, query.max_pressure - firmest, 0)
    why = "Works at the pressure you like" if off == 0 else "Usually works at another pressure"
    # Half the points one level off, none from two levels on [P].
    return _part(Part.PRESSURE, 1 - off / 2, why)


def _credential_part(candidate: Candidate) -> PartScore:
    why = "Registration checked and current" if candidate.credential_verified else "No current registration was checked"
    return _part(Part.CREDENTIAL, float(candidate.credential_verified), why)


def _rating_part(candidate: Candidate) -> PartScore:
    if candidate.review_count == 0:
        why = "No reviews yet; counted at the usual average"
    else:
        why = f"Rated by {candidate.review_count} client{'s' if candidate.review_count > 1 else ''} after their visit"
    return _part(Part.RATING, (candidate.rating_millistars - 1_000) / 4_000, why, tells=candidate.review_count > 0)
