"""Who may see and write what a client reports."""

from uuid import UUID

from unknot.kernel.actors import OWNER, SYSTEM, THERAPIST, Actor


def can_see_progress(actor: Actor, client_id: UUID) -> bool:
    """The client themselves and the practice's therapists. Front desk and owners see no ratings."""
    return actor.answers_for(client_id) or actor.has(THERAPIST, SYSTEM)


def can_decide(actor: Actor) -> bool:
    """Only therapists sign or adjust a proposal."""
    return actor.has(THERAPIST)


def can_bring(actor: Actor) -> bool:
    """The owner brings questionnaires and answers for their licences."""
    return actor.has(OWNER)
