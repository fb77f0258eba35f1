"""Calls of the waitlist: join, see where one stands, take what is offered or pass it on, leave."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Schema
from pydantic import StringConstraints

from unknot.booking import actions, queries
from unknot.booking.api.calls import acting_for, client_of, point_of, router
from unknot.booking.api.shapes import BodyLatitude, BodyLongitude, Conflict, VisitOut, visit_out
from unknot.booking.domain.waitlist import DAY, RULE, Wish
from unknot.booking.queries import AT_HOME
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.practice.queries import PracticeFacts
from unknot.web.access import SIGNED_IN
from unknot.web.api import NUMERIC, ApiRequest, ShortText, Slug, call, in_practice, refusals

Clock = Annotated[str, StringConstraints(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Weekday = Annotated[int, Field(ge=0, le=6), NUMERIC]


class WishIn(Schema):
    """What somebody waits for: days (both included), starts from `opens` until before `closes` by the practice's clock.

    Who is not a client of the practice yet sends a `name`. A home visit needs the point and the address.
    """

    service: Slug
    therapist: Slug | None = Field(None, description="Left out: anybody")
    place: Slug | None = Field(None, description="A clinic place, or `home`; left out: any clinic place")
    first: date
    last: date
    weekdays: list[Weekday] = Field([], max_length=7, description="0 is Monday; none: any")
    opens: Clock = "00:00"
    closes: Clock = "24:00"
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None
    address: ShortText = ""
    name: ShortText = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=40)] = ""
    client: UUID | None = Field(None, description="A person the caller looks after; left out: the caller")

    def wish(self) -> Wish:
        """Raises WaitlistWishError."""
        return Wish(
            service=self.service,
            first=self.first,
            last=self.last,
            therapist=self.therapist,
            place=self.place,
            weekdays=tuple(sorted(set(self.weekdays))),
            opens=_minute(self.opens),
            closes=_minute(self.closes),
        )

    def home(self) -> actions.Home | None:
        """Where a home visit goes, if the wish is for one and says where."""
        point = point_of(self.lat, self.lon) if self.place == AT_HOME else None
        return actions.Home(point, self.address) if point else None


class OfferOut(Schema):
    """A time kept for somebody who waits. `open`: it can be taken until `expires_at`."""

    id: UUID
    entry: UUID
    state: str = Field(description="open, accepted, declined or expired")
    open: bool
    offered_at: datetime
    expires_at: datetime
    visit: VisitOut


class WaitOut(Schema):
    """A wish in line. `ahead`: how many people wait longer for something that could be the same start."""

    id: UUID
    practice: str
    state: str = Field(description="waiting, booked, left or over")
    service: str
    therapist: str | None
    place: str | None
    first: date
    last: date
    weekdays: list[int]
    opens: str
    closes: str
    joined_at: datetime
    ahead: int | None = Field(description="null once it waits no longer")
    order: str = Field(description="The same in words")
    offer: OfferOut | None = None


class WaitsOut(Schema):
    """What the caller waits for, and the rule by which people are asked."""

    rule: list[str]
    waits: list[WaitOut]


class OfferAnswer(Schema):
    """Take it, or pass it on."""

    answer: Literal["accept", "decline"]


@router.post(
    "/practices/{slug}/waitlist",
    response={201: WaitOut, **refusals(401, 403, 404), 409: Conflict},
    summary="Join the waitlist",
)
@call(SIGNED_IN, per_minute=12)
def join_waitlist(request: ApiRequest, slug: Slug, wish: WishIn) -> tuple[int, WaitOut]:
    """Puts the caller in line; the same wish again is the same place in line. 409 `times-free` if something that fits
    is free right now, with up to three of them."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, caller):
        wanted = wish.wish()
        actor = client_of(acting_for(caller, wish.client), name=wish.name, phone=wish.phone, now=now)
        entry_id = actions.join_waitlist(by=actor, practice=practice, wish=wanted, home=wish.home(), now=now)
        return 201, wait_out(queries.own_wait(entry_id, by=actor, now=now), practice)


@router.get(
    "/practices/{slug}/waitlist", response={200: WaitsOut, **refusals(401, 404)}, summary="What the caller waits for"
)
@call(SIGNED_IN)
def own_waits(request: ApiRequest, slug: Slug) -> WaitsOut:
    """Own wishes with how many wait longer, and what is offered; nobody else's."""
    now = timezone.now()
    with in_practice(request, slug) as (practice, actor):
        found = queries.own_waits(by=actor, now=now)
        return WaitsOut(rule=list(RULE), waits=[wait_out(one, practice) for one in found])


