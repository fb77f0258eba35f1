"""`unknot backup DIR`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from unknot.db import backup
from unknot.db.urls import connection_string


class Command(BaseCommand):
    """Backs the database up and reads the backup back."""

    help = "Writes a verified backup of the database into a new folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        manifest = backup.write(
            connection_string(settings.DATABASES["default"]), folder, master_key=settings.UNKNOT_MASTER_KEY
        )
        rows = sum(manifest.tables.values())
        self.stdout.write(f"{folder}: {rows} rows of {len(manifest.tables)} tables, read back and equal.")
        self.stdout.write("The keys are not in it: keep UNKNOT_MASTER_KEY in a second, safe place.")
