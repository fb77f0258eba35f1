"""What the room does when a record below it changes hands."""

from unknot.kernel.actors import system
from unknot.payments import actions
from unknot.people.events import RecordNews


def record_changed_hands(news: RecordNews) -> None:
    """Receipts follow their client to the account that signs in for them now."""
    actions.follow_record(
        by=system(news.practice_id), client_id=news.client_id, account_id=news.account_id, now=news.at
    )
