"""What the diary does when something below it changes."""

from unknot.availability import events
from unknot.availability.events import HoursNews
from unknot.booking import actions
from unknot.kernel.actors import system


def hours_changed(news: HoursNews) -> None:
    """The search cards follow in the same transaction."""
    actions.renew_cards(by=system(news.practice_id), now=news.at, therapist_ids={news.therapist_id})


def listen() -> None:
    """Called once when the room is loaded."""
    events.subscribe(hours_changed)
