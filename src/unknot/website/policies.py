"""Who may change what a practice says about itself."""

from unknot.kernel.actors import OWNER, SYSTEM, THERAPIST, Actor


def can_import_posts(actor: Actor) -> bool:
    """Owners, and commands run on the machine itself."""
    return actor.has(OWNER, SYSTEM)


def can_see_claims(actor: Actor) -> bool:
    """Those who answer for the wording see what the claim check found; readers do not."""
    return actor.has(OWNER, THERAPIST)
