"""Who may see and change what clients told us. Health answers are for the client (or who answers
for them) and those who treat them."""

from uuid import UUID

from unknot.kernel.actors import FRONT_DESK, OWNER, SYSTEM, THERAPIST, Actor


def can_read_intake(actor: Actor, client_id: UUID | None) -> bool:
    """The client themselves and the practice's therapists; never the front desk or an owner who does not treat."""
    return actor.has(THERAPIST, SYSTEM) or actor.answers_for(client_id)


def can_record_for(actor: Actor, client_id: UUID) -> bool:
    """The client themselves, and staff who ask the questions on the telephone."""
    return actor.answers_for(client_id) or actor.has(THERAPIST, FRONT_DESK, OWNER, SYSTEM)


def can_relax(actor: Actor) -> bool:
    """Only a therapist of the practice may set a screening row aside."""
    return actor.has(THERAPIST)


def can_consent_for(actor: Actor, client_id: UUID, *, method: str) -> bool:
    """A client consents for themselves; a therapist may record what was said or signed on paper in the room."""
    return actor.answers_for(client_id) or (actor.has(THERAPIST) and method in ("paper", "verbal"))


def can_withdraw_for(actor: Actor, client_id: UUID) -> bool:
    """The client, a therapist who heard it, and the system for a phone in the room: a no may come by any way."""
    return actor.answers_for(client_id) or actor.has(THERAPIST, SYSTEM)


def can_see_consents(actor: Actor, client_id: UUID) -> bool:
    """The client and the therapists."""
    return actor.answers_for(client_id) or actor.has(THERAPIST, SYSTEM)


def can_write_wishes(actor: Actor, client_id: UUID) -> bool:
    """The client, and a therapist who was told."""
    return actor.answers_for(client_id) or actor.has(THERAPIST)


def can_adjust_rules(actor: Actor) -> bool:
    """The practice's clinicians: its therapists. The owner or the front desk alone never change a safety rule."""
    return actor.has(THERAPIST)


def can_choose(actor: Actor) -> bool:
    """Therapists say which style was given, and see how often it is what the guide leaned to."""
    return actor.has(THERAPIST)