@router.get("/waitlist/{entry_id}", response={200: WaitOut, **refusals(401, 404)}, summary="One wish in line")
@call(SIGNED_IN)
def wait(request: ApiRequest, entry_id: UUID) -> WaitOut:
    """Where it stands, for whom it is and for the practice's staff."""
    with in_practice(request, scope_of(request, "entry", entry_id)) as (practice, actor):
        return wait_out(queries.own_wait(entry_id, by=actor, now=timezone.now()), practice)


@router.post(
    "/waitlist/{entry_id}/leave",
    response={200: WaitOut, **refusals(401, 403, 404, 409)},
    summary="Leave the waitlist",
)
@call(SIGNED_IN, per_minute=30)
def leave_waitlist(request: ApiRequest, entry_id: UUID) -> WaitOut:
    """Out of the line; a time that was kept for it goes to the next. Leaving twice is leaving once."""
    now = timezone.now()
    with in_practice(request, scope_of(request, "entry", entry_id)) as (practice, actor):
        actions.leave_waitlist(by=actor, entry_id=entry_id, now=now)
        return wait_out(queries.own_wait(entry_id, by=actor, now=now), practice)


@router.get("/offers/{offer_id}", response={200: OfferOut, **refusals(401, 404)}, summary="A time that is kept")
@call(SIGNED_IN)
def offer(request: ApiRequest, offer_id: UUID) -> OfferOut:
    """An offer, for whom it was made and for the practice's staff."""
    with in_practice(request, scope_of(request, "offer", offer_id)) as (practice, actor):
        return offer_out(queries.offer(offer_id, by=actor, now=timezone.now()), practice)


@router.post(
    "/offers/{offer_id}/answer",
    response={200: OfferOut, **refusals(401, 403, 404, 409)},
    summary="Take an offered time, or pass it on",
)
@call(SIGNED_IN, per_minute=30)
def answer_offer(request: ApiRequest, offer_id: UUID, wish: OfferAnswer) -> OfferOut:
    """Accepting books it by the same gate, price and terms as any visit; passing it on keeps the place in line.

    409 `offer-over`: it was kept as long as we said. Without valid answers: 422 `screening-needed`, and it stays kept.
    """
    now = timezone.now()
    with in_practice(request, scope_of(request, "offer", offer_id)) as (practice, actor):
        if wish.answer == "accept":
            actions.accept_offer(by=actor, offer_id=offer_id, now=now)
        else:
            actions.decline_offer(by=actor, offer_id=offer_id, now=now)
        return offer_out(queries.offer(offer_id, by=actor, now=now), practice)


def scope_of(request: ApiRequest, kind: str, thing_id: UUID) -> str:
    """The practice where the caller may look for the thing. Raises NotFoundError."""
    account_id = request.actor.account_id
    slug = queries.find_scope(kind, thing_id, account_id) if account_id else None
    if slug is None:
        raise NotFoundError
    return slug


def _minute(clock: str) -> int:
    return min(int(clock[:2]) * 60 + int(clock[3:]), DAY)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def wait_out(one: queries.EntryFacts, practice: PracticeFacts) -> WaitOut:
    """A wish for JSON."""
    wish, waiting = one.wish, one.state == "waiting"
    return WaitOut(
        id=one.id,
        practice=practice.slug,
        state=one.state,
        service=wish.service,
        therapist=wish.therapist,
        place=wish.place,
        first=wish.first,
        last=wish.last,
        weekdays=list(wish.weekdays),
        opens=_clock(wish.opens),
        closes=_clock(wish.closes),
        joined_at=local(one.joined_at, practice.timezone),
        ahead=one.ahead if waiting else None,
        order=one.order if waiting else "",
        offer=offer_out(one.offer, practice) if one.offer else None,
    )


def offer_out(one: queries.OfferFacts, practice: PracticeFacts) -> OfferOut:
    """An offer for JSON."""
    return OfferOut(
        id=one.id,
        entry=one.entry_id,
        state=one.state,
        open=one.is_open,
        offered_at=local(one.offered_at, practice.timezone),
        expires_at=local(one.expires_at, practice.timezone),
        visit=visit_out(one.visit, practice.slug),
    )
