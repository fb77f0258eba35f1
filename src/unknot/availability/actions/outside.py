"""Writes about outside calendars: joining them, reading them, and the practice's rule for old copies.

Reading never touches a visit. The copy is replaced as a whole or not at all, so a calendar that can't be read for a
while keeps its therapist as busy as it did.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from unknot.audit import actions as audit
from unknot.availability.domain.freshness import STOP, WARN, is_due
from unknot.availability.domain.outside import OutsideCopy
from unknot.availability.gateways import ics
from unknot.availability.models import OutsideBusy, OutsideCalendar, OutsideRule
from unknot.availability.policies import can_join_calendars, can_set_rule
from unknot.db import tenancy
from unknot.jobs import queue
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.notifications.queries import UID_HOST, visit_of_uid
from unknot.practice import queries as practices
from unknot.web import outbound

MOST = 3
BEHIND, AHEAD = timedelta(days=1), timedelta(days=368)
"""What is kept of a calendar: from yesterday to as far as staff may book."""
LIMITS = outbound.Limits(seconds=20, size=10_000_000)
READ_JOB = "availability.read_outside"
COMPARE_JOB = "interop.compare_calendars"


class OwnFeedError(InvalidError):
    """This is the address of your diary here. Give the one of the calendar that is kept elsewhere."""

    code = "own-feed"


class TooManyCalendarsError(InvalidError):
    """Three calendars are as many as can be joined. Nothing was added; remove one first."""

    code = "too-many-calendars"


class CalendarAddressError(InvalidError):
    """This is no address of a calendar. Those begin with https:// or webcal://; copy it from your calendar program."""

    code = "calendar-address"


class OutsideRuleError(InvalidError):
    """Choose what happens, and a number of hours from 1 to 720. Nothing was changed."""

    code = "outside-rule"


def add_outside(*, by: Actor, address: str, now: datetime) -> UUID:
    """Joins a calendar of `by`'s own; it is read for the first time in the background. The address is sealed.

    Raises NotFoundError for anybody but a therapist, CalendarAddressError, OwnFeedError, TooManyCalendarsError.
    """
    therapist_id = _own(by)
    try:
        good = outbound.check_address(address)
    except outbound.NotWebAddressError as error:
        raise CalendarAddressError(field="address") from error
    if good.startswith(f"{settings.UNKNOT_URL}/"):
        raise OwnFeedError(field="address")
    if OutsideCalendar.objects.filter(therapist_id=therapist_id).count() >= MOST:
        raise TooManyCalendarsError(field="address")
    row = OutsideCalendar.objects.create(
        practice_id=by.practice_id,
        therapist_id=therapist_id,
        address=good,
        host=(urlsplit(good).hostname or "")[:100],
        made_at=now,
    )
    audit.record(by=by, verb="outside-calendar.added", subject="therapist", subject_id=therapist_id, now=now)
    enqueue_reading(row)
    return UUID(str(row.pk))


def remove_outside(*, by: Actor, calendar_id: UUID, now: datetime) -> None:
    """Parts from a calendar: its busy times are free again, its address is forgotten. Raises NotFoundError."""
    row = _mine(by, calendar_id)
    row.delete()
    audit.record(by=by, verb="outside-calendar.removed", subject="therapist", subject_id=row.therapist_id, now=now)


def read_again(*, by: Actor, calendar_id: UUID, now: datetime) -> None:
    """Reads a calendar in the background before its time. Raises NotFoundError."""
    del now
    enqueue_reading(_mine(by, calendar_id))


def set_outside_rule(*, by: Actor, when_stale: str, hours: int, look_again: bool, now: datetime) -> None:
    """What happens when a copy is older than `hours` ("warn" or "stop"), and whether calendars are looked at again
    before a kept time is confirmed. For the owner. Raises NotFoundError, OutsideRuleError.
    """
    if by.practice_id is None or not can_set_rule(by):
        raise NotFoundError
    if when_stale not in (WARN, STOP) or not 1 <= hours <= 720:
        raise OutsideRuleError(field="hours")
    OutsideRule.objects.update_or_create(
        practice_id=by.practice_id, defaults={"when_stale": when_stale, "hours": hours, "look_again": look_again}
    )
    audit.record(
        by=by,
        verb="outside-calendar.rule-set",
        subject="practice",
        subject_id=by.practice_id,
        now=now,
        when_stale=when_stale,
        hours=hours,
        look_again=look_again,
    )


