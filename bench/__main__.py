"""`make bench`: prints a table of ratios and writes bench.json.

`ARGS="--only pages"` runs one part, `--quick` takes fewer samples (the figures are then noisy and say so by their n).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.bars import show
from unknot.config import environment
from unknot.db.cluster import ensure

Row = dict[str, Any]
SEED = 20261120


def say(line: str) -> None:
    """One line of progress."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Runs the parts on a throw-away database with the demo in it."""
    parser = argparse.ArgumentParser("bench")
    parser.add_argument("--only", choices=["availability", "wide", "search", "pages", "bookings", "deep"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true", help="also a hundred thousand therapists")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="unknot-bench-"))
    folder.chmod(0o755)
    os.environ.update(
        UNKNOT_URL="http://testserver",
        UNKNOT_LIMIT_FACTOR="100000",
        UNKNOT_APP_ROLE="0",
        UNKNOT_DEMO="1",
        UNKNOT_DEBUG="0",
    )
    environment.prepare(folder)
    cluster = ensure(folder, say=say)  # durable: bookings pay for their fsync
    os.environ["DATABASE_URL"] = cluster.url()
    try:
        rows = _run(given.only, quick=given.quick, full=given.full, folder=folder, cluster=cluster)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    given.out.write_text(json.dumps(rows, indent=1) + "\n")
    show(rows)
    say(f"wrote {given.out}")
    return 0


def _run(only: str | None, *, quick: bool, full: bool, folder: Path, cluster: Any) -> list[Row]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from unknot.config.demo_data import ensure_demo

    say("making the database and the demo")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = "-c role=unknot_app"
    facts = ensure_demo(folder, say=say)
    (folder / "demo.json").write_text(json.dumps(facts))
    from bench import availability, bookings, deep, pages, search, wide

    sizes = [1_000, 10_000, 100_000] if full else [1_000, 10_000]
    parts: dict[str, Callable[[], list[Row]]] = {
        "availability": lambda: availability.rows(SEED, 40 if quick else 400),
        "pages": lambda: pages.rows(20 if quick else 200),
        "deep": lambda: deep.rows(os.environ["DATABASE_URL"], 50 if quick else 500),
        # From here on the demo is gone: worlds are loaded and taken out again.
        "wide": lambda: wide.rows(SEED, 5 if quick else 20),
        "search": lambda: search.rows(SEED, n=60 if quick else 300, sizes=sizes[:1] if quick else sizes, say=say),
        "bookings": lambda: bookings.rows(SEED, 20 if quick else 120, cluster),
    }
    found: list[Row] = []
    for name, part in parts.items():
        if only in (None, name):
            say(name)
            found += part()
    return found


if __name__ == "__main__":
    sys.exit(main())
