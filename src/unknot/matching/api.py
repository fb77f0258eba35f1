"""The marketplace search, for programs."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StringConstraints

from unknot.kernel import zones
from unknot.kernel.errors import InvalidError
from unknot.matching import queries
from unknot.matching.domain import RANKING_VERSION, MatchQuery
from unknot.matching.queries import Found
from unknot.practice.queries import language_name
from unknot.web.access import ANYONE
from unknot.web.api import ApiRequest, call, refusals

router = Router(tags=["therapists"])

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})?$")]
LONGEST_WINDOW, FARTHEST_AHEAD = timedelta(days=31), timedelta(days=400)


class SearchDatesError(InvalidError):
    """`to` has to lie after `from` and after now, and at most 31 days after it. Change one of them."""

    code = "search-dates"


class SearchHoursError(InvalidError):
    """`before` has to be later in the day than `after`. Change one of them."""

    code = "search-hours"


class SearchIn(Schema):
    """What is looked for. Times without an offset are by the clock of the nearest practice; days run to their end."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    radius_km: float = Field(25, gt=0, le=200)
    service: Word = Field("therapeutic", description="Kind (`therapeutic`, `deep_tissue`, `relaxation`) or slug")
    minutes: int = Field(60, ge=15, le=240)
    mode: Literal["clinic", "home"] = "clinic"
    from_: date | datetime | None = Field(None, alias="from", description="Default: now")
    to: date | datetime | None = Field(None, description="Default: seven days after `from`")
    after: time | None = Field(None, description="Time of day by the practice's clock: not earlier")
    before: time | None = Field(None, description="Time of day by the practice's clock: earlier than this")
    skills: list[Word] = Field([], max_length=10, description="Wishes; checked courses count")
    must_have: list[Word] = Field([], max_length=10, description="Conditions: skills with a checked course")
    language: Language | None = None
    gender: Word | None = Field(None, description="Condition: only therapists who give this gender")
    max_pressure: int | None = Field(None, ge=0, le=5, description="Firmest Walton level liked")
    access: list[Literal["step_free", "low_table", "quiet"]] = Field([], max_length=3)
    order: Literal["best", "nearest"] = Field("best", description="By points, or by distance")
    limit: int = Field(20, ge=1, le=50)


class MatchPartOut(Schema):
    """One part of a score."""

    part: str
    points: int
    possible: int
    why: str


class MatchStartOut(Schema):
    """A free start, with the practice's offset."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str = Field(description="Slug of the clinic, or `home`")
    key: str = Field(description="Names the slot when it is held or booked")


class MatchPriceOut(Schema):
    """An amount in whole minor units, before tax."""

    minor: int
    currency: str


class MatchRatingOut(Schema):
    """`mean` is null below five reviews: too few for an average."""

    count: int
    mean: str | None
    sentence: str


class MatchOut(Schema):
    """A therapist who can serve the request. `score` is the sum of the points of `parts`."""

    therapist: str
    name: str
    practice: str
    practice_name: str
    service: str
    mode: str
    place: str
    distance_km: float = Field(description="To the clinic; for home visits a rounded, coarse figure")
    price: MatchPriceOut
    registration: str | None = Field(description="Who registered the therapist, if checked and current")
    rating: MatchRatingOut
    score: int
    why: list[str]
    parts: list[MatchPartOut]
    starts: list[MatchStartOut] = Field(description="The first three free starts")
    url: str


class ResultsOut(Schema):
    """Ranked, best first (or nearest first). Nobody pays to stand higher; the rule is published at /find/how/."""

    rule_version: str
    count: int
    therapists: list[MatchOut]


@router.get("/therapists", response={200: ResultsOut, **refusals()}, summary="Find therapists")
@call(ANYONE, per_minute=60)
def therapists(request: ApiRequest, asked: Query[SearchIn]) -> ResultsOut:
    """Therapists who can serve the request, ranked, with the reasons and the first three free starts of each.

    Every start was free in the practice's own diary while this answer was made.
    """
    now = timezone.now()
    starts_from, starts_before = _window(asked, queries.zone_at(asked.lat, asked.lon), now)
    query = MatchQuery(
        lat=asked.lat,
        lon=asked.lon,
        radius_km=asked.radius_km,
        service=asked.service,
        minutes=asked.minutes,
        mode=asked.mode,
        starts_from=starts_from,
        starts_before=starts_before,
        skills=frozenset(asked.skills),
        language=(asked.language or "").lower(),
        language_name=language_name(asked.language) if asked.language else "",
        gender=asked.gender or "",
        max_pressure=asked.max_pressure,
        access=frozenset(asked.access),
        hours=_hours(asked),
        must_have=frozenset(asked.must_have),
    )
    found = queries.search(query=query, now=now, limit=asked.limit, nearest=asked.order == "nearest")
    return ResultsOut(rule_version=RANKING_VERSION, count=len(found), therapists=[_match(one) for one in found])


def _window(asked: SearchIn, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The instants asked for, from now on. Raises SearchDatesError."""
    starts_from = max(now, _instant(asked.from_, zone, now, end=False)) if asked.from_ else now
    starts_before = _instant(asked.to, zone, now, end=True) if asked.to else starts_from + timedelta(days=7)
    if not starts_from < starts_before <= starts_from + LONGEST_WINDOW:
        raise SearchDatesError(field="to")
    return starts_from, starts_before


def _hours(asked: SearchIn) -> tuple[int, int] | None:
    """Minutes after midnight between which a visit may start. Raises SearchHoursError."""
    if asked.after is None and asked.before is None:
        return None
    opens = asked.after.hour * 60 + asked.after.minute if asked.after else 0
    closes = asked.before.hour * 60 + asked.before.minute if asked.before else 1440
    if opens >= closes:
        raise SearchHoursError(field="before")
    return opens, closes


def _instant(value: date | datetime, zone: str, now: datetime, *, end: bool) -> datetime:
    field = "to" if end else "from"
    if abs(value.year - now.year) > 2:
        raise SearchDatesError(field=field)
    if isinstance(value, datetime):
        instant = value.astimezone(UTC) if value.tzinfo else zones.to_utc(value, zone)
    else:
        day = value + timedelta(days=1) if end else value
        instant = zones.to_utc(datetime.combine(day, time.min), zone)
    if instant > now + FARTHEST_AHEAD:
        raise SearchDatesError(field=field)
    return instant


def _match(one: Found) -> MatchOut:
    away = round(one.match.distance_km, 1) if one.place else float(max(1, round(one.match.distance_km)))
    return MatchOut(
        therapist=one.therapist.slug,
        name=one.therapist.name,
        practice=one.practice.slug,
        practice_name=one.practice.name,
        service=one.service.slug,
        mode="clinic" if one.place else "home",
        place=one.place.slug if one.place else "home",
        distance_km=away,
        price=MatchPriceOut(minor=one.service.price.minor, currency=one.service.price.currency),
        registration=one.registration.sentence if one.registration else None,
        rating=MatchRatingOut(count=one.rating.count, mean=one.rating.mean, sentence=one.rating.sentence),
        score=one.match.score,
        why=list(one.match.why),
        parts=[
            MatchPartOut(part=part.part.value, points=part.points, possible=part.possible, why=part.why)
            for part in one.match.parts
        ],
        starts=[
            MatchStartOut(
                starts_at=zones.local(slot.starts_at, slot.timezone),
                ends_at=zones.local(slot.ends_at, slot.timezone),
                timezone=slot.timezone,
                place=slot.place_slug,
                key=slot.key,
            )
            for slot in one.slots
        ],
        url=f"/p/{one.practice.slug}/therapists/{one.therapist.slug}/",
    )
