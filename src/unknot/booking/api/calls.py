"""Calls of the diary: free starts, holds, visits."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from unknot.booking import actions, queries
from unknot.booking.api.shapes import (
    BookIn,
    CancelOut,
    ChangeAnswer,
    ChangeOut,
    Conflict,
    HoldIn,
    HoldOut,
    MoveIn,
    MoveOut,
    SlotsIn,
    SlotsOut,
    VisitOut,
    change_out,
    money_out,
    slot_out,
    visit_out,
)
from unknot.booking.queries import AT_HOME
from unknot.intake import actions as intake_actions
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, Actor, system
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.people import actions as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point
from unknot.web import limits
from unknot.web.access import ANYONE, SIGNED_IN, find_practice
from unknot.web.api import ApiRequest, Slug, call, in_practice, refusals

router = Router(tags=["booking"])
DAYS_AT_ONCE = 62
OPEN_HOLDS = 5
"""Holds that one caller may make in ten minutes."""


class DayRangeError(InvalidError):
    """Ask for at most 62 days at once, the last not before the first."""

    code = "day-range"


class StartNeededError(InvalidError):
    """Say when: `starts_at` with its offset, or `local_start` by the practice's clock. Nothing was booked."""

    code = "start-needed"


class WhatToBookError(InvalidError):
    """Send `hold_id` and `hold_secret`, or `service`, `place` and a start. Nothing was booked."""

    code = "what-to-book"


TAKEN = {409: Conflict}


@router.get("/practices/{slug}/slots", response={200: SlotsOut, **refusals(404)}, summary="Free starts", by_alias=True)
@call(ANYONE)
def slots(request: ApiRequest, slug: Slug, asked: Query[SlotsIn]) -> SlotsOut:
    """Every start that can be booked now."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, _):
        first, last = _days(asked, local(now, practice.timezone).date())
        service, extras = queries.chosen_parts(asked.service, asked.add)
        _known(asked.therapist, asked.place)
        found = queries.open_slots(
            practice=practice,
            service=service,
            extras=extras,
            first=first,
            last=last,
            now=now,
            therapist_slug=asked.therapist,
            place_slug=asked.place,
            home=point_of(asked.lat, asked.lon) if asked.place in (None, AT_HOME) else None,
            limit=asked.limit,
        )
        return SlotsOut(
            practice=practice.slug,
            service=service.slug,
            add=[one.slug for one in extras],
            minutes=sum(one.minutes for one in (service, *extras)),
            timezone=practice.timezone,
            slots=[slot_out(one) for one in found],
        )


def _days(asked: SlotsIn, today: date) -> tuple[date, date]:
    first = asked.from_ or today
    try:
        last = asked.to or first + timedelta(days=6)
    except OverflowError as error:
        raise DayRangeError(field="from") from error
    if not 0 <= (last - first).days < DAYS_AT_ONCE:
        raise DayRangeError(field="to")
    return first, last


def _known(therapist: str | None, place: str | None) -> None:
    if therapist:
        practices.therapist_at(therapist)
    if place not in (None, AT_HOME) and place not in {one.slug for one in practices.places()}:
        raise practices.UnknownPlaceError(field="place")


@router.post(
    "/holds", response={201: HoldOut, **refusals(401, 403, 404), **TAKEN}, summary="Keep a start for a few minutes"
)
@call(ANYONE, per_minute=30)
def hold(request: ApiRequest, wish: HoldIn) -> tuple[int, HoldOut]:
    """Keeps one start for the practice's hold time; also without signing in."""
    now = timezone.now()
    # Counted in this transaction on purpose: only holds that were made count.
    limits.count("holds", limits.caller(request), limit=OPEN_HOLDS, seconds=600)
    with in_practice(request, wish.practice) as (practice, actor):
        kept = _hold(actor, practice, wish, wish.service, now)
        return 201, HoldOut(
            id=kept.id,
            secret=kept.secret,
            expires_at=local(kept.expires_at, practice.timezone),
            visit=visit_out(kept.visit, practice.slug),
        )


