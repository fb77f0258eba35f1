"""`unknot rezone`: visits keep their wall time when a law or the zone data changes the clock."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from unknot.booking import actions, queries
from unknot.booking.queries import Broken
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.zones import zone_data_version


class Command(BaseCommand):
    """Lists future visits whose stored instant is not what their agreed wall time means any more."""

    help = "Lists, and with --apply recomputes, future visits after a change of the zone data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="recompute them; each change is recorded")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, json: bool, **options: Any) -> None:
        del args, options
        rows = [row for practice_id in actions.practices_to_keep() for row in _of_practice(practice_id, apply=apply)]
        if json:
            self._print_json(rows, apply=apply)
            return
        for row in rows:
            self.stdout.write("{id}  {local_start} {timezone}  {stored} -> {meant}  {result}".format(**row))
        left = sum(row["result"] == "overlaps" for row in rows)
        version = zone_data_version()
        self.stdout.write(f"{len(rows)} visits differ under zone data {version}, {left} would overlap another visit.")
        if rows and not apply:
            self.stdout.write("Nothing was changed. `unknot rezone --apply` moves them to their wall time.")

    def _print_json(self, rows: list[dict[str, str]], *, apply: bool) -> None:
        self.stdout.write(json.dumps({"zone_data": zone_data_version(), "applied": apply, "visits": rows}, indent=2))


def _of_practice(practice_id: Any, *, apply: bool) -> list[dict[str, str]]:
    now = timezone.now()
    with tenancy.scope(practice_id=practice_id):
        if not apply:
            return [_row(one, "listed") for one in queries.broken_promises(now=now)]
        return [_row(one.broken, one.result) for one in actions.rezone(by=system(practice_id), now=now)]


def _row(one: Broken, result: str) -> dict[str, str]:
    return {
        "id": str(one.id),
        "local_start": one.local_start,
        "timezone": one.timezone,
        "stored": one.stored.isoformat(),
        "meant": one.meant.isoformat(),
        "zone_data": one.zone_data,
        "result": result,
    }
