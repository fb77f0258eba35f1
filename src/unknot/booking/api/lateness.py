"""Calls of running late: say it, take it back, see what a client can choose, choose."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Field, Schema

from unknot.booking import actions, queries
from unknot.booking.api.calls import router
from unknot.booking.api.shapes import Conflict, VisitOut, visit_out
from unknot.booking.api.waitlist import scope_of
from unknot.booking.domain.late import MOST_LATE, STEP
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.practice.queries import PracticeFacts
from unknot.web.access import SIGNED_IN
from unknot.web.api import NUMERIC, ApiRequest, ShortText, Slug, call, in_practice, refusals

STAFF = ("therapist", "front_desk", "owner")
Minutes = Annotated[int, Field(ge=-(2**31), le=2**31), NUMERIC]


class LateIn(Schema):
    """Who is late and by how many minutes. `key` names the tap: the same key twice is one delay."""

    therapist: Slug
    minutes: Minutes = Field(description=f"From {STEP} to {MOST_LATE}")
    key: UUID | None = None


class OptionOut(Schema):
    """One choice, free of charge. `key` comes back as the answer; a move names its start, `shorter` its minutes."""

    kind: str = Field(description="keep, sooner, other, later, day, shorter, cancel or cancel-all (of visits at once)")
    key: str
    local_start: str
    therapist_name: str
    minutes: int


class LateOut(Schema):
    """What our lateness means for one visit. `local_start` null: the day has no time left for it.

    Without an answer until `answer_by` the plan stands. `options`: what can be chosen right now.
    """

    id: UUID
    delay: UUID
    was_local_start: str
    local_start: str | None
    minutes: int = Field(description="By how much later it begins")
    answer: str = Field(description="Empty as long as nobody answered")
    open: bool
    answer_by: datetime
    visit: VisitOut
    options: list[OptionOut]


class DelayOut(Schema):
    """One "I am late" and everybody it concerns. `undone_at`: when it was taken back."""

    id: UUID
    practice: str
    therapist: str
    minutes: int
    told_at: datetime
    undone_at: datetime | None
    can_undo: bool
    visits: list[LateOut] = Field(description="Without options: ask for each")


class LateChoice(Schema):
    """The key of one of the options."""

    choice: ShortText


@router.post(
    "/practices/{slug}/delays",
    response={201: DelayOut, **refusals(401, 403, 404, 409)},
    summary="Say that a therapist is late",
)
@call(SIGNED_IN, per_minute=30)
def run_late(request: ApiRequest, slug: Slug, wish: LateIn) -> tuple[int, DelayOut]:
    """Plans the rest of the therapist's day anew, moves visits and tells their clients. For the practice's staff."""
    now = timezone.now()
    with in_practice(request, slug, *STAFF) as (practice, actor):
        found = actions.run_late(
            by=actor, therapist_slug=wish.therapist, minutes=wish.minutes, key=wish.key or new_id(), now=now
        )
        return 201, delay_out(found, practice, now)


@router.get("/practices/{slug}/delays", response={200: list[DelayOut], **refusals(401, 404)}, summary="Delays of a day")
@call(SIGNED_IN)
def delays(request: ApiRequest, slug: Slug, day: date | None = None) -> list[DelayOut]:
    """Latest first; today's if no day is named. For the practice's staff."""
    now = timezone.now()
    with in_practice(request, slug, *STAFF) as (practice, actor):
        found = queries.delays(by=actor, day=day or local(now, practice.timezone).date())
        return [delay_out(one, practice, now) for one in found]


@router.get("/delays/{delay_id}", response={200: DelayOut, **refusals(401, 404)}, summary="One delay")
@call(SIGNED_IN)
def delay(request: ApiRequest, delay_id: UUID) -> DelayOut:
    """Whom it concerns and who has answered. For the practice's staff."""
    with in_practice(request, scope_of(request, "delay", delay_id), *STAFF) as (practice, actor):
        return delay_out(queries.delay(delay_id, by=actor), practice, timezone.now())


@router.post(
    "/delays/{delay_id}/undo",
    response={200: DelayOut, **refusals(401, 403, 404, 409)},
    summary="Take a delay back",
)
@call(SIGNED_IN, per_minute=30)
def undo_late(request: ApiRequest, delay_id: UUID) -> DelayOut:
    """All visits go to where they stood before it, while nobody has answered; 409 `late-undo` says why not."""
    now = timezone.now()
    with in_practice(request, scope_of(request, "delay", delay_id), *STAFF) as (practice, actor):
        return delay_out(actions.undo_late(by=actor, delay_id=delay_id, now=now), practice, now)


@router.get("/late/{late_id}", response={200: LateOut, **refusals(401, 404)}, summary="What a client can choose")
@call(SIGNED_IN)
def late(request: ApiRequest, late_id: UUID) -> LateOut:
    """The new time and every choice there is right now, for the visit's client and the practice's staff."""
    now = timezone.now()
    with in_practice(request, scope_of(request, "late", late_id)) as (practice, actor):
        return late_out(queries.late_visit(late_id, by=actor), practice, now, options=True)


@router.post(
    "/late/{late_id}/answer",
    response={200: LateOut, **refusals(401, 403, 404), 409: Conflict},
    summary="Choose, free of charge",
)
@call(SIGNED_IN, per_minute=30)
def answer_late(request: ApiRequest, late_id: UUID, wish: LateChoice) -> LateOut:
    """Gives the client what they chose. 409 `stale-answer`: it is not there any more, ask for fresh options; 409
    `answered`: it was answered before, or the visit has begun."""
    now = timezone.now()
    with in_practice(request, scope_of(request, "late", late_id)) as (practice, actor):
        found = actions.answer_late(by=actor, late_id=late_id, choice=wish.choice, now=now)
        return late_out(found, practice, now)


def delay_out(one: queries.DelayFacts, practice: PracticeFacts, now: datetime) -> DelayOut:
    """A delay for JSON."""
    return DelayOut(
        id=one.id,
        practice=practice.slug,
        therapist=one.therapist_slug,
        minutes=one.minutes,
        told_at=local(one.told_at, practice.timezone),
        undone_at=local(one.undone_at, practice.timezone) if one.undone_at else None,
        can_undo=one.can_undo(now),
        visits=[late_out(each, practice, now) for each in one.visits],
    )


def late_out(one: queries.LateFacts, practice: PracticeFacts, now: datetime, *, options: bool = False) -> LateOut:
    """A visit's part in a delay for JSON; with `options` what can be chosen is looked up."""
    shown = local(one.starts_at, practice.timezone) if one.starts_at else None
    return LateOut(
        id=one.id,
        delay=one.delay_id,
        was_local_start=f"{local(one.was_starts_at, practice.timezone):%Y-%m-%dT%H:%M}",
        local_start=f"{shown:%Y-%m-%dT%H:%M}" if shown else None,
        minutes=one.minutes,
        answer=one.answer,
        open=one.is_open(now),
        answer_by=local(one.answer_by, practice.timezone),
        visit=visit_out(one.visit, practice.slug),
        options=[
            OptionOut(
                kind=each.kind,
                key=each.key,
                local_start=each.local_start,
                therapist_name=each.therapist_name,
                minutes=each.minutes,
            )
            for each in (queries.late_options(one, now=now) if options else ())
        ],
    )