def _hold(actor: Actor, practice: PracticeFacts, wish: HoldIn | BookIn, service: str, now: datetime) -> queries.Hold:
    return actions.hold_slot(
        by=actor,
        practice=practice,
        service_slug=service,
        therapist_slug=wish.therapist,
        place_slug=wish.place,
        local_start=local_start_of(wish, practice.timezone),
        home=point_of(wish.lat, wish.lon) if wish.place == AT_HOME else None,
        home_address=wish.address,
        add=wish.add,
        needs=wish.needs,
        now=now,
    )


def _look(request: ApiRequest, wish: BookIn) -> None:
    """Before the transaction of a booking: the therapist's own calendars once more."""
    by, now = system(find_practice(wish.practice).id), timezone.now()
    if wish.hold_id is not None and wish.hold_secret is not None:
        actions.look_at_hold(by=by, hold_id=wish.hold_id, secret=wish.hold_secret, now=now)
    elif wish.therapist:
        actions.look_at_therapist(by=by, therapist_slug=wish.therapist, now=now)


@router.post(
    "/appointments",
    response={201: VisitOut, **refusals(401, 403, 404), **TAKEN},
    summary="Book, from a hold or directly",
)
@call(SIGNED_IN, per_minute=30, before=_look)
def book(request: ApiRequest, wish: BookIn) -> tuple[int, VisitOut]:
    """Books for the signed-in person. Without valid screening answers: 422 `screening-needed`.

    409 `calendar-says-busy`: an outside calendar of the therapist has an event there by now; the hold stays.
    """
    now = timezone.now()
    with in_practice(request, wish.practice) as (practice, caller):
        actor = acting_for(caller, wish.client)
        hold_id, secret = wish.hold_id, wish.hold_secret
        if hold_id is not None and secret is not None:
            actions.take_hold(hold_id=hold_id, secret=secret, now=now)
        elif hold_id is None and secret is None and wish.service is not None:
            kept = _hold(actor, practice, wish, wish.service, now)
            hold_id, secret = kept.id, kept.secret
        else:
            raise WhatToBookError(field="hold_id")
        client = client_of(actor, name=wish.name, phone=wish.phone, now=now)
        intake_id = answers_of(client, wish.screening, now)
        found = actions.book(by=client, hold_id=hold_id, secret=secret, intake_id=intake_id, now=now)
        return 201, visit_out(found, practice.slug)


def acting_for(caller: Actor, client_id: UUID | None) -> Actor:
    """The caller at work for themselves (None) or for somebody they look after. Raises NotFoundError."""
    if client_id is None or client_id == caller.client_id:
        return caller
    if not caller.answers_for(client_id):
        raise NotFoundError
    return caller.acting_for(client_id)


def client_of(actor: Actor, *, name: str, phone: str, now: datetime) -> Actor:
    """The caller as a client of the practice, made one if need be. Raises ClientNeededError."""
    if actor.client_id is not None:
        return actor
    known = name or actor.name
    if not known:
        raise actions.ClientNeededError("Say your name, so that the therapist knows who is coming.", field="name")
    client_id = people.become_client(by=actor, name=known, phone=phone, now=now)
    return replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})


def answers_of(client: Actor, screening: dict[str, Any] | None, now: datetime) -> UUID | None:
    """The client's intake: the answers sent with the call, or the newest there are."""
    if screening is not None:
        return intake_actions.record_screening(by=client, answers=screening, now=now).id
    found = intake.current_intake(client_id=client.client_id)
    return found.id if found else None


@router.get("/appointments/{appointment_id}", response={200: VisitOut, **refusals(401, 404)}, summary="One visit")
@call(SIGNED_IN)
def appointment(request: ApiRequest, appointment_id: UUID) -> VisitOut:
    """A visit, for its client and for the practice's staff."""
    with in_practice(request, _scope(request, appointment_id)) as (practice, actor):
        return visit_out(queries.visit(appointment_id, by=actor), practice.slug)


