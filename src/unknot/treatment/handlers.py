"""What the room does when a client takes something back."""

from unknot.intake.events import NoNews
from unknot.kernel.actors import system
from unknot.treatment import actions, queries


def taken_back(news: NoNews) -> None:
    """A running session hears of it in the same transaction."""
    visits = [news.appointment_id] if news.appointment_id else queries.running_visits(news.client_id)
    for appointment_id in visits:
        actions.heed(by=system(news.practice_id), appointment_id=appointment_id, cause=news.cause, now=news.at)
