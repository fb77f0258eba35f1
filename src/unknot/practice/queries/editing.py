"""Settings as they stand, for the pages that change them: also what is out of use."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from unknot.db import tenancy
from unknot.practice.domain.settings import (
    KitSetting,
    LimitsSetting,
    RoomSetting,
    RulesSetting,
    ServiceSetting,
)
from unknot.practice.models import Kit, Offer, Practice, Room, Service, Therapist
from unknot.practice.queries.unknown import UnknownPracticeError


@dataclass(frozen=True)
class RoomRow:
    """A room, in use or not."""

    id: UUID
    place_name: str
    setting: RoomSetting


@dataclass(frozen=True)
class ServiceRow:
    """A line of the menu, on it or not."""

    id: UUID
    slug: str
    setting: ServiceSetting


def room_setting(row: Room) -> RoomSetting:
    """How a room stands."""
    return RoomSetting(row.place_id, row.name, row.capacity, tuple(sorted(row.attributes)), row.active)


def room_rows() -> list[RoomRow]:
    """All rooms of the practice in scope by place and name, those out of use last. One query."""
    rows = Room.objects.select_related("place").order_by("-active", "place__name", "name", "id")
    return [RoomRow(row.pk, row.place.name, room_setting(row)) for row in rows]


def kit_settings() -> dict[str, KitSetting]:
    """All kit of the practice in scope by kind, also kinds of which no piece is in use. Two queries."""
    names: dict[str, str] = {}
    pieces: dict[str, Counter[UUID | None]] = {}
    for row in Kit.objects.order_by("kind", "id"):
        names.setdefault(row.kind, row.name)
        pieces.setdefault(row.kind, Counter())[row.place_id] += row.active
    needing: dict[str, list[UUID]] = {}
    for pk, kinds in Service.objects.exclude(kit=[]).order_by("id").values_list("pk", "kit"):
        for kind in kinds:
            needing.setdefault(kind, []).append(pk)
    return {
        kind: KitSetting(
            name,
            tuple(sorted(((place, count) for place, count in pieces[kind].items() if count), key=str)),
            tuple(needing.get(kind, ())),
        )
        for kind, name in names.items()
    }


def kit_setting(kind: str) -> KitSetting | None:
    """The kit of one kind; None if there never was any."""
    return kit_settings().get(kind)


def pieces_of(kind: str) -> list[int]:
    """The numbers of all pieces of a kind, in use or not."""
    return list(Kit.objects.filter(kind=kind).order_by("id").values_list("pk", flat=True))


def places_of_pieces(pieces: Iterable[int]) -> dict[int, UUID | None]:
    """Where these pieces of kit are, also those out of use; None: carried along."""
    return dict(Kit.objects.filter(pk__in=list(pieces)).values_list("pk", "place_id"))


def service_setting(row: Service, therapists: tuple[UUID, ...] | None = None) -> ServiceSetting:
    """How a line of the menu stands. `therapists`: who gives it, if that is known already."""
    if therapists is None:
        active = Offer.objects.filter(service_id=row.pk, therapist__active=True)
        therapists = tuple(sorted(active.values_list("therapist_id", flat=True)))
    return ServiceSetting(
        kind=row.kind,
        name=row.name,
        minutes=row.minutes,
        price_minor=row.price_minor,
        description=row.description,
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        at_clinic=row.at_clinic,
        at_home=row.at_home,
        addon=row.addon,
        kit=tuple(sorted(row.kit)),
        new_clients=row.new_clients,
        approval=row.approval,
        skill=row.skill,
        position=row.position,
        therapists=therapists,
        active=row.active,
    )


def service_rows() -> list[ServiceRow]:
    """The whole menu of the practice in scope in its order, massages first, what is off it last. Two queries."""
    given: dict[UUID, list[UUID]] = {}
    for therapist_id, service_id in Offer.objects.filter(therapist__active=True).values_list(
        "therapist_id", "service_id"
    ):
        given.setdefault(service_id, []).append(therapist_id)
    return [
        ServiceRow(row.pk, row.slug, service_setting(row, tuple(sorted(given.get(row.pk, ())))))
        for row in Service.objects.order_by("-active", "addon", "position", "minutes", "id")
    ]


def limits() -> dict[UUID, LimitsSetting]:
    """The limits of a day of everybody who works in the practice in scope, by name. One query."""
    rows = Therapist.objects.filter(active=True).order_by("name", "id")
    return {row.pk: LimitsSetting(row.most_visits, row.most_minutes, row.most_deep_minutes) for row in rows}


def rules() -> RulesSetting:
    """The booking rules of the practice in scope."""
    scope = tenancy.current()
    if scope is None or scope.practice_id is None:
        raise UnknownPracticeError
    row = Practice.objects.get(pk=scope.practice_id)
    return RulesSetting(row.grid_minutes, row.notice_minutes, row.horizon_days, row.hold_minutes)
