"""Who may change when a therapist works, and join their calendars."""

from uuid import UUID

from unknot.kernel.actors import OWNER, SYSTEM, THERAPIST, Actor


def can_edit_hours(actor: Actor, therapist_id: UUID) -> bool:
    """The owner for everybody, a therapist for themselves."""
    return actor.has(OWNER, SYSTEM) or (actor.has(THERAPIST) and actor.therapist_id == therapist_id)


def can_join_calendars(actor: Actor, therapist_id: UUID) -> bool:
    """A therapist for themselves, nobody else: the address of a calendar is its key."""
    return actor.has(THERAPIST) and actor.therapist_id == therapist_id


def can_set_rule(actor: Actor) -> bool:
    """The owner."""
    return actor.has(OWNER)
