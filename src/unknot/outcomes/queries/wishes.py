"""What a client wishes for the plan, as stored."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.outcomes.models import Wish


@dataclass(frozen=True)
class WishFacts:
    """`target`: pain from which on they would like another visit. `compare_since`: lighter and firm visits take turns
    since then, in the random order of `seed`; None: they don't."""

    target: int | None = None
    compare_since: datetime | None = None
    seed: int = 0


def wish_of(client_id: UUID) -> WishFacts:
    """The client's present wish, for callers that checked the reader. One query."""
    row = Wish.objects.filter(client_id=client_id).order_by("-wished_at", "-id").first()
    if row is None:
        return WishFacts()
    since = row.content["compare_since"]
    return WishFacts(row.content["target"], datetime.fromisoformat(since) if since else None, int(row.content["seed"]))
