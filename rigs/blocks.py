"""Therapists who take a day off at short notice and take it back: a write path beside the bookings.

There is no call for it, so it goes through the door that the page uses, from the rig's own process.
"""

import contextlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rigs.house import House


@dataclass
class Block:
    """A day off. The moments are those in the record, by which its entries are found again."""

    therapist_id: UUID
    day: date
    added: datetime
    removed: datetime | None = None


@dataclass
class Blocks:
    """Closes and opens days until told to stop."""

    house: House
    dice: random.Random
    days: list[date] = field(default_factory=list)
    made: list[Block] = field(default_factory=list)

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

        from unknot.availability import actions
        from unknot.db import tenancy
        from unknot.kernel.actors import system
        from unknot.practice import queries as practices

        practice_id = UUID(self.house.practice_id)
        by = system(practice_id)
        with tenancy.scope(practice_id=practice_id):
            therapist = self.dice.choice(practices.therapists())
        block = Block(therapist.id, self.dice.choice(self.days), timezone.now())
        with tenancy.scope(practice_id=practice_id):
            made = actions.add_exception(
                by=by, therapist_id=therapist.id, day=block.day, kind="closed", reason="rig", now=block.added
            )
        over.wait(self.dice.uniform(0.3, 2))
        now = timezone.now()
        with tenancy.scope(practice_id=practice_id):
            actions.remove_exception(by=by, exception_id=made, now=now)
        block.removed = now
        self.made.append(block)

    def open_all(self) -> None:
        """Nobody is off any more."""
        with self.house.connect() as db:
            db.execute("DELETE FROM availability_dayexception")

    def violations(self, record: list[dict[str, Any]], direct: set[str]) -> Iterator[str]:
        """Visits that were booked at once, or moved, into a day off after it was closed and before it was opened.

        `record`: all entries in their order; `direct`: visits booked without a hold before.
        """
        at = {(one["verb"], one["at"]): one["number"] for one in record}
        for block in self.made:
            since = at.get(("hours.exception-added", block.added))
            until = at.get(("hours.exception-removed", block.removed))
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
                    and one["facts"]["starts_at"][:10] == block.day.isoformat()
                ):
                    yield f"{one['subject_id']} went into a day off (numbers {since} to {until})"
