"""What the room does when the diary has news."""

from unknot.booking.events import VisitNews
from unknot.jobs import queue


def on_visit(news: VisitNews) -> None:
    """A visit took place: the questions of its care may have to be planned."""
    if news.state == "completed":
        queue.enqueue(
            "outcomes.plan_rounds",
            practice_id=news.practice_id,
            key=f"outcomes.plan_rounds:{news.appointment_id}",
            appointment_id=str(news.appointment_id),
        )
