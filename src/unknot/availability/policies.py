"""Who may change when a therapist works."""

from uuid import UUID

from unknot.kernel.actors import OWNER, SYSTEM, THERAPIST, Actor


def can_edit_hours(actor: Actor, therapist_id: UUID) -> bool:
    """The owner for everybody, a therapist for themselves."""
    return actor.has(OWNER, SYSTEM) or (actor.has(THERAPIST) and actor.therapist_id == therapist_id)
