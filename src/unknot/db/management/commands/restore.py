"""`unknot restore DIR [--replace]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.migrations.loader import MigrationLoader

from unknot.db import backup
from unknot.db.urls import connection_string


class Command(BaseCommand):
    """Restores a backup, wholly or not at all."""

    help = "Restores a backup into an empty database, or with --replace instead of all that is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete what the database holds now")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
        manifest = backup.restore(
            connection_string(settings.DATABASES["default"]),
            options["folder"].absolute(),
            replace=options["replace"],
            known_migrations=known,
            master_key=settings.UNKNOT_MASTER_KEY,
        )
        self.stdout.write(f"Restored {sum(manifest.tables.values())} rows, the state of {manifest.made_at}.")
        self.stdout.write("Now run `unknot migrate`, then start serve and worker.")
