"""Who may let a diary out of the house."""

from uuid import UUID

from unknot.kernel.actors import THERAPIST, Actor


def own_diary(actor: Actor) -> UUID | None:
    """The therapist whose diary this actor may publish: their own, nobody else's; None for everybody else."""
    return actor.therapist_id if actor.has(THERAPIST) else None