@router.post(
    "/appointments/{appointment_id}/reschedule",
    response={200: MoveOut, 202: MoveOut, **refusals(401, 403, 404), **TAKEN},
    summary="Move a visit",
)
@call(SIGNED_IN, per_minute=30)
def reschedule(request: ApiRequest, appointment_id: UUID, wish: MoveIn, preview: bool = False) -> tuple[int, MoveOut]:
    """Another time, therapist or place for the same visit; `preview` only shows it.

    200: it is moved. 202: so close to its start a client's move needs the practice's yes; `change` says until when, the
    old time stays and the new one is kept meanwhile.
    """
    now = timezone.now()
    with in_practice(request, _scope(request, appointment_id)) as (practice, actor):
        moved = actions.reschedule(
            by=actor,
            appointment_id=appointment_id,
            therapist_slug=wish.therapist,
            place_slug=wish.place,
            local_start=local_start_of(wish, practice.timezone),
            now=now,
            preview=preview,
        )
        return (202 if moved.change else 200), MoveOut(
            visit=visit_out(moved.visit, practice.slug),
            fee=money_out(moved.fee),
            fee_if_cancelled=money_out(moved.fee_if_cancelled),
            terms=moved.tier_text,
            preview=preview,
            change=change_out(moved.change, practice.slug) if moved.change else None,
        )


@router.get(
    "/appointments/{appointment_id}/change",
    response={200: ChangeOut, **refusals(401, 404)},
    summary="What became of a late move",
)
@call(SIGNED_IN)
def change(request: ApiRequest, appointment_id: UUID) -> ChangeOut:
    """The latest change that was asked for, for its client and the practice's staff. 404 if there was none."""
    with in_practice(request, _scope(request, appointment_id)) as (practice, actor):
        found = queries.change_of(appointment_id, by=actor)
        if found is None:
            raise NotFoundError
        return change_out(found, practice.slug)


@router.post(
    "/appointments/{appointment_id}/change",
    response={200: ChangeOut, **refusals(401, 403, 404, 409)},
    summary="Answer a late move",
)
@call(SIGNED_IN, per_minute=30)
def answer_change(request: ApiRequest, appointment_id: UUID, wish: ChangeAnswer) -> ChangeOut:
    """Staff accept (the visit moves) or decline (it stays); its client may withdraw. 409 `change-over`: too late."""
    now = timezone.now()
    with in_practice(request, _scope(request, appointment_id)) as (practice, actor):
        found = actions.answer_change(
            by=actor, appointment_id=appointment_id, change_id=wish.id, answer=wish.answer, now=now
        )
        return change_out(found, practice.slug)


@router.post(
    "/appointments/{appointment_id}/cancel",
    response={200: CancelOut, **refusals(401, 403, 404, 409)},
    summary="Cancel a visit",
)
@call(SIGNED_IN, per_minute=30)
def cancel(request: ApiRequest, appointment_id: UUID, preview: bool = False) -> CancelOut:
    """Cancels by the terms agreed at booking; `preview` only says what it would cost."""
    now = timezone.now()
    with in_practice(request, _scope(request, appointment_id)) as (practice, actor):
        done = actions.cancel(by=actor, appointment_id=appointment_id, now=now, preview=preview)
        return CancelOut(
            visit=visit_out(done.visit, practice.slug),
            fee=money_out(done.fee),
            refund=money_out(done.refund),
            terms=done.tier_text,
            preview=preview,
        )


def _scope(request: ApiRequest, appointment_id: UUID) -> str:
    account_id = request.actor.account_id
    slug = queries.find_visit_scope(appointment_id, account_id) if account_id else None
    if slug is None:
        raise NotFoundError
    return slug


class Start(Protocol):
    """A body that says when."""

    starts_at: datetime | None
    local_start: str | None


def local_start_of(wish: Start, zone: str) -> str:
    """The wall time that is meant. Raises StartNeededError, LocalStartError, OffGridError."""
    if wish.local_start is not None:
        return wish.local_start
    if wish.starts_at is None:
        raise StartNeededError(field="starts_at")
    try:
        wall = local(wish.starts_at, zone)
    except (OverflowError, ValueError) as error:
        raise actions.LocalStartError(field="starts_at") from error
    if wall.second or wall.microsecond or wall.fold:  # a repeated hour is sold at its first showing
        raise actions.OffGridError(field="starts_at")
    return f"{wall:%Y-%m-%dT%H:%M}"


def point_of(lat: float | None, lon: float | None) -> Point | None:
    """The point, if both halves of it are there."""
    return Point(lat, lon) if lat is not None and lon is not None else None
