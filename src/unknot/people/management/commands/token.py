"""`unknot token --email E [--days N]`: a bearer token for the JSON API, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from unknot.people import actions, queries

LONGEST_DAYS = 3650


class Command(BaseCommand):
    """Makes a token. Only its hash is stored, so it can't be shown again."""

    help = "Make a bearer token for a person, to call the JSON API with. It is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, for how long, what for."""
        parser.add_argument("--email", required=True, help="the person's e-mail address")
        parser.add_argument("--days", type=int, default=365, help="how long it is valid (default 365)")
        parser.add_argument("--label", default="command line", help="what it is for, for your own list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the token on stdout and what to do with it on stderr."""
        found = queries.account_by_email(options["email"])
        if found is None or not found.is_active:
            raise CommandError("There is no account with this address. People get one when they first sign in.")
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"Give 1 to {LONGEST_DAYS} days.")
        token = actions.make_token(
            account_id=found.pk, label=options["label"][:60], now=timezone.now(), days=options["days"]
        )
        self.stderr.write(f"Valid for {options['days']} days. Keep it like a password; it is not shown again.")
        self.stdout.write(token)
