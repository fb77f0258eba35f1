"""What the room does when a client takes something back, and when a record changes hands."""

from unknot.intake.events import NoNews
from unknot.kernel.actors import system
from unknot.people.events import RecordNews
from unknot.treatment import actions, queries


def taken_back(news: NoNews) -> None:
    """A running session hears of it in the same transaction; answers that ask to wait reach whoever treats next."""
    if news.scope == "answers":
        actions.warn_of_answers(by=system(news.practice_id), client_id=news.client_id, cause=news.cause, now=news.at)
        return
    visits = [news.appointment_id] if news.appointment_id else queries.running_visits(news.client_id)
    for appointment_id in visits:
        actions.heed(by=system(news.practice_id), appointment_id=appointment_id, cause=news.cause, now=news.at)


def record_changed_hands(news: RecordNews) -> None:
    """Check-ins follow their client to the account that signs in for them now."""
    actions.follow_record(
        by=system(news.practice_id), client_id=news.client_id, account_id=news.account_id, now=news.at
    )
