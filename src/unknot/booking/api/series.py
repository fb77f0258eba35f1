"""Calls of series: every date before anything is saved, all of them or none, and several moved or cancelled at once."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Schema
from pydantic import StringConstraints

from unknot.booking import actions, queries
from unknot.booking.api.calls import acting_for, answers_of, client_of, point_of, router
from unknot.booking.api.shapes import (
    Added,
    BodyLatitude,
    BodyLongitude,
    Needs,
    SlotOut,
    VisitOut,
    Wall,
    slot_out,
    visit_out,
)
from unknot.booking.domain.series import MOST_VISITS, SeriesRule, wall_of
from unknot.booking.queries import AT_HOME, Chosen, Planned, SeriesFacts
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.web.access import ANYONE, SIGNED_IN
from unknot.web.api import NUMERIC, ApiRequest, Problem, ShortText, Slug, call, in_practice, refusals

Count = Annotated[int, Field(ge=-(2**31), le=2**31), NUMERIC]


class SeriesIn(Schema):
    """A rule: from `local_start` every so many `days` or `weeks`, either `count` visits or through `until`.

    At most 52 visits within 53 weeks. The wall time stays when clocks change.
    """

    service: Slug
    therapist: Slug | None = Field(None, description="Left out: whoever can take most of the dates")
    place: Slug | None = Field(None, description="A clinic place, or `home` with `lat` and `lon`; left out: any clinic")
    local_start: Wall
    every: Count = 1
    unit: Literal["days", "weeks"] = "weeks"
    count: Count | None = None
    until: date | None = None
    add: Added = []
    needs: Needs = []
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None

    def rule(self) -> SeriesRule:
        """Raises SeriesRuleError, SeriesTooLongError."""
        wall = wall_of(self.local_start)
        return SeriesRule(wall, self.every, self.unit, self.count, self.until)


class ChoiceIn(Schema):
    """Another start for one date of the series, or `skip` to leave it out."""

    number: Annotated[int, Field(ge=1, le=MOST_VISITS), NUMERIC]
    skip: bool = False
    local_start: Wall | None = None
    therapist: Slug | None = None
    place: Slug | None = None


def picked(choices: list[ChoiceIn], therapist: str | None, place: str | None) -> dict[int, Chosen | None]:
    """The choices by number (None: left out), with therapist and place where a choice names none."""
    return {
        one.number: None
        if one.skip or one.local_start is None
        else Chosen(one.local_start, one.therapist or therapist, one.place or place)
        for one in choices
        if one.skip or one.local_start
    }


class SeriesPreviewIn(SeriesIn):
    """With `choices`, other starts are looked at instead of the rule's."""

    choices: list[ChoiceIn] = Field(default_factory=list, max_length=MOST_VISITS)

    def chosen(self) -> dict[int, Chosen | None]:
        """The choices by number."""
        return picked(self.choices, self.therapist, self.place)


class SeriesBookIn(SeriesPreviewIn):
    """What to book. Who is not a client of the practice yet sends a `name`; `screening` as in POST /appointments."""

    address: ShortText = ""
    name: ShortText = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=40)] = ""
    client: UUID | None = Field(None, description="A person the caller looks after; left out: the caller")
    screening: dict[str, Any] | None = Field(None, description="As in POST /screening", max_length=300)


class NearOut(Schema):
    """A free start near a date that can't be had."""

    kind: str = Field(description="same-day, other-therapist or other-day")
    slot: SlotOut


class PlannedOut(Schema):
    """One date: the slot it gets, or the reason why not and what is free near it."""

    number: int
    local_start: str
    free: bool
    slot: SlotOut | None
    reason: str
    detail: str
    alternatives: list[NearOut]


class SeriesPlanOut(Schema):
    """Every date of the series. Nothing was saved."""

    timezone: str
    rule: str
    free: int
    dates: list[PlannedOut]


class SeriesDateOut(Schema):
    """What became of a date. `exception`: empty (as the rule said), `moved`, or `left-out` (no visit)."""

    number: int
    planned: str
    exception: str
    visit: VisitOut | None


