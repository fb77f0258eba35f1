"""Who may see, book, move and end visits."""

from uuid import UUID

from unknot.kernel.actors import STAFF, SYSTEM, Actor


def is_desk(actor: Actor) -> bool:
    """Staff see the whole diary and may book, move and end any visit in it."""
    return actor.has(*STAFF, SYSTEM)


def is_own(actor: Actor, *, client_id: UUID | None, account_id: UUID | None) -> bool:
    """The visit's client or who looks after them, in this practice or by their account."""
    return actor.answers_for(client_id) or (account_id is not None and actor.account_id == account_id)


def can_see_visit(actor: Actor, *, client_id: UUID | None, account_id: UUID | None) -> bool:
    """The visit's client, and the practice's staff."""
    return is_desk(actor) or is_own(actor, client_id=client_id, account_id=account_id)
