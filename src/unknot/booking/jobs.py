"""Work of the diary by the clock."""

from contextlib import suppress
from uuid import UUID

from django.utils import timezone

from unknot.booking import actions, queries
from unknot.db import tenancy
from unknot.jobs.queue import every, job
from unknot.kernel.actors import system
from unknot.practice import queries as practices


@every("* * * * *", "booking.expire_holds")
def expire_holds() -> None:
    """Gives back times that nobody confirmed."""
    for practice_id in actions.practices_to_keep():
        with tenancy.scope(practice_id=practice_id):
            actions.expire_holds(by=system(practice_id), now=timezone.now())
            actions.wake_waitlist(by=system(practice_id), now=timezone.now())


@every("* * * * *", "booking.renew_cards")
def renew_cards() -> None:
    """Makes those search cards anew that were marked or went stale, and could not be in the writer's transaction."""
    now = timezone.now()
    for practice_id in queries.practices_to_renew(now):
        with suppress(actions.DiaryBusyError), tenancy.scope(practice_id=practice_id):
            actions.renew_marked(by=system(practice_id), now=now)


@every("40 2 * * *", "booking.roll_cards")
def roll_cards() -> None:
    """Moves the search cards of every practice on by a day. A practice that is busy has a day to spare."""
    for practice_id in actions.practices_to_keep():
        with suppress(actions.DiaryBusyError), tenancy.scope(practice_id=practice_id):
            actions.renew_cards(by=system(practice_id), now=timezone.now())


@every("*/5 * * * *", "booking.close_visits")
def close_visits() -> None:
    """Completes visits that ended some time ago and that nobody closed. Each in a transaction of its own, so that one
    that has to wait keeps nobody else waiting; it is closed the next time.
    """
    for practice in practices.practices():
        if not practice.close_after_minutes:
            continue
        by, now = system(practice.id), timezone.now()
        with tenancy.scope(practice_id=practice.id):
            found = queries.to_close(now=now, after_minutes=practice.close_after_minutes)
        for visit_id in found:
            with suppress(actions.DiaryBusyError), tenancy.scope(practice_id=practice.id):
                actions.close(by=by, appointment_id=visit_id, now=now)


@job("booking.run_waitlist", scoped=False)
def run_waitlist(practice_id: UUID) -> None:
    """Offers what is free to those who wait, in turn; running it twice asks nobody twice."""
    actions.run_waitlist(by=system(practice_id), now=timezone.now())
