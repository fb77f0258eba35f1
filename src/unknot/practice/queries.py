"""Reads about practices: public facts, menus, teams."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from unknot.db import tenancy
from unknot.kernel.actors import THERAPIST, Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import queries as people
from unknot.practice.models import Practice, Therapist


class UnknownPracticeError(NotFoundError):
    """There is no practice at this address."""


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


def practice_at(slug: str) -> PracticeFacts:
    """The published practice at this address. Raises UnknownPracticeError."""
    return _one(Practice.objects.filter(slug=slug, published=True).first())


def practice(practice_id: UUID) -> PracticeFacts:
    """A practice by its id. Raises UnknownPracticeError."""
    return _one(Practice.objects.filter(pk=practice_id).first())


def practices() -> list[PracticeFacts]:
    """All published practices, by name."""
    return [_one(row) for row in Practice.objects.filter(published=True).order_by("name", "id")]


def _one(row: Any) -> PracticeFacts:
    if row is None:
        raise UnknownPracticeError
    return PracticeFacts(**{name: getattr(row, name) for name in PracticeFacts.__dataclass_fields__})


def actor(account_id: UUID, practice_id: UUID | None, *, strong: bool) -> Actor:
    """The account with its roles in the practice and, for a therapist, their row there."""
    found = people.actor(account_id, practice_id, strong=strong)
    if practice_id is None or not found.has(THERAPIST):
        return found
    with tenancy.scope(practice_id=practice_id, account_id=account_id):
        own = Therapist.objects.filter(account_id=account_id, active=True).values_list("pk", flat=True).first()
    return replace(found, therapist_id=own)
