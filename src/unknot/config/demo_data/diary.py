"""A paper diary for the made-up history: real working hours, buffers and rooms kept, nobody in two places."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from unknot.availability.models import DayException
from unknot.booking.domain.spans import blocked_span
from unknot.booking.models import ACTIVE, Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.ids import new_id
from unknot.kernel.zones import to_utc, zone_data_version
from unknot.people.models import Client
from unknot.practice.models import Place, Practice, Room, Service, Therapist

GRID = 15
DRIVE = 40  # minutes kept between home visits and around the edges of a home day
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Spot:
    """A time that is free for a therapist, a room and a client."""

    wall: datetime
    starts_at: datetime
    blocked: Span
    place: Place | None
    room: Room | None


@dataclass
class Diary:
    """What is taken so far, by therapist, room and client of one practice."""

    stage: Stage
    taken: dict[object, list[Span]] = field(default_factory=dict)
    extra: dict[tuple[str, date], tuple[int, int, str]] = field(default_factory=dict)

    def windows(self, therapist: str, day: date) -> list[tuple[int, int, str]]:
        """Working stretches of a local day, (opens, closes, place slug or "home") in minutes, breaks cut out."""
        role = next(one for one in self.stage.role.therapists if one.slug == therapist)
        hours = [(opens, closes, place) for weekday, opens, closes, place in role.hours if weekday == day.weekday()]
        if (therapist, day) in self.extra:
            hours.append(self.extra[therapist, day])
        found = []
        for opens, closes, place in hours:
            since = opens
            for _, starts, ends in sorted(one for one in role.breaks if one[0] == day.weekday()):
                if since < starts < closes:
                    found.append((since, starts, place))
                    since = ends
            found.append((since, closes, place))
        return found

    def open_day(self, therapist: str, day: date) -> None:
        """Makes sure that the therapist works on this local day, by an exception where the rules say no."""
        if self.windows(therapist, day):
            return
        role = next(one for one in self.stage.role.therapists if one.slug == therapist)
        place = next((hours[3] for hours in role.hours if hours[3] != "home"), "home")
        self.extra[therapist, day] = (9 * 60, 17 * 60, place)
        DayException.objects.create(
            practice=self.stage.practice,
            therapist=self.stage.therapists[therapist],
            date=day,
            kind="extra",
            mode="home" if place == "home" else "clinic",
            place=None if place == "home" else self.stage.places[place],
            opens=9 * 60,
            closes=17 * 60,
            reason="Open day",
        )

    def find(
        self, therapist: str, day: date, service: Service, client: Client, *, wish: int, after: datetime | None = None
    ) -> Spot | None:
        """The free start nearest to minute `wish` of the day (not before the instant `after`), or None."""
        home = service.at_home
        starts = [
            minute
            for opens, closes, place in self.windows(therapist, day)
            if (place == "home") == home
            for minute in range(
                opens + (DRIVE if home else service.buffer_before),
                closes - service.minutes - (DRIVE if home else service.buffer_after) + 1,
            )
            if minute % GRID == 0
        ]
        for minute in sorted(starts, key=lambda one: (abs(one - wish), one)):
            spot = self._spot(therapist, day, minute, service, client)
            if spot and (after is None or spot.starts_at >= after):
                return spot
        return None

    def _spot(self, therapist: str, day: date, minute: int, service: Service, client: Client) -> Spot | None:
        practice = self.stage.practice
        wall = datetime.combine(day, time(minute // 60, minute % 60))
        starts_at = to_utc(wall, practice.timezone)
        kept = blocked_span(
            starts_at,
            service.minutes,
            before=service.buffer_before,
            after=service.buffer_after,
            buffer_rule=practice.buffer_rule,
        )
        wide = timedelta(minutes=DRIVE if service.at_home else max(service.buffer_before, service.buffer_after))
        whole = (starts_at - wide, starts_at + timedelta(minutes=service.minutes) + wide)
        if not (self._free(therapist, whole) and self._free(client.pk, whole)):
            return None
        if service.at_home:
            return Spot(wall, starts_at, kept, None, None)
        slug = next(p for o, c, p in self.windows(therapist, day) if p != "home" and o <= minute < c)
        room = next((one for one in self.stage.rooms[slug] if self._free(one.pk, whole)), None)
        return Spot(wall, starts_at, kept, self.stage.places[slug], room) if room else None

    def _free(self, key: object, span: Span) -> bool:
        return all(span[1] <= since or until <= span[0] for since, until in self.taken.get(key, ()))

    def write(
        self, spot: Spot, therapist: str, service: Service, client: Client, *, state: str, home: "Home | None" = None,
        intake_id: UUID | None = None,
    ) -> Appointment:  # fmt: skip
        """The visit at that spot, not saved yet; its time is taken from now on if its state keeps it."""
        if state in ACTIVE:
            for key in (therapist, client.pk, spot.room.pk if spot.room else None):
                if key is not None:
                    self.taken.setdefault(key, []).append(spot.blocked)
        made = self.stage.practice, self.stage.therapists[therapist]
        return _appointment(*made, spot, service, client, state=state, home=home, intake_id=intake_id)


@dataclass(frozen=True)
class Home:
    """Where a home visit goes."""

    address: str
    lat: float
    lon: float


def _appointment(
    practice: Practice, therapist: Therapist, spot: Spot, service: Service, client: Client, *, state: str,
    home: Home | None, intake_id: UUID | None,
) -> Appointment:  # fmt: skip
    ends_at = spot.starts_at + timedelta(minutes=service.minutes)
    booked = spot.starts_at - timedelta(days=6, hours=3)
    return Appointment(
        id=new_id(),
        practice=practice,
        state=state,
        client=client,
        account_id=client.account_id,
        therapist=therapist,
        practitioner_id=therapist.account_id,
        service=service,
        mode="home" if service.at_home else "clinic",
        place=spot.place,
        room=spot.room,
        home_address=home.address if home and service.at_home else "",
        home_lat=home.lat if home and service.at_home else None,
        home_lon=home.lon if home and service.at_home else None,
        starts_at=spot.starts_at,
        ends_at=ends_at,
        blocked=spot.blocked,
        buffer_before=service.buffer_before,
        buffer_after=service.buffer_after,
        local_start=spot.wall.strftime("%Y-%m-%dT%H:%M"),
        timezone=practice.timezone,
        zone_data=zone_data_version(),
        price_minor=service.price_minor,
        currency=practice.currency,
        cancellation_tiers=practice.cancellation_tiers,
        change_hours=practice.change_hours,
        intake_id=intake_id,
        booked_by_id=client.account_id,
        created_at=booked,
        confirmed_at=booked,
        ended_at=ends_at if state == "completed" else None,
    )
