"""Who may change what a practice is and offers."""

from unknot.kernel.actors import OWNER, SYSTEM, Actor


def can_edit_practice(actor: Actor) -> bool:
    """The owner."""
    return actor.practice_id is not None and actor.has(OWNER, SYSTEM)
