"""What the diary tells: a free slot, a visit, a hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.parts import Part, in_words
from unknot.booking.domain.wording import NEEDS, VisitWords, change_words, terms_words, visit_words
from unknot.booking.models import Appointment
from unknot.kernel.money import Money
from unknot.kernel.zones import local, to_utc
from unknot.practice.queries import ServiceFacts

AT_HOME = "home"
"""The place slug of a home visit."""
CLOSED_ITSELF, BY_HAND = "itself", "by_hand"
"""How a visit came to be closed: by the clock, or staff said so and the clock leaves it alone."""
HOME_NAME = "At your home"


@dataclass(frozen=True, slots=True)
class Slot:
    """A start that can be booked now. Instants in UTC, `local_start` "YYYY-MM-DDTHH:MM" by the practice's clock.

    `extra_minutes`: driving that a home visit adds to the therapist's day (0 at the clinic).
    """

    starts_at: datetime
    ends_at: datetime
    timezone: str
    local_start: str
    therapist_id: UUID
    therapist_slug: str
    therapist_name: str
    place_id: UUID | None
    place_slug: str
    place_name: str
    mode: str
    extra_minutes: int = 0

    @property
    def key(self) -> str:
        """Names the slot in forms and links."""
        return f"{self.therapist_slug}|{self.place_slug}|{self.local_start}"

    @property
    def words(self) -> VisitWords:
        """Day and time as people read them."""
        minutes = int((self.ends_at - self.starts_at).total_seconds()) // 60
        return visit_words(self.local_start, minutes, self.timezone)

    def as_dict(self) -> dict[str, object]:
        """For JSON: instants with the practice's offset."""
        return {
            "starts_at": local(self.starts_at, self.timezone).isoformat(),
            "ends_at": local(self.ends_at, self.timezone).isoformat(),
            "timezone": self.timezone,
            "local_start": self.local_start,
            "therapist": self.therapist_slug,
            "therapist_name": self.therapist_name,
            "place": self.place_slug,
            "place_name": self.place_name,
            "mode": self.mode,
            "extra_minutes": self.extra_minutes,
            "key": self.key,
        }


@dataclass(frozen=True)
class VisitFacts:
    """An appointment as the client and the practice see it. `price`, `parts`, `tiers` and buffers as agreed at booking.

    `service` is the menu's line as it is now: how long the visit is, `minutes` says.
    """

    id: UUID
    practice_id: UUID
    state: str
    client_id: UUID | None
    account_id: UUID | None
    therapist_id: UUID
    therapist_name: str
    therapist_slug: str
    practitioner_id: UUID
    service: ServiceFacts
    mode: str
    place_id: UUID | None
    place_slug: str
    place_name: str
    address: str
    room_id: UUID | None
    room_name: str
    starts_at: datetime
    ends_at: datetime
    local_start: str
    timezone: str
    price: Money
    tiers: list[list[int]]
    intake_id: UUID | None
    sequence: int
    fee: Money
    hold_expires_at: datetime | None
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    home_lat: float | None
    home_lon: float | None
    buffer_before: int
    buffer_after: int
    needs: tuple[str, ...] = ()
    answer_by: datetime | None = None
    change_hours: int = 0
    moves_id: UUID | None = None
    closed_itself: bool = False
    need_slugs: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    room_unit: int = 0

    @property
    def minutes(self) -> int:
        """Length of the visit itself."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def promised(self) -> tuple[datetime, datetime]:
        """Start and end as the agreed wall time means them by today's zone data; `starts_at` follows by `rezone`."""
        starts_at = to_utc(datetime.fromisoformat(self.local_start), self.timezone)
        return starts_at, starts_at + (self.ends_at - self.starts_at)

    @property
    def what(self) -> str:
        """The massage and what is added to it, in words."""
        return in_words([self.service.name, *(one.name for one in self.added)])

    @property
    def added(self) -> tuple[Part, ...]:
        """What is added to the massage."""
        return self.parts[1:]

    @property
    def words(self) -> VisitWords:
        """Day and times as people read them, by the agreed wall time."""
        return visit_words(self.local_start, self.minutes, self.timezone)

    @property
    def terms(self) -> list[str]:
        """What cancelling costs, as sentences with real moments."""
        return self.terms_at(None)

    def terms_at(self, now: datetime | None) -> list[str]:
        """The same without what has passed."""
        said = terms_words(self.tiers, price=self.price, starts_at=self.starts_at, zone=self.timezone, now=now)
        return [*said, *change_words(self.starts_at, self.change_hours, self.timezone, now=now)]

    def changes_late(self, now: datetime) -> bool:
        """Whether its client's move is a request by now."""
        return self.state == State.CONFIRMED and now >= self.starts_at - timedelta(hours=self.change_hours)

    @property
    def is_upcoming(self) -> bool:
        """Booked and still to come or under way."""
        return self.state in (State.REQUESTED, State.CONFIRMED, State.ARRIVED, State.IN_SESSION)


