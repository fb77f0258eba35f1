"""What goes in and out of the calls of visits together, as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from unknot.booking.api.shapes import (
    Added,
    BodyLatitude,
    BodyLongitude,
    MoneyOut,
    Needs,
    Secret,
    VisitOut,
    Wall,
    visit_out,
)
from unknot.booking.domain.groups import MOST
from unknot.booking.queries import GroupFacts, GroupStart, Seat
from unknot.web.api import NUMERIC, Instant, Problem, ShortText, Slug

Email = Annotated[
    str,
    StringConstraints(
        pattern=r"^$|^[^@\x00-\x20\x7f-\xa0]+@[^@\x00-\x20\x7f-\xa0]+\.[^@\x00-\x20\x7f-\xa0]+$", max_length=254
    ),
]
Limit = Annotated[int, Field(ge=1, le=5000), NUMERIC]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_-]{1,300}$")]


class SeatWish(Schema):
    """What one of them wants."""

    service: Slug
    therapist: Slug | None = Field(None, description="Left out: whoever is free")
    add: Added = []
    needs: Needs = []

    def seat(self) -> Seat:
        """As the diary asks for it."""
        return Seat(self.service, self.therapist, tuple(self.add), tuple(self.needs))


Seats = Annotated[
    list[SeatWish], Field(max_length=MOST, description="Two to four, in the order in which they are named")
]


class GroupStartsIn(Schema):
    """What each wants, where, and on which local days (both included; a week from today if left out)."""

    people: Seats
    place: Slug | None = Field(None, description="A clinic place, or `home` with `lat` and `lon`; left out: any clinic")
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    limit: Limit = 1000


class GroupStartOut(Schema):
    """A start at which all of them can come: one therapist each, in the order of `people`."""

    starts_at: str
    local_start: str
    timezone: str
    place: str
    place_name: str
    therapists: list[str] = Field(description="Names")
    key: str


class GroupStartsOut(Schema):
    """Starts for all, earliest first."""

    practice: str
    timezone: str
    starts: list[GroupStartOut]


class WhenIn(Schema):
    """When: `starts_at` with its offset, or `local_start` by the practice's clock."""

    starts_at: Instant | None = None
    local_start: Wall | None = None


class GroupHoldIn(WhenIn):
    """Which start to keep for all of them. At one home the therapists need its point and address."""

    practice: Slug
    people: Seats
    place: Slug | None = Field(None, description="A clinic place, or `home`; left out: any clinic place")
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None
    address: ShortText = ""


class GroupHoldOut(Schema):
    """Kept times. `secret` is shown this once and books them."""

    id: UUID
    secret: str
    expires_at: str
    visits: list[VisitOut]


class ComingIn(Schema):
    """Who takes a seat: the caller (nothing given), a `client` whom the caller answers for (for staff: any of the
    practice), or somebody else by first `name` and `email`, who gets a link and answers for themselves.
    """

    client: UUID | None = None
    name: ShortText = ""
    email: Email = ""


class GroupBookIn(Schema):
    """Who comes, in the order of the seats. Who is not a client of the practice yet sends their own `name`.

    Everybody's safety questions have to be answered before (POST /screening); whoever is invited answers later.
    """

    practice: Slug
    hold_id: UUID
    hold_secret: Secret
    coming: list[ComingIn] = Field(max_length=MOST)
    name: ShortText = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=40)] = ""


class SeatOut(Schema):
    """One person's part. Of somebody else's no more than the first name, unless the caller booked for all."""

    number: int
    called: str
    own: bool
    waits: bool = Field(description="They were invited and have not answered yet")
    over: bool
    visit: VisitOut | None


class TogetherOut(Schema):
    """A group as the caller may see it."""

    id: UUID
    practice: str
    organiser: bool = Field(description="The caller may move and cancel all of it")
    local_start: str
    timezone: str
    place_name: str
    parts: list[SeatOut]


class GroupMoveIn(WhenIn):
    """Where all of them go. Same place; with `anybody` other therapists will do."""

    anybody: bool = False


class GroupMoveOut(Schema):
    """A moved group (`preview`: as it would be). `then`: the visits at the new time.

    With `answer_by` (status 202) the group is as it was, and the new times are kept beside the old ones until the
    practice answers: POST /appointments/{id}/change for any of the visits answers for all of them.
    """

    group: TogetherOut
    then: list[VisitOut]
    fee_if_cancelled: MoneyOut = Field(description="What cancelling all of them costs at least from then on")
    answer_by: datetime | None
    preview: bool


class PartCancelOut(Schema):
    """What cancelling one of the visits costs."""

    visit: UUID
    fee: MoneyOut
    refund: MoneyOut
    terms: str


class GroupCancelOut(Schema):
    """What cancelling costs (`preview`: would cost), visit by visit, each by its own terms."""

    group: TogetherOut
    parts: list[PartCancelOut]
    preview: bool


class GroupConflict(Problem):
    """A problem with up to three starts that suit all of them, if the one asked for does not (`slot-taken`)."""

    alternatives: list[GroupStartOut] | None = None


class JoinLink(Schema):
    """The last part of the link that came by mail. The caller has signed in with the address it was sent to."""

    practice: Slug
    token: Token


class OwnAnswers(Schema):
    """The safety answers, unless valid ones are there."""

    screening: dict[str, Any] | None = Field(None, description="As in POST /screening", max_length=300)


def start_out(one: GroupStart) -> GroupStartOut:
    """A start for JSON."""
    return GroupStartOut.model_validate(one.as_dict())


def group_out(found: GroupFacts, practice: str) -> TogetherOut:
    """A group for JSON, as far as it was shown to the reader."""
    return TogetherOut(
        id=found.id,
        practice=practice,
        organiser=found.organiser,
        local_start=found.local_start,
        timezone=found.timezone,
        place_name=found.place_name,
        parts=[
            SeatOut(
                number=one.number,
                called=one.called,
                own=one.own,
                waits=one.waits,
                over=one.over,
                visit=visit_out(one.visit, practice) if one.visit else None,
            )
            for one in found.parts
        ],
    )
