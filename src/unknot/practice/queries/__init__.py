"""Reads about practices: public facts, menus, teams, places."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Func

from unknot.db import tenancy
from unknot.kernel.actors import THERAPIST, Actor
from unknot.people import queries as people
from unknot.practice.domain.calendar import public_holidays
from unknot.practice.domain.facts import (
    CredentialFacts,
    KitFacts,
    Listing,
    PlaceFacts,
    PracticeFacts,
    RoomFacts,
    ServiceFacts,
    TherapistFacts,
    Vocabulary,
)
from unknot.practice.domain.settings import ATTRIBUTES, GRIDS, LimitsSetting, RoomSetting, ServiceSetting, stamp
from unknot.practice.domain.words import language_name, skill_label
from unknot.practice.models import Credential, Kit, Offer, Place, Practice, Room, Service, Therapist
from unknot.practice.queries.built import (
    kit_facts,
    place_facts,
    practice_facts,
    service_facts,
    team_facts,
    therapist_facts,
)
from unknot.practice.queries.editing import (
    RoomRow,
    ServiceRow,
    kit_settings,
    limits,
    pieces_of,
    places_of_pieces,
    room_rows,
    rules,
    service_rows,
)
from unknot.practice.queries.editions import Setup, edition_of, forget, kept
from unknot.practice.queries.unknown import (
    UnknownPlaceError,
    UnknownPracticeError,
    UnknownServiceError,
    UnknownTherapistError,
)

__all__ = [
    "ATTRIBUTES",
    "GRIDS",
    "CredentialFacts",
    "KitFacts",
    "LimitsSetting",
    "Listing",
    "PlaceFacts",
    "PracticeFacts",
    "RoomFacts",
    "RoomRow",
    "RoomSetting",
    "ServiceFacts",
    "ServiceRow",
    "ServiceSetting",
    "Setup",
    "TherapistFacts",
    "UnknownPlaceError",
    "UnknownPracticeError",
    "UnknownServiceError",
    "UnknownTherapistError",
    "Vocabulary",
    "actor",
    "addons",
    "at_random",
    "closed_holidays",
    "closed_on",
    "directory",
    "forget",
    "holidays",
    "kept",
    "kit",
    "kit_settings",
    "language_name",
    "limits",
    "pieces_of",
    "place",
    "places",
    "places_of_pieces",
    "practice",
    "practice_at",
    "practices",
    "room_rows",
    "rooms",
    "rules",
    "service",
    "service_at",
    "service_rows",
    "services",
    "services_at",
    "services_of",
    "setup",
    "skill_label",
    "stamp",
    "team",
    "therapist",
    "therapist_at",
    "therapists",
    "vocabulary",
]


def setup() -> Setup:
    """All that the practice in scope is and offers, as this transaction sees it. One query; nine more when it changed
    since this process last asked. Raises UnknownPracticeError."""
    scope = tenancy.current()
    practice_id = scope.practice_id if scope else None
    edition = edition_of(practice_id) if practice_id else None
    if practice_id is None or edition is None:
        raise UnknownPracticeError
    return kept(("setup", practice_id), edition, lambda: _setup(practice_id, edition))


def _setup(practice_id: UUID, edition: str) -> Setup:
    return Setup(
        edition=edition,
        practice=practice(practice_id),
        services=tuple(_menu(active=True)),
        team=tuple(therapists()),
        places=tuple(places()),
        bases=tuple(places(kind="base")),
        rooms=tuple(rooms()),
        kit=tuple(kit_facts(Kit.objects.filter(active=True))),
    )


def practice_at(slug: str) -> PracticeFacts:
    """The published practice at this address. Raises UnknownPracticeError."""
    return practice_facts(Practice.objects.filter(slug=slug, published=True).first())


def practice(practice_id: UUID) -> PracticeFacts:
    """A practice by its id. Raises UnknownPracticeError."""
    return practice_facts(Practice.objects.filter(pk=practice_id).first())


def practices(ids: Collection[UUID] | None = None) -> list[PracticeFacts]:
    """All published practices, or those of these, by name."""
    rows = Practice.objects.filter(published=True)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return [practice_facts(row) for row in rows.order_by("name", "id")]


def every_practice() -> list[UUID]:
    """The ids of all practices, unpublished ones too: their diaries and records go on."""
    return list(Practice.objects.order_by("id").values_list("pk", flat=True))


def at_random(count: int) -> list[UUID]:
    """The ids of at most `count` practices, taken at random: for samples."""
    return list(Practice.objects.order_by("?").values_list("pk", flat=True)[:count])


def directory(ids: Collection[UUID] | None = None) -> list[Listing]:
    """Everything published about all published practices, or those of these, by name. Seven queries for any number.

    The database's policies leave out unpublished rows; practices and therapists that do not want to be found are left
    out here.
    """
    shown = practices(ids)
    if not shown:
        return []
    ids = [one.id for one in shown]
    currency = {one.id: one.currency for one in shown}
    menus: dict[UUID, list[ServiceFacts]] = {}
    for offered in Service.across_practices.filter(practice_id__in=ids, active=True, addon=False).order_by(
        "position", "minutes", "id"
    ):
        menus.setdefault(offered.practice_id, []).append(service_facts(offered, currency[offered.practice_id]))
    rows = list(Therapist.across_practices.filter(practice_id__in=ids, active=True, listed=True).order_by("name", "id"))
    teams: dict[UUID, list[TherapistFacts]] = {}
    for row, facts in zip(rows, team_facts(rows, Offer.across_practices, Credential.across_practices), strict=True):
        teams.setdefault(row.practice_id, []).append(facts)
    clinics: dict[UUID, list[PlaceFacts]] = {}
    for spot in Place.across_practices.filter(practice_id__in=ids, kind="clinic").order_by("name", "id"):
        clinics.setdefault(spot.practice_id, []).append(place_facts(spot))
    attributes: dict[UUID, set[str]] = {}
    for practice_id, held in Room.across_practices.filter(practice_id__in=ids, active=True).values_list(
        "practice_id", "attributes"
    ):
        attributes.setdefault(practice_id, set()).update(held)
    return [
        Listing(
            practice=one,
            services=tuple(menus.get(one.id, ())),
            therapists=tuple(teams.get(one.id, ())),
            places=tuple(clinics.get(one.id, ())),
            room_attributes=frozenset(attributes.get(one.id, ())),
        )
        for one in shown
    ]


def vocabulary() -> Vocabulary:
    """What people who can be found name and where they work, over all published practices. Three queries."""
    team = Therapist.across_practices.filter(active=True, listed=True, practice__published=True)

    def named(field: str) -> tuple[str, ...]:
        found = team.annotate(one=Func(F(field), function="unnest")).values_list("one", flat=True).distinct()
        return tuple(sorted(found))

    clinics = Place.across_practices.filter(kind="clinic", practice__published=True).exclude(city="")
    cities = tuple(sorted(clinics.values_list("city", flat=True).distinct()))
    return Vocabulary(named("skills"), named("languages"), cities)


def holidays(first: date, last: date) -> dict[date, str]:
    """Public holidays of the practice in scope from `first` to `last`, inclusive, with their names. One query."""
    return public_holidays(str(_own("jurisdiction")[0]), first, last)


def closed_holidays(first: date, last: date) -> dict[date, str]:
    """Those of them on which the practice is closed, by its switch. One query."""
    jurisdiction, rule = _own("jurisdiction", "holidays")
    return public_holidays(jurisdiction, first, last) if rule == "closed" else {}


def closed_on(practice: PracticeFacts, first: date, last: date) -> dict[date, str]:
    """`closed_holidays` of a practice at hand. No query."""
    return public_holidays(practice.jurisdiction, first, last) if practice.holidays == "closed" else {}


def _own(*fields: str) -> tuple[Any, ...]:
    """Columns of the practice in scope."""
    scope = tenancy.current()
    if scope is None or scope.practice_id is None:
        raise UnknownPracticeError
    return tuple(Practice.objects.values_list(*fields).get(pk=scope.practice_id))


def services() -> list[ServiceFacts]:
    """The menu of the practice in scope, in its own order, without what can only be added to it."""
    return _menu(active=True, addon=False)


def addons() -> list[ServiceFacts]:
    """What can be added to a massage in the practice in scope, in its own order."""
    return _menu(active=True, addon=True)


def services_at(slugs: Iterable[str]) -> dict[str, ServiceFacts]:
    """Those of these services and additions that the practice in scope offers now, by slug."""
    return {one.slug: one for one in _menu(active=True, slug__in=list(slugs))}


def services_of(ids: Iterable[UUID]) -> dict[UUID, ServiceFacts]:
    """These services and additions by id, also those no longer offered."""
    return {one.id: one for one in _menu(pk__in=list(ids))}


def _menu(**only: Any) -> list[ServiceFacts]:
    rows = Service.objects.filter(**only).select_related("practice").order_by("position", "minutes", "id")
    return [service_facts(row, row.practice.currency) for row in rows]


def service_at(slug: str) -> ServiceFacts:
    """One service or addition of the practice in scope by its slug. Raises UnknownServiceError."""
    row = Service.objects.filter(slug=slug, active=True).first()
    if row is None:
        raise UnknownServiceError(field="service")
    return service_facts(row, _currency())


def service(service_id: UUID) -> ServiceFacts:
    """One service, also one no longer offered. Raises UnknownServiceError."""
    row = Service.objects.filter(pk=service_id).first()
    if row is None:
        raise UnknownServiceError(field="service")
    return service_facts(row, _currency())


def therapists() -> list[TherapistFacts]:
    """The team of the practice in scope, by name, with services and verified credentials. Three queries."""
    rows = list(Therapist.objects.filter(active=True).order_by("name", "id"))
    return team_facts(rows, Offer.objects, Credential.objects)


def team(ids: Collection[UUID]) -> list[TherapistFacts]:
    """Active therapists of the practice in scope by id, by name, without their services and credentials. One query."""
    rows = Therapist.objects.filter(pk__in=ids, active=True).order_by("name", "id")
    return [therapist_facts(row, set(), []) for row in rows]


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
    return [place_facts(row) for row in Place.objects.filter(kind=kind).order_by("name", "id")]


def place(place_id: UUID) -> PlaceFacts:
    """One place, of any kind. Raises UnknownPlaceError."""
    row = Place.objects.filter(pk=place_id).first()
    if row is None:
        raise UnknownPlaceError(field="place")
    return place_facts(row)


def rooms() -> list[RoomFacts]:
    """All rooms of the practice in scope that are in use, by place and name."""
    rows = Room.objects.filter(active=True).order_by("place_id", "name", "id")
    return [RoomFacts(row.pk, row.place_id, row.name, list(row.attributes), row.capacity) for row in rows]


def kit(kinds: Iterable[str]) -> list[KitFacts]:
    """The kit of these kinds in the practice in scope that is in use, by kind and number."""
    return kit_facts(Kit.objects.filter(active=True, kind__in=list(kinds)))


def actor(account_id: UUID, practice_id: UUID | None, *, strong: bool) -> Actor:
    """The account with its roles in the practice and, for a therapist, their row there."""
    found = people.actor(account_id, practice_id, strong=strong)
    if practice_id is None or not found.has(THERAPIST):
        return found
    with tenancy.scope(practice_id=practice_id, account_id=account_id):
        own = Therapist.objects.filter(account_id=account_id, active=True).values_list("pk", flat=True).first()
    return replace(found, therapist_id=own)


def _currency() -> str:
    return str(_own("currency")[0])
