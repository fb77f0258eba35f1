"""Who may write a review."""

from uuid import UUID

from unknot.kernel.actors import Actor


def can_review(actor: Actor, *, client_id: UUID | None) -> bool:
    """Only the client of the visit, in their own name: no staff, and nobody for a child or relative."""
    return client_id is not None and actor.client_id == client_id and not actor.acting
