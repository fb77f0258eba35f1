"""Outside calendars once more, while somebody waits: briefly, and never with a lock or a transaction held."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread
from uuid import UUID

from unknot.availability.actions.outside import AHEAD, BEHIND, LIMITS, enqueue_reading, keep_reading
from unknot.availability.domain.freshness import LOOK_SECONDS, is_worth_a_look
from unknot.availability.domain.outside import OutsideCopy
from unknot.availability.gateways import ics
from unknot.availability.models import OutsideCalendar
from unknot.availability.queries.outside import outside_rule
from unknot.db import tenancy
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.notifications.queries import UID_HOST
from unknot.practice import queries as practices
from unknot.web import outbound


@dataclass
class _Look:
    """One calendar that is being read, in a thread that touches no database."""

    calendar_id: UUID
    address: str
    found: list[OutsideCopy] = field(default_factory=list)


def look_again(*, by: Actor, therapist_ids: Collection[UUID], now: datetime, seconds: float = LOOK_SECONDS) -> int:
    """Reads these therapists' outside calendars again, all at once, for at most `seconds` together, if the practice
    asks for it and `is_worth_a_look`; returns how many were read. What is found is kept like any reading.

    Call it before the scope of a booking opens: it opens two short ones of its own. It raises nothing about calendars,
    NotFoundError for anybody but the system.
    One that gives nothing in time leaves the last good copy as it was, and is read in the background without this
    hurry, which then says what is wrong with it.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    with tenancy.scope(practice_id=by.practice_id):
        looks = _begin(therapist_ids, now)
        if not looks:
            return 0
        zone = practices.practice(by.practice_id).timezone
    ends = time.monotonic() + seconds
    threads = [Thread(target=_read, args=(one, zone, now, ends), daemon=True, name="calendar-look") for one in looks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    with tenancy.scope(practice_id=by.practice_id):
        return sum(_keep(one.calendar_id, list(one.found), now) for one in looks)


def _begin(therapist_ids: Collection[UUID], now: datetime) -> list[_Look]:
    """Marks what is worth a look as tried, so that nobody else waits for it too."""
    there = OutsideCalendar.objects.filter(therapist_id__in=therapist_ids, therapist__active=True)
    rows = [
        one
        for one in there.select_for_update(skip_locked=True, of=("self",)).order_by("id")
        if is_worth_a_look(tried_at=one.tried_at, failure=one.failure, now=now)
    ]
    if not rows or not outside_rule().look_again:
        return []
    OutsideCalendar.objects.filter(pk__in=[one.pk for one in rows]).update(tried_at=now)
    return [_Look(one.pk, str(one.address)) for one in rows]


def _read(look: _Look, zone: str, now: datetime, ends: float) -> None:
    try:
        limits = outbound.Limits(ends - time.monotonic(), LIMITS.size, LIMITS.redirects)
        content = outbound.fetch(look.address, limits=limits).body
        left = max(0.1, ends - time.monotonic())
        copy = ics.read(content, zone=zone, since=now - BEHIND, until=now + AHEAD, ours=UID_HOST, seconds=left)
    except (outbound.OutboundError, InvalidError):
        return
    look.found.append(copy)


def _keep(calendar_id: UUID, found: list[OutsideCopy], now: datetime) -> bool:
    row = OutsideCalendar.objects.select_for_update().filter(pk=calendar_id, tried_at=now).first()
    if row is None:
        return False  # removed meanwhile, or somebody began later and knows better
    if not found:
        enqueue_reading(row)
        return False
    keep_reading(row, found[0], "", now)
    return True
