"""How every setting is written: by the owner, one at a time, and only onto what the owner saw."""

from uuid import UUID

from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice.domain.settings import StalePageError, stamp
from unknot.practice.models import Practice
from unknot.practice.policies import can_edit_practice


def edited(by: Actor) -> UUID:
    """The practice whose settings `by` may write, locked against other owners. Raises NotFoundError."""
    if by.practice_id is None or not can_edit_practice(by):
        raise NotFoundError
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice_id)
    return by.practice_id


def check_stamp(setting: object, seen: str) -> None:
    """Raises StalePageError if the setting is not what was seen."""
    if stamp(setting) != seen:
        raise StalePageError
