"""What goes in and out of the diary's calls, as JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from unknot.booking.queries import ChangeFacts, Slot, VisitFacts
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.web.api import NUMERIC, Instant, Problem, ShortText, Slug

Secret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Wall = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
BodyLatitude = Annotated[Latitude, NUMERIC]
BodyLongitude = Annotated[Longitude, NUMERIC]


Need = Literal["step_free", "low_table", "quiet", "face_me", "companion"]
Needs = Annotated[list[Need], Field(max_length=5, description="What the client needs to get in and be at ease")]
Added = Annotated[list[Slug], Field(max_length=5, description="What is added to the service in the same visit")]


class SlotOut(Schema):
    """A free start. Instants carry the practice's offset; `local_start` is its wall clock."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    local_start: str
    therapist: str = Field(description="Slug")
    therapist_name: str
    place: str = Field(description="Slug, or `home`")
    place_name: str
    mode: str
    extra_minutes: int = Field(description="Driving that a home visit adds to the therapist's day")
    key: str


class SlotsOut(Schema):
    """Free starts, earliest first."""

    practice: str
    service: str
    add: list[str]
    minutes: int = Field(description="Length of the whole visit")
    timezone: str
    slots: list[SlotOut]


class SlotsIn(Schema):
    """What is looked for. `from` and `to` are local days, both included; a week from today if left out."""

    service: Slug
    add: list[Slug] = Field([], max_length=5, description="What is added to the service in the same visit")
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    therapist: Slug | None = None
    place: Slug | None = Field(None, description="A clinic place, or `home` together with `lat` and `lon`")
    lat: Latitude | None = None
    lon: Longitude | None = None
    limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class StartIn(Schema):
    """A start, as a slot named it."""

    therapist: Slug | None = Field(None, description="Left out: whoever is free")
    place: Slug | None = Field(None, description="A clinic place, or `home`; left out: any clinic place")
    starts_at: Instant | None = None
    local_start: Wall | None = None


class HoldIn(StartIn):
    """Which start to keep. A home visit needs the point and the address."""

    practice: Slug
    service: Slug
    add: Added = []
    needs: Needs = []
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None
    address: ShortText = ""


class BookIn(StartIn):
    """From a hold (`hold_id`, `hold_secret`) or directly (`service`, `place`, a start).

    Who is not a client of the practice yet sends a `name`. `screening`: answers by question id, unless valid ones are
    there.
    """

    practice: Slug
    hold_id: UUID | None = None
    hold_secret: Secret | None = None
    service: Slug | None = None
    add: Added = []
    needs: Needs = []
    lat: BodyLatitude | None = None
    lon: BodyLongitude | None = None
    address: ShortText = ""
    name: ShortText = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=40)] = ""
    client: UUID | None = Field(None, description="A person the caller looks after; left out: the caller")
    screening: dict[str, Any] | None = Field(None, description="As in POST /screening", max_length=300)


class MoveIn(StartIn):
    """Where to; therapist and place stay unless named."""


class MoneyOut(Schema):
    """Minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str


class PartOut(Schema):
    """A part of a visit as agreed at booking."""

    name: str
    minutes: int
    price: MoneyOut


class VisitOut(Schema):
    """A visit or a hold. `starts_at` carries the practice's offset; the agreed wall time is `local_start`."""

    id: UUID
    practice: str
    state: str
    service: str
    service_name: str
    therapist: str
    therapist_name: str
    place: str
    place_name: str
    address: str
    room: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    local_start: str
    timezone: str
    parts: list[PartOut] = Field(description="The service, then what is added to it")
    price: MoneyOut
    cancellation_tiers: list[list[int]] = Field(description="[[less than so many hours before, per cent], ...]")
    fee: MoneyOut
    sequence: int


class HoldOut(Schema):
    """A kept start. `secret` is shown this once and confirms the booking."""

    id: UUID
    secret: str
    expires_at: datetime
    visit: VisitOut


class CancelOut(Schema):
    """What cancelling costs (`preview`: would cost). `fee` and `refund` add up to the price."""

    visit: VisitOut
    fee: MoneyOut
    refund: MoneyOut
    terms: str
    preview: bool


class ChangeOut(Schema):
    """A late move that waits for the practice's yes. The visit keeps its time and `then` is kept beside it.

    `state`: waiting, accepted, declined, withdrawn, expired. `id` is null in a preview.
    """

    id: UUID | None
    state: str
    then: VisitOut
    answer_by: datetime
    fee_floor: MoneyOut = Field(description="What cancelling costs at least once it is accepted")


class ChangeAnswer(Schema):
    """The client withdraws; the practice accepts or declines."""

    id: UUID = Field(description="The change that was read, so that no answer meets another wish")
    answer: Literal["accept", "decline", "withdraw"]


class MoveOut(Schema):
    """The moved visit (`preview`: as it would be), and what cancelling costs at least from then on.

    With `change` (status 202) the visit is as it was: so late a move needs the practice's yes.
    """

    visit: VisitOut
    fee: MoneyOut
    fee_if_cancelled: MoneyOut
    terms: str
    preview: bool
    change: ChangeOut | None = None


class Conflict(Problem):
    """A problem with up to three free starts instead, if the start is not free (`slot-taken`,
    `calendar-says-busy`) or was kept no longer (`hold-over`)."""

    alternatives: list[SlotOut] | None = None


def money_out(amount: Money) -> MoneyOut:
    """An amount for JSON."""
    return MoneyOut(minor=amount.minor, currency=amount.currency)


def change_out(one: ChangeFacts, practice: str) -> ChangeOut:
    """A late move for JSON."""
    return ChangeOut(
        id=one.id,
        state=one.state,
        then=visit_out(one.then, practice),
        answer_by=local(one.answer_by, one.visit.timezone),
        fee_floor=money_out(one.fee_floor),
    )


def slot_out(one: Slot) -> SlotOut:
    """A slot for JSON."""
    return SlotOut.model_validate(one.as_dict())


def visit_out(one: VisitFacts, practice: str) -> VisitOut:
    """A visit for JSON. A visit's answers and record stay where they are."""
    return VisitOut(
        id=one.id,
        practice=practice,
        state=one.state,
        service=one.service.slug,
        service_name=one.service.name,
        therapist=one.therapist_slug,
        therapist_name=one.therapist_name,
        place=one.place_slug,
        place_name=one.place_name,
        address=one.address,
        room=one.room_name,
        mode=one.mode,
        starts_at=local(one.starts_at, one.timezone),
        ends_at=local(one.ends_at, one.timezone),
        local_start=one.local_start,
        timezone=one.timezone,
        parts=[PartOut(name=part.name, minutes=part.minutes, price=money_out(part.price)) for part in one.parts],
        price=money_out(one.price),
        cancellation_tiers=one.tiers,
        fee=money_out(one.fee),
        sequence=one.sequence,
    )
