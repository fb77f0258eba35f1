"""Calls of visits together: a start for two to four people, kept, booked, moved and cancelled for all at once."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from unknot.booking import actions, queries
from unknot.booking.api.calls import (
    DAYS_AT_ONCE,
    OPEN_HOLDS,
    DayRangeError,
    answers_of,
    client_of,
    local_start_of,
    point_of,
    router,
)
from unknot.booking.api.group_shapes import (
    ComingIn,
    GroupBookIn,
    GroupCancelOut,
    GroupConflict,
    GroupHoldIn,
    GroupHoldOut,
    GroupMoveIn,
    GroupMoveOut,
    GroupStartsIn,
    GroupStartsOut,
    JoinLink,
    OwnAnswers,
    PartCancelOut,
    TogetherOut,
    group_out,
    start_out,
)
from unknot.booking.api.shapes import VisitOut, money_out, visit_out
from unknot.booking.queries import AT_HOME, GroupQuestion
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.web import limits
from unknot.web.access import ANYONE, SIGNED_IN
from unknot.web.api import ApiRequest, Slug, call, in_practice, refusals


@router.post(
    "/practices/{slug}/groups/starts",
    response={200: GroupStartsOut, **refusals(404)},
    summary="Starts for two to four people at once",
)
@call(ANYONE, per_minute=30, changes=False)
def group_starts(request: ApiRequest, slug: Slug, wish: GroupStartsIn) -> GroupStartsOut:
    """Every start at which all of them can come; nothing is kept."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, _):
        first = wish.from_ or local(now, practice.timezone).date()
        try:
            last = wish.to or first + timedelta(days=6)
        except OverflowError as error:
            raise DayRangeError(field="from") from error
        if not 0 <= (last - first).days < DAYS_AT_ONCE:
            raise DayRangeError(field="to")
        asked = GroupQuestion(
            practice,
            tuple(one.seat() for one in wish.people),
            now,
            place_slug=wish.place,
            home=point_of(wish.lat, wish.lon) if wish.place == AT_HOME else None,
        )
        found = queries.group_starts(asked, first=first, last=last, limit=wish.limit)
        return GroupStartsOut(
            practice=practice.slug, timezone=practice.timezone, starts=[start_out(one) for one in found]
        )


@router.post(
    "/groups/holds",
    response={201: GroupHoldOut, **refusals(401, 403, 404), 409: GroupConflict},
    summary="Keep a start for all of them for a few minutes",
)
@call(ANYONE, per_minute=30)
def hold_group(request: ApiRequest, wish: GroupHoldIn) -> tuple[int, GroupHoldOut]:
    """Keeps a time for each, or for nobody; also without signing in."""
    now = timezone.now()
    limits.count("holds", limits.caller(request), limit=OPEN_HOLDS, seconds=600)  # only those that were made count
    with in_practice(request, wish.practice) as (practice, actor):
        kept = actions.hold_group(
            by=actor,
            practice=practice,
            seats=[one.seat() for one in wish.people],
            place_slug=wish.place,
            local_start=local_start_of(wish, practice.timezone),
            home=point_of(wish.lat, wish.lon) if wish.place == AT_HOME else None,
            home_address=wish.address,
            now=now,
        )
        visits = queries.kept_group(kept.id, secret=kept.secret, now=now)
        return 201, GroupHoldOut(
            id=kept.id,
            secret=kept.secret,
            expires_at=local(kept.expires_at, practice.timezone).isoformat(),
            visits=[visit_out(one, practice.slug) for one in visits],
        )


@router.post(
    "/groups",
    response={201: TogetherOut, **refusals(401, 403, 404), 409: GroupConflict},
    summary="Book for all of them, from kept times",
)
@call(SIGNED_IN, per_minute=12)
def book_group(request: ApiRequest, wish: GroupBookIn) -> tuple[int, TogetherOut]:
    """Books every visit, or none. Booking the same kept times again gives the same group."""
    now = timezone.now()
    with in_practice(request, wish.practice) as (practice, caller):
        known = [one.client for one in wish.coming if one.client is not None]
        own = [caller.client_id] if caller.client_id is not None else []
        actions.take_group(group_id=wish.hold_id, secret=wish.hold_secret, clients=[*known, *own], now=now)
        comes = any(_is_caller(one) for one in wish.coming)
        by = client_of(caller, name=wish.name, phone=wish.phone, now=now) if comes else caller
        found = actions.book_group(
            by=by,
            group_id=wish.hold_id,
            secret=wish.hold_secret,
            people_coming=[_person(one, by) for one in wish.coming],
            now=now,
        )
        return 201, group_out(found, practice.slug)


def _is_caller(one: ComingIn) -> bool:
    return one.client is None and not one.name and not one.email


