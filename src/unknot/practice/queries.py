"""Reads about practices: public facts, menus, teams, places."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from unknot.db import tenancy
from unknot.kernel.actors import THERAPIST, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.money import Money
from unknot.people import queries as people
from unknot.practice.models import Credential, Offer, Place, Practice, Room, Service, Therapist


class UnknownPracticeError(NotFoundError):
    """There is no practice at this address."""


class UnknownServiceError(NotFoundError):
    """This practice has no such service. Choose one from its menu."""

    code = "unknown-service"


class UnknownTherapistError(NotFoundError):
    """This practice has no such therapist. Choose one from its team."""

    code = "unknown-therapist"


class UnknownPlaceError(NotFoundError):
    """This practice has no such place."""

    code = "unknown-place"


@dataclass(frozen=True)
class PracticeFacts:
    """What anyone may know of a practice, and its booking policy."""

    id: UUID
    slug: str
    name: str
    kind: str
    tagline: str
    about: str
    timezone: str
    jurisdiction: str
    currency: str
    email: str
    phone: str
    tax_number: str
    buffer_rule: str
    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    hold_minutes: int
    cancellation_tiers: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True)
class PlaceFacts:
    """An address. `kind` is clinic, or base: where a therapist's day starts, known to staff only."""

    id: UUID
    slug: str
    name: str
    kind: str
    street: str
    city: str
    region: str
    postal_code: str
    lat: float
    lon: float
    access: list[str]

    @property
    def address(self) -> str:
        """One line for people."""
        return ", ".join(part for part in (self.street, self.city, f"{self.region} {self.postal_code}".strip()) if part)


@dataclass(frozen=True)
class RoomFacts:
    """A treatment room."""

    id: UUID
    place_id: UUID
    name: str
    attributes: list[str]


@dataclass(frozen=True)
class ServiceFacts:
    """A bookable treatment of one length (`minutes`, buffers in minutes)."""

    id: UUID
    slug: str
    kind: str
    name: str
    description: str
    minutes: int
    price: Money
    buffer_before: int
    buffer_after: int
    at_clinic: bool
    at_home: bool


@dataclass(frozen=True)
class CredentialFacts:
    """A registration or membership and who stands behind it."""

    kind: str
    title: str
    issuer: str
    number: str
    expires_on: date | None
    verified: bool


@dataclass(frozen=True)
class TherapistFacts:
    """A therapist of the practice in scope. `account_id` is the person, over all practices."""

    id: UUID
    account_id: UUID
    slug: str
    name: str
    title: str
    bio: str
    gender: str
    languages: list[str]
    skills: list[str]
    max_level: int
    home_visits: bool
    travel_km: int
    base_id: UUID | None
    listed: bool
    service_ids: frozenset[UUID] = frozenset()
    credentials: tuple[CredentialFacts, ...] = ()


def practice_at(slug: str) -> PracticeFacts:
    """The published practice at this address. Raises UnknownPracticeError."""
    return _practice(Practice.objects.filter(slug=slug, published=True).first())


def practice(practice_id: UUID) -> PracticeFacts:
    """A practice by its id. Raises UnknownPracticeError."""
    return _practice(Practice.objects.filter(pk=practice_id).first())


def practices() -> list[PracticeFacts]:
    """All published practices, by name."""
    return [_practice(row) for row in Practice.objects.filter(published=True).order_by("name", "id")]


def services() -> list[ServiceFacts]:
    """The menu of the practice in scope, in its own order."""
    currency = _currency()
    rows = Service.objects.filter(active=True).order_by("position", "minutes", "id")
    return [_service(row, currency) for row in rows]


def service_at(slug: str) -> ServiceFacts:
    """One service of the practice in scope by its slug. Raises UnknownServiceError."""
    row = Service.objects.filter(slug=slug, active=True).first()
    if row is None:
        raise UnknownServiceError(field="service")
    return _service(row, _currency())


def service(service_id: UUID) -> ServiceFacts:
    """One service, also one no longer offered. Raises UnknownServiceError."""
    row = Service.objects.filter(pk=service_id).first()
    if row is None:
        raise UnknownServiceError(field="service")
    return _service(row, _currency())


