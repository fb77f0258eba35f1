"""Facts of rows."""

from typing import Any
from uuid import UUID

from unknot.kernel.money import Money
from unknot.practice.domain.facts import (
    CredentialFacts,
    KitFacts,
    PlaceFacts,
    PracticeFacts,
    ServiceFacts,
    TherapistFacts,
)
from unknot.practice.models import Place, Service, Therapist
from unknot.practice.queries.unknown import UnknownPracticeError


def practice_facts(row: Any) -> PracticeFacts:
    """A practice. Raises UnknownPracticeError for None."""
    if row is None:
        raise UnknownPracticeError
    return PracticeFacts(**{name: getattr(row, name) for name in PracticeFacts.__dataclass_fields__})


def place_facts(row: Place) -> PlaceFacts:
    """A place of any kind."""
    return PlaceFacts(**{name: getattr(row, name) for name in PlaceFacts.__dataclass_fields__})


def service_facts(row: Service, currency: str) -> ServiceFacts:
    """A service or addition, priced in the practice's `currency`."""
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
        addon=row.addon,
        kit=tuple(row.kit),
        new_clients=row.new_clients,
        approval=row.approval,
        skill=row.skill,
    )


def team_facts(rows: list[Therapist], offers: Any, credentials: Any) -> list[TherapistFacts]:
    """Facts of these therapists in the same order; two queries by the given managers."""
    ids = [row.pk for row in rows]
    given: dict[UUID, set[UUID]] = {}
    for therapist_id, service_id in offers.filter(therapist_id__in=ids).values_list("therapist_id", "service_id"):
        given.setdefault(therapist_id, set()).add(service_id)
    held: dict[UUID, list[CredentialFacts]] = {}
    for one in credentials.filter(therapist_id__in=ids).order_by("kind", "title", "id"):
        facts = CredentialFacts(
            one.kind, one.title, one.issuer, one.number, one.expires_on, one.verified_at is not None
        )
        held.setdefault(one.therapist_id, []).append(facts)
    return [therapist_facts(row, given.get(row.pk, set()), held.get(row.pk, [])) for row in rows]


def therapist_facts(row: Therapist, service_ids: set[UUID], credentials: list[CredentialFacts]) -> TherapistFacts:
    """A therapist with what they give and what was said of them."""
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
        most_visits=row.most_visits,
        most_minutes=row.most_minutes,
        most_deep_minutes=row.most_deep_minutes,
    )


def kit_facts(rows: Any) -> list[KitFacts]:
    """Pieces of kit, by kind and number. One query."""
    return [KitFacts(row.pk, row.kind, row.name, row.place_id) for row in rows.order_by("kind", "id")]