class SeriesOut(Schema):
    """A booked series."""

    id: UUID
    practice: str
    rule: str
    timezone: str
    dates: list[SeriesDateOut]


class SeriesConflict(Problem):
    """Which dates can't be had, each with its alternatives. Nothing was booked."""

    numbers: list[int] | None = None
    conflicts: list[PlannedOut] | None = None


@router.post(
    "/practices/{slug}/series/preview",
    response={200: SeriesPlanOut, **refusals(404)},
    summary="Every date of a series, with alternatives, before anything is saved",
)
@call(ANYONE, per_minute=30, changes=False)
def preview_series(request: ApiRequest, slug: Slug, wish: SeriesPreviewIn) -> SeriesPlanOut:
    """What `POST /practices/{slug}/series` would book. Own other visits count for a signed-in client."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, actor):
        asked = _wish(practice, wish)
        dates = actions.preview_series(by=actor, wish=asked, now=now)
        return SeriesPlanOut(
            timezone=practice.timezone,
            rule=asked.rule.words,
            free=sum(1 for one in dates if one.slot),
            dates=[planned_out(one) for one in dates],
        )


@router.post(
    "/practices/{slug}/series",
    response={201: SeriesOut, **refusals(401, 403, 404), 409: SeriesConflict},
    summary="Book a series, all dates or none",
)
@call(SIGNED_IN, per_minute=12)
def book_series(request: ApiRequest, slug: Slug, wish: SeriesBookIn) -> tuple[int, SeriesOut]:
    """Books every date that is not left out, for the signed-in person or somebody they look after, in one go."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, caller):
        actor = acting_for(caller, wish.client)
        asked = _wish(practice, wish, address=wish.address)
        actions.take_series(by=actor, wish=asked, client_id=actor.client_id, now=now)
        client = client_of(actor, name=wish.name, phone=wish.phone, now=now)
        intake_id = answers_of(client, wish.screening, now)
        found = actions.book_series(by=client, wish=asked, intake_id=intake_id, now=now)
        return 201, series_out(found, practice.slug)


@router.get("/series/{series_id}", response={200: SeriesOut, **refusals(401, 404)}, summary="A series and its visits")
@call(SIGNED_IN)
def series(request: ApiRequest, series_id: UUID) -> SeriesOut:
    """What became of each date, for its client and for the practice's staff."""
    with in_practice(request, scope_of(request, series_id)) as (practice, actor):
        return series_out(queries.series(series_id, by=actor), practice.slug)


def _wish(practice: PracticeFacts, wish: SeriesPreviewIn, *, address: str = "") -> actions.SeriesWish:
    practices.service_at(wish.service)
    return actions.SeriesWish(
        practice=practice,
        service_slug=wish.service,
        rule=wish.rule(),
        therapist_slug=wish.therapist,
        place_slug=wish.place,
        home=point_of(wish.lat, wish.lon) if wish.place == AT_HOME else None,
        home_address=address,
        chosen=wish.chosen(),
        add=wish.add,
        needs=wish.needs,
    )


def scope_of(request: ApiRequest, series_id: UUID) -> str:
    """The practice where the caller may look for the series. Raises NotFoundError."""
    account_id = request.actor.account_id
    slug = queries.find_series_scope(series_id, account_id) if account_id else None
    if slug is None:
        raise NotFoundError
    return slug


def planned_out(one: Planned) -> PlannedOut:
    """A date of a plan for JSON."""
    return PlannedOut(
        number=one.number,
        local_start=one.local_start,
        free=one.slot is not None,
        slot=slot_out(one.slot) if one.slot else None,
        reason=one.reason,
        detail=one.why,
        alternatives=[NearOut(kind=near.kind, slot=slot_out(near.slot)) for near in one.alternatives],
    )


def series_out(found: SeriesFacts, practice: str) -> SeriesOut:
    """A series for JSON."""
    return SeriesOut(
        id=found.id,
        practice=practice,
        rule=found.rule.words,
        timezone=found.timezone,
        dates=[
            SeriesDateOut(
                number=one.number,
                planned=one.planned,
                exception=one.exception,
                visit=visit_out(one.visit, practice) if one.visit else None,
            )
            for one in found.dates
        ],
    )