def _person(one: ComingIn, by: Actor) -> actions.Person:
    if one.client is not None or _is_caller(one):
        return actions.Person(one.client or by.client_id)
    return actions.Person(called=one.name, email=one.email)


@router.post("/groups/join", response={200: VisitOut, **refusals(401, 404, 409)}, summary="Take one's part by its link")
@call(SIGNED_IN, per_minute=6)
def join_group(request: ApiRequest, wish: JoinLink) -> VisitOut:
    """For somebody who was invited. Wrong, old and other people's links are answered alike."""
    with in_practice(request, wish.practice) as (practice, caller):
        visit_id = actions.join_part(by=caller, token=wish.token, now=timezone.now())
    with in_practice(request, practice.slug) as (_, client):  # who joined is a client here only now
        return visit_out(queries.visit(visit_id, by=client), practice.slug)


@router.get("/groups/{group_id}", response={200: TogetherOut, **refusals(401, 404)}, summary="A group")
@call(SIGNED_IN)
def group(request: ApiRequest, group_id: UUID) -> TogetherOut:
    """For who booked it, each of its people, and the practice's staff."""
    with in_practice(request, _scope(request, group_id)) as (practice, actor):
        return group_out(queries.group(group_id, by=actor), practice.slug)


@router.post(
    "/groups/{group_id}/confirm",
    response={200: TogetherOut, **refusals(401, 403, 404, 409)},
    summary="Make one's own part sure",
)
@call(SIGNED_IN, per_minute=12)
def confirm_group(request: ApiRequest, group_id: UUID, wish: OwnAnswers) -> TogetherOut:
    """For somebody who was invited and has joined. Without valid screening answers: 422 `screening-needed`."""
    now = timezone.now()
    with in_practice(request, _scope(request, group_id)) as (practice, actor):
        found = queries.group(group_id, by=actor)
        mine = next((one.visit for one in found.parts if one.own and one.invited and one.visit is not None), None)
        if mine is None or mine.client_id is None:
            raise NotFoundError
        if wish.screening is not None:
            intake_id = answers_of(actor, wish.screening, now)
        else:
            known = intake.current_intake(client_id=mine.client_id)
            intake_id = known.id if known else None
        actions.answer_part(by=actor, appointment_id=mine.id, intake_id=intake_id, now=now)
        return group_out(queries.group(group_id, by=actor), practice.slug)


@router.post(
    "/groups/{group_id}/reschedule",
    response={200: GroupMoveOut, 202: GroupMoveOut, **refusals(401, 403, 404), 409: GroupConflict},
    summary="Move all of them",
)
@call(SIGNED_IN, per_minute=30)
def move_group(
    request: ApiRequest, group_id: UUID, wish: GroupMoveIn, preview: bool = False
) -> tuple[int, GroupMoveOut]:
    """Another start for every visit of the group, or for none; `preview` only shows it.

    200: they are moved. 202: so close to it a client's move needs the practice's yes; all keep their old times.
    """
    now = timezone.now()
    with in_practice(request, _scope(request, group_id)) as (practice, actor):
        moved = actions.move_group(
            by=actor,
            group_id=group_id,
            local_start=local_start_of(wish, practice.timezone),
            anybody=wish.anybody,
            preview=preview,
            now=now,
        )
        return (202 if moved.answer_by else 200), GroupMoveOut(
            group=group_out(moved.group, practice.slug),
            then=[visit_out(one, practice.slug) for one in moved.then],
            fee_if_cancelled=money_out(moved.least),
            answer_by=local(moved.answer_by, practice.timezone) if moved.answer_by else None,
            preview=preview,
        )


@router.post(
    "/groups/{group_id}/cancel",
    response={200: GroupCancelOut, **refusals(401, 403, 404, 409)},
    summary="Cancel for all of them, or for one",
)
@call(SIGNED_IN, per_minute=30)
def cancel_group(
    request: ApiRequest, group_id: UUID, visit: UUID | None = None, preview: bool = False
) -> GroupCancelOut:
    """Cancels every visit of the group, or only `visit`; then the others stay. Each by its own terms."""
    now = timezone.now()
    with in_practice(request, _scope(request, group_id)) as (practice, actor):
        done = actions.cancel_group(by=actor, group_id=group_id, only=visit, preview=preview, now=now)
        return GroupCancelOut(
            group=group_out(done.group, practice.slug),
            parts=[
                PartCancelOut(
                    visit=one.visit.id, fee=money_out(one.fee), refund=money_out(one.refund), terms=one.tier_text
                )
                for one in done.parts
            ],
            preview=preview,
        )


def _scope(request: ApiRequest, group_id: UUID) -> str:
    account_id = request.actor.account_id
    slug = queries.find_scope("group", group_id, account_id) if account_id else None
    if slug is None:
        raise NotFoundError
    return slug
