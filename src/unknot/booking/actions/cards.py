"""Keeps the cards of the search: made anew when hours change, by the clock for whatever was marked, and on command.

A change of the diary makes them anew in its own transaction: `in_diary` ends with `refreshing.refresh`.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from unknot.booking.actions.diary import in_diary, lock_diary
from unknot.booking.actions.refreshing import renew
from unknot.booking.models import Card, CardMark
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.practice import queries as practices


def renew_cards(*, by: Actor, now: datetime, therapist_ids: Collection[UUID] | None = None) -> int:
    """Makes the cards of the practice in scope anew, all or these therapists'; returns how many there are.

    Raises NotFoundError for anybody but the system, DiaryBusyError.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    team = [one for one in practices.therapists() if therapist_ids is None or one.id in therapist_ids]
    today = local(now, practices.practice(by.practice_id).timezone).date()
    with in_diary():
        lock_diary(practitioners={one.account_id for one in team})
        return renew(by.practice_id, therapist_ids, first=today)


def renew_marked(*, by: Actor, now: datetime) -> int:
    """Makes anew what was marked, went stale or counts a hold that ran out, in the practice in scope; returns how many
    cards that were.

    Raises NotFoundError for anybody but the system, DiaryBusyError.
    """
    if not by.has(SYSTEM):
        raise NotFoundError
    marked = set(CardMark.objects.values_list("therapist_id", flat=True))
    if None in marked:
        return renew_cards(by=by, now=now)
    outdated = Card.objects.filter(Q(stale=True) | Q(holds_until__lte=now))
    ids = {one for one in marked if one} | set(outdated.values_list("therapist_id", flat=True))
    return renew_cards(by=by, now=now, therapist_ids=ids) if ids else 0
