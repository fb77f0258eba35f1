"""Who may see and change people's identity."""

from uuid import UUID

from unknot.kernel.actors import FRONT_DESK, OWNER, SYSTEM, THERAPIST, Actor


def can_see_client(actor: Actor, client_id: UUID) -> bool:
    """The client, who looks after them, and the practice's staff may see identity and contact."""
    return actor.answers_for(client_id) or actor.has(THERAPIST, FRONT_DESK, OWNER, SYSTEM)


def can_manage_clients(actor: Actor) -> bool:
    """Staff may find and create clients."""
    return actor.has(THERAPIST, FRONT_DESK, OWNER, SYSTEM)
