"""Who may take and see money."""

from uuid import UUID

from unknot.kernel.actors import FRONT_DESK, OWNER, SYSTEM, THERAPIST, Actor


def can_take_money(actor: Actor) -> bool:
    """Everybody who works there, in their own practice."""
    return actor.practice_id is not None and actor.has(THERAPIST, FRONT_DESK, OWNER, SYSTEM)


def can_void(actor: Actor) -> bool:
    """Front desk and owner correct receipts; a therapist asks them."""
    return actor.practice_id is not None and actor.has(FRONT_DESK, OWNER, SYSTEM)


def can_see_receipt(actor: Actor, *, client_id: UUID, account_id: UUID | None) -> bool:
    """The client it is made out to, and the practice's staff."""
    own = actor.account_id is not None and actor.account_id == account_id
    return own or actor.answers_for(client_id) or can_take_money(actor)
