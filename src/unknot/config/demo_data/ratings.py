"""The ratings of a made-up client: a level that drifts, visits that take something away for a while, and noise."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from unknot.booking.models import Appointment
from unknot.config.demo_data.charts import Rows, Told, client_of
from unknot.config.demo_data.stories import Story
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local, to_utc
from unknot.outcomes.models import Goal, Measure
from unknot.people.models import Client

WEEK = timedelta(days=7)
STEPS = {
    "Lift my daughter without thinking about it": {
        "-2": "I ask somebody else to lift her",
        "-1": "I lift her once a day, with care",
        "0": "I lift her when she asks",
        "1": "I carry her up the stairs",
        "2": "I carry her all the way home",
    }
}
"""A goal whose steps were said beforehand."""
ANSWERED = 0.85


@dataclass
class Pain:
    """Pain over time for one client."""

    story: Story
    start: datetime
    rng: random.Random

    def level(self, at: datetime, visits: list[Appointment]) -> float:
        """Expected pain at an instant, given the visits before it."""
        days = (at - self.start).total_seconds() / 86400
        eased = sum(
            self.story.relief * math.exp(-(at - one.ends_at).total_seconds() / 86400 / self.story.fading)
            for one in visits
            if one.ends_at < at
        )
        return self.story.pain + self.story.drift * days / 30 - eased

    def rating(self, at: datetime, visits: list[Appointment]) -> int:
        """What the client would say: a whole number from 0 to 10."""
        return min(10, max(0, round(self.level(at, visits) + self.rng.gauss(0, self.story.noise))))


def write_goals(rows: Rows, client: Client, story: Story, start: datetime, now: datetime) -> None:
    """The client's goals, and how far each is reached by now."""
    for number, (words, level) in enumerate(zip(story.goals, story.levels, strict=False)):
        goal = rows.add(
            Goal(
                id=new_id(),
                practice_id=client.practice_id,
                client=client,
                words=words,
                steps=STEPS.get(words),
                region=str(story.regions[0]["region"]),
                set_at=start - timedelta(minutes=number),
            )
        )
        for when, reached in ((start + 4 * WEEK, max(-2, level - 1)), (now - timedelta(days=4), level)):
            at = when - timedelta(minutes=len(words))
            if at < now and (at > start or reached == level):
                rows.add(_measure(client, "goal", {"value": float(reached), "goal": str(goal.pk)}, "review", at))


def write_weekly(rows: Rows, client: Client, pain: Pain, visits: list[Appointment], now: datetime, zone: str) -> None:
    """A rating before the first visit, then one a week in the evening, most weeks."""
    first = pain.rating(pain.start, [])
    rows.add(_measure(client, "nprs", {"value": float(first)}, "intake", pain.start, window="average_24h"))
    at = pain.start + WEEK
    while at < now:
        evening = to_utc(datetime.combine(local(at, zone).date(), time(19, 10)), zone)
        value = pain.rating(evening, visits)
        if evening < now and pain.rng.random() < ANSWERED:
            rows.add(_measure(client, "nprs", {"value": float(value)}, "weekly", evening, window="average_24h"))
        at += WEEK
    for share, context in ((0, "intake"), (1, "review")):
        items = {name: ends[share] for name, ends in pain.story.activities.items()}
        if items:
            when = pain.start if share == 0 else now - timedelta(days=5)
            content = {"value": sum(items.values()) / len(items), "items": items}
            rows.add(_measure(client, "psfs", content, context, when))


def write_around(rows: Rows, visit: Appointment, told: Told, now: datetime) -> None:
    """Ratings in the room, and those of the check-ins afterwards (pain and soreness)."""
    client = client_of(visit)
    given: list[tuple[str, int, str, str, datetime]] = [
        ("nprs", told.before, "now", "before", visit.starts_at),
        ("nprs", max(told.before - 3, 0), "now", "in_room", visit.ends_at),
    ]
    for kind, days, sore in (("day_after", 1, told.sore[0]), ("day_three", 3, told.sore[1])):
        at = visit.ends_at + timedelta(days=days, hours=2, minutes=10)
        if at < now and (days == 1 or told.sore[0] >= 3):
            given += [("nprs", told.after, "average_24h", kind, at), ("soreness", sore, "", kind, at)]
    for instrument, value, window, context, at in given:
        row = _measure(client, instrument, {"value": float(value)}, context, at, window=window)
        row.appointment_id = UUID(str(visit.pk))
        rows.add(row)


def _measure(
    client: Client, instrument: str, content: dict[str, Any], context: str, at: datetime, *, window: str = ""
) -> Measure:
    return Measure(
        id=new_id(),
        practice_id=client.practice_id,
        client=client,
        instrument=instrument,
        value=content,
        window=window,
        context=context,
        taken_at=at,
        recorded_at=at,
        recorded_by_id=client.account_id,
    )