RELATED = ("therapist", "service", "place", "room")
"""Rows that `visit_facts` reads; select them with the appointment."""


class Related(NamedTuple):
    """What belongs to a visit; therapist, place and room as rows or as facts, which name the same things alike."""

    therapist: Any
    service: ServiceFacts
    place: Any
    room: Any


def visit_facts(row: Appointment, related: Related | None = None) -> VisitFacts:
    """The facts of a row loaded with `select_related(*RELATED)`, or given what belongs to it."""
    therapist, service, place, room = related or Related(row.therapist, _service(row), row.place, row.room)
    return VisitFacts(
        id=row.pk,
        practice_id=row.practice_id,
        state=row.state,
        client_id=row.client_id,
        account_id=row.account_id,
        therapist_id=row.therapist_id,
        therapist_name=therapist.name,
        therapist_slug=therapist.slug,
        practitioner_id=row.practitioner_id,
        service=service,
        parts=tuple(Part.from_row(one, row.currency) for one in row.parts),
        mode=row.mode,
        place_id=row.place_id,
        place_slug=place.slug if place is not None else AT_HOME,
        place_name=place.name if place is not None else HOME_NAME,
        address=_address(row, place),
        room_id=row.room_id,
        room_name=room.name if room is not None else "",
        room_unit=row.room_unit,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        local_start=row.local_start,
        timezone=row.timezone,
        price=Money(row.price_minor, row.currency),
        tiers=row.cancellation_tiers,
        intake_id=row.intake_id,
        sequence=row.sequence,
        fee=Money(row.fee_minor, row.currency),
        hold_expires_at=row.hold_expires_at,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        home_lat=row.home_lat,
        home_lon=row.home_lon,
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        answer_by=row.answer_by,
        change_hours=row.change_hours,
        moves_id=row.moves_id,
        closed_itself=row.state == State.COMPLETED and row.closing == CLOSED_ITSELF,
        need_slugs=tuple(one for one in row.access_needs or () if one in NEEDS),
        needs=tuple(NEEDS[one] for one in row.access_needs or () if one in NEEDS),
    )


def _address(row: Appointment, place: Any) -> str:
    """Where the visit takes place, on one line."""
    if place is None:
        return str(row.home_address)
    town = f"{place.region} {place.postal_code}".strip()
    return ", ".join(part for part in (place.street, place.city, town) if part)


def _service(row: Appointment) -> ServiceFacts:
    service = row.service
    return ServiceFacts(
        id=service.pk,
        slug=service.slug,
        kind=service.kind,
        name=service.name,
        description=service.description,
        minutes=service.minutes,
        price=Money(service.price_minor, row.currency),
        buffer_before=service.buffer_before,
        buffer_after=service.buffer_after,
        at_clinic=service.at_clinic,
        at_home=service.at_home,
        kit=tuple(service.kit),
        new_clients=service.new_clients,
        approval=service.approval,
        skill=service.skill,
    )
