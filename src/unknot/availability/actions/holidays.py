"""Public holidays: one switch for the whole practice. Hours of a single day, extra or changed, win over it."""

from datetime import datetime

from unknot.availability import events
from unknot.db.locks import lock_all
from unknot.kernel.actors import OWNER, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import actions as practice
from unknot.practice import queries as practices


def close_on_holidays(*, by: Actor, closed: bool, now: datetime) -> None:
    """Whether nobody works on public holidays unless a day says otherwise. For the owner, else NotFoundError.

    Visits that are booked already stay booked.
    """
    if by.practice_id is None or not by.has(OWNER, SYSTEM):
        raise NotFoundError
    team = practices.therapists()
    lock_all("therapist", [one.account_id for one in team])
    practice.set_holidays(by=by, closed=closed, now=now)
    for one in team:
        events.tell(events.HoursNews(by.practice_id, one.id, now))
