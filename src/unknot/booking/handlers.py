"""What the diary does when something changes, below it or in itself."""

from unknot.availability import events as hours
from unknot.availability.events import HoursNews
from unknot.booking import actions, events
from unknot.booking.events import VisitNews
from unknot.kernel.actors import system
from unknot.people import events as records
from unknot.people.events import RecordNews

FREEING = frozenset({"cancelled", "decline", "moved", "rezoned", "expired", "no_show", "changed"})
"""Verbs after which a time may be free that was not before."""


def hours_changed(news: HoursNews) -> None:
    """The search cards follow in the same transaction; new hours may be what somebody waits for."""
    actions.renew_cards(by=system(news.practice_id), now=news.at, therapist_ids={news.therapist_id})
    actions.wake_waitlist(by=system(news.practice_id), now=news.at)


def visit_changed(news: VisitNews) -> None:
    """A time may have become free: the waitlist is looked at once the writer has committed."""
    if news.verb in FREEING:
        actions.wake_waitlist(by=system(news.practice_id), now=news.at)


def record_changed_hands(news: RecordNews) -> None:
    """Visits, series and wishes follow their client to the account that signs in for them now."""
    actions.follow_record(
        by=system(news.practice_id), client_id=news.client_id, account_id=news.account_id, now=news.at
    )


def listen() -> None:
    """Called once when the room is loaded."""
    hours.subscribe(hours_changed)
    events.subscribe(visit_changed)
    records.subscribe(record_changed_hands)