def enqueue_due(*, by: Actor, now: datetime) -> int:
    """Enqueues the reading of every calendar of the practice in scope whose time has come; returns how many."""
    if not by.has(SYSTEM):
        raise NotFoundError
    rows = OutsideCalendar.objects.filter(therapist__active=True)
    due = [one for one in rows if is_due(tried_at=one.tried_at, read_at=one.read_at, made_at=one.made_at, now=now)]
    return sum(enqueue_reading(one) for one in due)


def read_outside(*, by: Actor, calendar_id: UUID, now: datetime) -> str:
    """Reads one calendar and keeps its busy times, or keeps what was there and the code of what went wrong.

    Returns "read", "unchanged", that code, or "gone". Must not run inside a transaction: it waits for strangers.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    with tenancy.scope(practice_id=by.practice_id):
        row = OutsideCalendar.objects.select_for_update().filter(pk=calendar_id).first()
        if row is None:
            return "gone"
        row.tried_at = now
        row.save(update_fields=["tried_at"])
        address, zone = str(row.address), practices.practice(by.practice_id).timezone
    copy: OutsideCopy | None = None
    try:
        content = outbound.fetch(address, limits=LIMITS).body
        copy = ics.read(content, zone=zone, since=now - BEHIND, until=now + AHEAD, ours=UID_HOST)
        failure = ""
    except (outbound.OutboundError, InvalidError) as error:
        failure = error.code
    with tenancy.scope(practice_id=by.practice_id):
        row = OutsideCalendar.objects.select_for_update().filter(pk=calendar_id, tried_at=now).first()
        if row is None:
            return "gone"  # or somebody began later and knows better
        return keep_reading(row, copy, failure, now)


def forget_missing(*, by: Actor, therapist_id: UUID, now: datetime) -> None:
    """Somebody has been asked about the visits that vanished from the therapist's calendars."""
    del now
    if not by.has(SYSTEM):
        raise NotFoundError
    OutsideCalendar.objects.filter(therapist_id=therapist_id).exclude(missing=[]).update(missing=[])


def keep_reading(row: OutsideCalendar, copy: OutsideCopy | None, failure: str, now: datetime) -> str:
    """Writes what came of a reading on the locked row: the copy as a whole, or the code of what went wrong.

    Returns "read", "unchanged" or that code.
    """
    row.failure = failure
    if copy is None:
        row.save(update_fields=["failure"])
        return failure
    before, seen = set(row.echoes), {str(one) for one in map(visit_of_uid, copy.uids) if one}
    row.missing = sorted((set(row.missing) | before) - seen)
    row.echoes, row.read_at = sorted(seen), now
    row.save(update_fields=["failure", "missing", "echoes", "read_at"])
    changed = _replace(row, copy)
    queue.enqueue(
        COMPARE_JOB,
        practice_id=row.practice_id,
        key=f"{COMPARE_JOB}:{row.therapist_id}",
        therapist_id=str(row.therapist_id),
    )
    return "read" if changed else "unchanged"


def _replace(row: OutsideCalendar, copy: OutsideCopy) -> bool:
    there = OutsideBusy.objects.filter(calendar_id=row.pk)
    if sorted(there.values_list("starts_at", "ends_at")) == sorted(copy.busy):
        return False
    there.delete()
    OutsideBusy.objects.bulk_create(
        OutsideBusy(
            practice_id=row.practice_id, calendar=row, therapist_id=row.therapist_id, starts_at=start, ends_at=end
        )
        for start, end in copy.busy
    )
    return True


def enqueue_reading(row: OutsideCalendar) -> bool:
    """Has a calendar read in the background; False if that waits already."""
    key = f"{READ_JOB}:{row.pk}"
    return queue.enqueue(READ_JOB, practice_id=row.practice_id, key=key, calendar_id=str(row.pk))


def _own(by: Actor) -> UUID:
    if by.practice_id is None or by.therapist_id is None or not can_join_calendars(by, by.therapist_id):
        raise NotFoundError
    return by.therapist_id


def _mine(by: Actor, calendar_id: UUID) -> OutsideCalendar:
    row: OutsideCalendar | None = OutsideCalendar.objects.filter(pk=calendar_id, therapist_id=_own(by)).first()
    if row is None:
        raise NotFoundError
    return row
