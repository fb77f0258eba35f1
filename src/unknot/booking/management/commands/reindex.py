"""`unknot reindex`: makes the cards of the search anew, from the rows they are made of."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from unknot.booking import actions
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.practice import queries as practices

STEP = 100


class Command(BaseCommand):
    """All practices, or one. Safe at any time and to be repeated: searches and bookings go on meanwhile."""

    help = "Makes the search cards of every practice, or of --practice, anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", metavar="SLUG", help="only this one")

    def handle(self, *args: Any, practice: str | None, **options: Any) -> None:
        del args, options
        ids = [practices.practice_at(practice).id] if practice else actions.practices_to_keep()
        cards = busy = 0
        for number, practice_id in enumerate(ids, 1):
            try:
                with tenancy.scope(practice_id=practice_id):
                    cards += actions.renew_cards(by=system(practice_id), now=timezone.now())
            except actions.DiaryBusyError:
                busy += 1
            if number % STEP == 0:
                self.stdout.write(f"{number} of {len(ids)} practices, {cards} cards")
        self.stdout.write(f"{len(ids)} practice{'s' if len(ids) != 1 else ''}, {cards} cards.")
        if busy:
            self.stdout.write(f"{busy} were busy and kept the cards they had. Run this again.")
