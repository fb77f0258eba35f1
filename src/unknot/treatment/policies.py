"""Who may plan, treat, chart and read. The front desk and owners who do not treat see nothing of this room."""

from uuid import UUID

from unknot.kernel.actors import OWNER, SYSTEM, THERAPIST, Actor


def can_read_chart(actor: Actor) -> bool:
    """Therapists of the practice, each read recorded; the system for its jobs."""
    return actor.has(THERAPIST, SYSTEM)


def can_edit_templates(actor: Actor) -> bool:
    """Therapists and owners of the practice: templates hold nothing about anybody."""
    return actor.has(THERAPIST, OWNER)


def can_treat(actor: Actor, therapist_id: UUID) -> bool:
    """Only the treating therapist plans, runs the session and writes the note."""
    return actor.has(THERAPIST) and actor.therapist_id == therapist_id


def is_client(actor: Actor, client_id: UUID | None) -> bool:
    """The person the visit is for, and who looks after them."""
    return actor.answers_for(client_id)
