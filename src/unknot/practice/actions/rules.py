"""Limits of a therapist's day, and the rules of booking. Visits that are booked stay, whatever the new rule."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice.actions.writing import check_stamp, edited
from unknot.practice.domain.settings import LimitsSetting, RulesSetting
from unknot.practice.models import Practice, Therapist
from unknot.practice.queries.editing import limits, rules


def save_limits(*, by: Actor, wish: Mapping[UUID, LimitsSetting], seen: str, now: datetime) -> None:
    """The limits of a day of these therapists; others keep theirs. For the owner.

    `seen`: the stamp of all limits as the owner saw them. Raises NotFoundError, StalePageError, SettingError.
    """
    edited(by)
    stored = limits()
    if not set(wish) <= set(stored):
        raise NotFoundError
    check_stamp(stored, seen)
    for therapist_id, one in wish.items():
        one.check()
        if one == stored[therapist_id]:
            continue
        Therapist.objects.filter(pk=therapist_id).update(
            most_visits=one.visits, most_minutes=one.minutes, most_deep_minutes=one.deep_minutes
        )
        audit.record(
            by=by,
            verb="limits.changed",
            subject="therapist",
            subject_id=therapist_id,
            now=now,
            visits=one.visits,
            minutes=one.minutes,
            deep_minutes=one.deep_minutes,
        )


def save_rules(*, by: Actor, wish: RulesSetting, seen: str, now: datetime) -> None:
    """Start grid, notice, horizon, and how long a time is kept. For the owner.

    Raises NotFoundError, StalePageError, SettingError.
    """
    practice_id = edited(by)
    wish.check()
    check_stamp(rules(), seen)
    Practice.objects.filter(pk=practice_id).update(
        grid_minutes=wish.grid_minutes,
        notice_minutes=wish.notice_minutes,
        horizon_days=wish.horizon_days,
        hold_minutes=wish.hold_minutes,
    )
    audit.record(
        by=by,
        verb="rules.changed",
        subject="practice",
        subject_id=practice_id,
        now=now,
        grid_minutes=wish.grid_minutes,
        notice_minutes=wish.notice_minutes,
        horizon_days=wish.horizon_days,
        hold_minutes=wish.hold_minutes,
    )
