"""Therapists who take a day off at short notice, or give up a weekday for good, and take it back: the write paths of
opening hours beside the bookings.

There is no call for it, so it goes through the door that the page uses, from the rig's own process.
"""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rigs.house import House
from unknot.kernel.zones import local

ZONE = "America/Edmonton"


def week_of(therapist_id: UUID) -> tuple[list[Any], list[Any]]:
    """A therapist's weekly hours and breaks, as `set_hours` takes them; in scope."""
    from unknot.availability import actions, models
    from unknot.availability.domain.opening import Break, OpeningRule

    hours = [
        actions.WeeklyHours(
            OpeningRule(one.weekday, one.opens, one.closes, one.valid_from, one.valid_until), one.place_id
        )
        for one in models.OpeningRule.objects.filter(therapist_id=therapist_id)
    ]
    breaks = [
        Break(one.weekday, one.starts, one.ends, one.valid_from, one.valid_until)
        for one in models.Break.objects.filter(therapist_id=therapist_id)
    ]
    return hours, breaks


@dataclass
class Block:
    """A day off, or (`weekly`) that weekday. The moments are those in the record, by which its entries are found."""

    therapist_id: UUID
    day: date
    added: datetime
    removed: datetime | None = None
    weekly: bool = False

    def covers(self, starts_at: str) -> bool:
        """True for a start (ISO, UTC) that lies in it."""
        day = local(datetime.fromisoformat(starts_at), ZONE).date()
        return day.weekday() == self.day.weekday() if self.weekly else day == self.day


@dataclass
class Blocks:
    """Closes and opens days until told to stop."""

    house: House
    dice: random.Random
    days: list[date] = field(default_factory=list)
    made: list[Block] = field(default_factory=list)
    weeks: dict[UUID, tuple[list[Any], list[Any]]] = field(default_factory=dict)
    """The hours and breaks of each therapist as they were before the first change."""

    def run(self, over: threading.Event) -> None:
        """Blocks; runs in a thread of its own."""
        from django.db import DatabaseError, connection

        from unknot.kernel.errors import UnknotError

        while not over.wait(self.dice.uniform(0.3, 1.5)):
            try:
                self._once(over)
            except (DatabaseError, UnknotError):
                connection.close()
        with contextlib.suppress(DatabaseError):
            connection.close()

    def _once(self, over: threading.Event) -> None:
        from django.utils import timezone

        from unknot.db import tenancy
        from unknot.kernel.actors import system
        from unknot.practice import queries as practices

        practice_id = UUID(self.house.practice_id)
        by = system(practice_id)
        with tenancy.scope(practice_id=practice_id):
            therapist = self.dice.choice(practices.therapists())
        weekly = self.dice.random() < 0.4
        block = Block(therapist.id, self.dice.choice(self.days), timezone.now(), weekly=weekly)
        change = self._weekday if block.weekly else self._day
        with tenancy.scope(practice_id=practice_id):
            take_back = change(by, block)
        over.wait(self.dice.uniform(0.3, 2))
        now = timezone.now()
        with tenancy.scope(practice_id=practice_id):
            take_back(now)
        block.removed = now
        self.made.append(block)

    def _day(self, by: Any, block: Block) -> Callable[[datetime], None]:
        """A day off; gives what takes it back."""
        from unknot.availability import actions

        made = actions.add_exception(
            by=by, therapist_id=block.therapist_id, day=block.day, kind="closed", reason="rig", now=block.added
        )
        return lambda now: actions.remove_exception(by=by, exception_id=made, now=now)

    def _weekday(self, by: Any, block: Block) -> Callable[[datetime], None]:
        """Other weekly hours, without that weekday; gives what puts the old ones back."""
        from unknot.availability import actions

        hours, breaks = self.weeks.setdefault(block.therapist_id, week_of(block.therapist_id))
        left = [one for one in hours if one.rule.weekday != block.day.weekday()]

        def put(some: list[Any], now: datetime) -> None:
            actions.set_hours(by=by, therapist_id=block.therapist_id, hours=some, breaks=breaks, now=now)

        put(left, block.added)
        return lambda now: put(hours, now)

    def open_all(self) -> None:
        """Nobody is off any more, and every week is what it was."""
        from django.db import connection
        from django.utils import timezone

        from unknot.availability import actions
        from unknot.db import tenancy
        from unknot.kernel.actors import system

        with self.house.connect() as db:
            db.execute("DELETE FROM availability_dayexception")
        connection.close()
        by = system(UUID(self.house.practice_id))
        with tenancy.scope(practice_id=by.practice_id):
            for therapist_id, (hours, breaks) in self.weeks.items():
                actions.set_hours(by=by, therapist_id=therapist_id, hours=hours, breaks=breaks, now=timezone.now())

    def violations(self, record: list[dict[str, Any]], direct: set[str]) -> Iterator[str]:
        """Visits that were booked at once, or moved, into a day off after it was closed and before it was opened.

        `record`: all entries in their order; `direct`: visits booked without a hold before.
        """
        at = {(one["verb"], one["at"]): one["number"] for one in record}
        for block in self.made:
            words = ("hours.set", "hours.set") if block.weekly else ("hours.exception-added", "hours.exception-removed")
            since, until = (
                at.get((word, moment)) for word, moment in zip(words, (block.added, block.removed), strict=True)
            )
            if since is None or until is None:
                continue
            for one in record:
                booked = one["verb"] == "visit.moved" or (
                    one["verb"] in ("visit.booked", "visit.requested") and str(one["subject_id"]) in direct
                )
                if (
                    booked
                    and since < one["number"] < until
                    and one["facts"]["therapist_id"] == str(block.therapist_id)
                    and block.covers(one["facts"]["starts_at"])
                ):
                    yield f"{one['subject_id']} went into a day off (numbers {since} to {until})"
