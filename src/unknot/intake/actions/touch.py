"""Writes of how somebody wishes to be touched. Each saving is a new row; the newest counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.intake import domain, events
from unknot.intake.models import TouchWishes
from unknot.intake.policies import can_write_wishes
from unknot.intake.queries.answers import UnknownIntakeError
from unknot.intake.queries.touch import newest_wishes
from unknot.kernel.actors import Actor


def keep_touch_wishes(*, by: Actor, client_id: UUID, wishes: Mapping[str, Any], now: datetime) -> domain.TouchWishes:
    """Keeps a client's wishes in place of earlier ones; the same again writes nothing.

    By the client, or a therapist who was told. A place newly off limits closes at once, also in a running session.
    Raises `UnknownIntakeError` for somebody else's client, the domain's `TouchWishError` naming the field.
    """
    if not can_write_wishes(by, client_id) or by.account_id is None or by.practice_id is None:
        raise UnknownIntakeError
    found = domain.read_wishes(wishes)
    lock_all("client", [client_id])
    before = newest_wishes(client_id)
    if found == before:
        return found
    row = TouchWishes.objects.create(
        practice_id=by.practice_id, client_id=client_id, content=found.to_dict(), by_id=by.account_id, at=now
    )
    audit.record(by=by, verb="touch.kept", subject="touch", subject_id=row.pk, client_id=client_id, now=now)
    if closed := domain.newly_off(before, found):
        events.tell(events.NoNews(by.practice_id, client_id, None, "touch", closed, row.pk, now))
    return found