def therapists() -> list[TherapistFacts]:
    """The team of the practice in scope, by name, with services and verified credentials. Three queries."""
    rows = list(Therapist.objects.filter(active=True).order_by("name", "id"))
    ids = [row.pk for row in rows]
    offers: dict[UUID, set[UUID]] = {}
    for therapist_id, service_id in Offer.objects.filter(therapist_id__in=ids).values_list(
        "therapist_id", "service_id"
    ):
        offers.setdefault(therapist_id, set()).add(service_id)
    credentials: dict[UUID, list[CredentialFacts]] = {}
    for one in Credential.objects.filter(therapist_id__in=ids).order_by("title", "id"):
        facts = CredentialFacts(
            one.kind, one.title, one.issuer, one.number, one.expires_on, one.verified_at is not None
        )
        credentials.setdefault(one.therapist_id, []).append(facts)
    return [_therapist(row, offers.get(row.pk, set()), credentials.get(row.pk, [])) for row in rows]


def therapist_at(slug: str) -> TherapistFacts:
    """One therapist of the practice in scope by slug. Raises UnknownTherapistError."""
    found = next((one for one in therapists() if one.slug == slug), None)
    if found is None:
        raise UnknownTherapistError(field="therapist")
    return found


def therapist(therapist_id: UUID) -> TherapistFacts:
    """One therapist of the practice in scope. Raises UnknownTherapistError."""
    found = next((one for one in therapists() if one.id == therapist_id), None)
    if found is None:
        raise UnknownTherapistError(field="therapist")
    return found


def places(*, kind: str = "clinic") -> list[PlaceFacts]:
    """The practice's places of a kind, by name."""
    return [_place(row) for row in Place.objects.filter(kind=kind).order_by("name", "id")]


def place(place_id: UUID) -> PlaceFacts:
    """One place, of any kind. Raises UnknownPlaceError."""
    row = Place.objects.filter(pk=place_id).first()
    if row is None:
        raise UnknownPlaceError(field="place")
    return _place(row)


def rooms() -> list[RoomFacts]:
    """All rooms of the practice in scope that are in use, by place and name."""
    rows = Room.objects.filter(active=True).order_by("place_id", "name", "id")
    return [RoomFacts(row.pk, row.place_id, row.name, list(row.attributes)) for row in rows]


def actor(account_id: UUID, practice_id: UUID | None, *, strong: bool) -> Actor:
    """The account with its roles in the practice and, for a therapist, their row there."""
    found = people.actor(account_id, practice_id, strong=strong)
    if practice_id is None or not found.has(THERAPIST):
        return found
    with tenancy.scope(practice_id=practice_id, account_id=account_id):
        own = Therapist.objects.filter(account_id=account_id, active=True).values_list("pk", flat=True).first()
    return replace(found, therapist_id=own)


def _currency() -> str:
    scope = tenancy.current()
    if scope is None or scope.practice_id is None:
        raise UnknownPracticeError
    return str(Practice.objects.values_list("currency", flat=True).get(pk=scope.practice_id))


def _practice(row: Any) -> PracticeFacts:
    if row is None:
        raise UnknownPracticeError
    return PracticeFacts(**{name: getattr(row, name) for name in PracticeFacts.__dataclass_fields__})


def _place(row: Place) -> PlaceFacts:
    return PlaceFacts(**{name: getattr(row, name) for name in PlaceFacts.__dataclass_fields__})


def _service(row: Service, currency: str) -> ServiceFacts:
    return ServiceFacts(
        id=row.pk,
        slug=row.slug,
        kind=row.kind,
        name=row.name,
        description=row.description,
        minutes=row.minutes,
        price=Money(row.price_minor, currency),
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        at_clinic=row.at_clinic,
        at_home=row.at_home,
    )


def _therapist(row: Therapist, service_ids: set[UUID], credentials: list[CredentialFacts]) -> TherapistFacts:
    return TherapistFacts(
        id=row.pk,
        account_id=row.account_id,
        slug=row.slug,
        name=row.name,
        title=row.title,
        bio=row.bio,
        gender=row.gender,
        languages=list(row.languages),
        skills=list(row.skills),
        max_level=row.max_level,
        home_visits=row.home_visits,
        travel_km=row.travel_km,
        base_id=row.base_id,
        listed=row.listed,
        service_ids=frozenset(service_ids),
        credentials=tuple(credentials),
    )
