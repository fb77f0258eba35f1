"""What the client wishes for the plan."""

import secrets
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.outcomes.models import Wish
from unknot.outcomes.queries.wishes import wish_of

TARGETS = (1, 9)


class BadTargetError(InvalidError):
    """Choose a number from 1 to 9, or leave it to the proposal. Nothing was saved."""

    code = "bad-target"


def set_wish(*, by: Actor, client_id: UUID, target: int | None, compare: bool, now: datetime) -> None:
    """The client says from which pain on they would like another visit (None: as proposed), and whether lighter and
    firm visits take turns in random pairs. Only they and who answers for them; the same wish is one.

    Raises NotFoundError, BadTargetError.
    """
    if not by.answers_for(client_id):
        raise NotFoundError
    if target is not None and not TARGETS[0] <= target <= TARGETS[1]:
        raise BadTargetError(field="target")
    lock_all("outcomes", [client_id])
    held = wish_of(client_id)
    if (held.target, held.compare_since is not None) == (target, compare):
        return
    since, seed = (held.compare_since, held.seed) if held.compare_since else (now, secrets.randbelow(2**31))
    content = {"target": target, "compare_since": since.isoformat() if compare else None, "seed": seed}
    row = Wish.objects.create(practice_id=by.practice_id, client_id=client_id, content=content, wished_at=now)
    audit.record(by=by, verb="wish.set", subject="wish", subject_id=row.pk, client_id=client_id, now=now)
