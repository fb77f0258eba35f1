"""Reads of what clients agreed to, and what of it stands at a moment."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from unknot.intake import domain
from unknot.intake.models import Consent
from unknot.intake.policies import can_see_consents
from unknot.intake.queries.answers import UnknownIntakeError
from unknot.kernel.actors import Actor
from unknot.people import queries as people


@dataclass(frozen=True)
class ConsentFacts:
    """One consent. In force from `given_at` until `withdrawn_at`."""

    id: UUID
    client_id: UUID
    appointment_id: UUID | None
    scope: str
    regions: tuple[str, ...]
    text_version: str
    method: str
    given_at: datetime
    withdrawn_at: datetime | None
    given_as: str = "self"
    assent: str = ""

    @property
    def in_force(self) -> bool:
        """Given and not taken back."""
        return self.withdrawn_at is None


@dataclass(frozen=True)
class Standing:
    """What stands of the consents for one visit at a moment: sensitive regions agreed to, and when the agreement to
    the treatment itself was taken back, if it was and nobody gave it anew."""

    regions: frozenset[str]
    treatment: bool
    taken_back_at: datetime | None


def consents(client_id: UUID, appointment_id: UUID | None = None, *, by: Actor | None = None) -> list[ConsentFacts]:
    """A client's consents that hold for one visit, and those tied to no visit; newest first, withdrawn ones included.

    With `by`, only for the client and the therapists (else `UnknownIntakeError`); without, access was checked before.
    """
    if by is not None and not can_see_consents(by, client_id):
        raise UnknownIntakeError
    which = Q(appointment_id=None)
    if appointment_id is not None:
        which |= Q(appointment_id=appointment_id)
    rows = Consent.objects.filter(which, client_id=client_id).order_by("-given_at", "-id")
    return [consent_facts(row) for row in rows]


@dataclass(frozen=True)
class Consenting:
    """Who consents for a client: `given_as` self, guardian or decision_maker, with the `band` of words and needs for
    whoever does not consent alone."""

    name: str
    given_as: str
    band: domain.Band | None

    def said(self, text: str) -> str:
        """One of the band's texts with the client's name."""
        return text.replace("{name}", self.name)


def who_consents(client_id: UUID, *, on: date) -> Consenting:
    """Who consents for a client on a day, for callers that checked access. At most two queries."""
    found = people.clients_named([client_id]).get(client_id)
    if found is None:
        raise UnknownIntakeError
    age = found.age_on(on)
    band = domain.band_for(age, decided_for=found.decides == "carer")
    minor = age is not None and found.is_minor_on(on)
    given_as = "self" if band is None else "guardian" if minor else "decision_maker"
    return Consenting(found.greeting, given_as, band)


def standing(client_id: UUID, appointment_id: UUID, *, at: datetime | None = None) -> Standing:
    """What a client's consents for a visit allow now, or allowed at a moment, for rooms that checked access before.
    One query."""
    given = [one for one in consents(client_id, appointment_id) if at is None or one.given_at <= at]
    open_then = [
        one for one in given if one.in_force or (at is not None and one.withdrawn_at and one.withdrawn_at > at)
    ]
    agreed = any(one.scope == "treatment" for one in open_then)
    back = [one.withdrawn_at for one in given if one.scope == "treatment" and one.withdrawn_at and one not in open_then]
    return Standing(
        regions=frozenset(slug for one in open_then if one.scope == "sensitive" for slug in one.regions),
        treatment=agreed,
        taken_back_at=None if agreed else max(back, default=None),
    )


def consent_facts(row: Consent) -> ConsentFacts:
    """A row as facts. For this room only."""
    return ConsentFacts(
        id=row.pk,
        client_id=row.client_id,
        appointment_id=row.appointment_id,
        scope=row.scope,
        regions=tuple(row.regions),
        text_version=row.text_version,
        method=row.method,
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
        given_as=row.given_as,
        assent=row.assent,
    )
