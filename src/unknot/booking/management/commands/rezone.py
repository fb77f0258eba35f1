"""`unknot rezone`: visits keep their wall time when a law or the zone data changes the clock."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone

from unknot.booking import actions, queries
from unknot.booking.queries import Broken
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.ids import new_id
from unknot.kernel.zones import zone_data_version

LEFT = ("overlaps", "changed")


class Command(BaseCommand):
    """Lists future visits whose stored instant is not what their agreed wall time means any more."""

    help = "Lists, and with --apply recomputes, future visits after a change of the zone data; --undo takes it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--apply", action="store_true", help="recompute them; each change is recorded under a run's id"
        )
        what.add_argument("--undo", metavar="RUN", type=UUID, help="put back what that run changed, and record it")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, undo: UUID | None, json: bool, **options: Any) -> None:
        del args, options
        run = undo or (new_id() if apply else None)
        ids = actions.practices_to_keep()
        rows = [row for practice_id in ids for row in _of_practice(practice_id, run, undo=undo is not None)]
        if json:
            self._print_json(rows, run)
            return
        for row in rows:
            self.stdout.write("{id}  {local_start} {timezone}  {stored} -> {meant}  {result}".format(**row))
        left = sum(row["result"] in LEFT for row in rows)
        version = zone_data_version()
        if undo:
            self.stdout.write(f"{len(rows) - left} visits were put back, {left} were left as they are.")
            return
        self.stdout.write(f"{len(rows)} visits differ under zone data {version}, {left} were left as they are.")
        if rows and run:
            self.stdout.write(f"This was run {run}. `unknot rezone --undo {run}` takes it back.")
        elif rows:
            self.stdout.write("Nothing was changed. `unknot rezone --apply` moves them to their wall time.")

    def _print_json(self, rows: list[dict[str, str]], run: UUID | None) -> None:
        told = {"zone_data": zone_data_version(), "applied": run is not None, "run": str(run or ""), "visits": rows}
        self.stdout.write(json.dumps(told, indent=2))


def _of_practice(practice_id: UUID, run: UUID | None, *, undo: bool) -> list[dict[str, str]]:
    now, by = timezone.now(), system(practice_id)
    with tenancy.scope(practice_id=practice_id):
        if run is None:
            return [_row(one, "listed") for one in queries.broken_promises(now=now)]
        done = actions.undo_rezone(by=by, run=run, now=now) if undo else actions.rezone(by=by, now=now, run=run)
        return [_row(one.broken, one.result) for one in done]


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
