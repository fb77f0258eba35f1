"""`unknot doctor --deep` over a million visits, as it runs every day and over everything, against bare scans.

The peer of the daily sweep is one count of all visits, on the same connection: a sweep that read each row even once
could not be quicker. What looks through the program itself (the cards of the search) runs over the demo. Seconds by the
clock depend on the machine's other work; `R16-cpu` is what the sweep and its connection really computed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench import deep_world
from unknot.config import doctor_deep

Row = dict[str, Any]


def rows(url: str, days: int) -> list[Row]:
    """Rows R16; `url` of a login that sees all; 2 000 visits a day."""
    with psycopg.connect(url, autocommit=True) as db:
        try:
            deep_world.fill(db, days)
            db.execute("SET search_path = deep, public")
            return _measured(db)
        finally:
            db.execute("DROP SCHEMA IF EXISTS deep CASCADE")


def _measured(db: "psycopg.Connection[Any]") -> list[Row]:
    [(visits,)] = db.execute("SELECT count(*) FROM booking_appointment").fetchall()
    [(entries,)] = db.execute("SELECT count(*) FROM audit_entry").fetchall()

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return db.execute(statement).fetchall()

    def sweep(*, everything: bool) -> None:
        found = [*doctor_deep.sweeps(ask, everything=everything), *doctor_deep.cards(everything=everything)]
        assert {one.status for one in found} == {"ok"}, found

    made = []
    for name, everything, times in (("R16", False, 7), ("R16-all", True, 2)):
        peer = _best(lambda: ask("SELECT count(*) FROM booking_appointment"), 5)
        before = _computed(db)
        ours = _best(lambda everything=everything: sweep(everything=everything), times)  # type: ignore[misc]
        cpu = (_computed(db) - before) / times
        made.append({"name": f"{name}-cpu", "unit": "s", "ours": cpu, "peer": None, "ratio": None, "n": times})
        made.append(
            {"name": name, "unit": "s, vs one scan", "ours": ours, "peer": peer, "ratio": ours / peer, "n": visits}
        )
    made.append({"name": "R16-entries", "unit": "of the record", "ours": entries, "peer": None, "ratio": None, "n": 1})
    return made


def _computed(db: "psycopg.Connection[Any]") -> float:
    """Seconds of computing so far, of this process and of the one process that answers its connection."""
    stat = Path(f"/proc/{db.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _best(work: Callable[[], Any], times: int) -> float:
    """The shortest of so many runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)
