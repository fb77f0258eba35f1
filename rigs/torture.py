"""`make torture`: 64 writers want the same times over HTTP while everything dies around them. README.md says the rest.

Without a control's red beside it a green run shows little, so the report says so; `.ci/run` runs both.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from rigs import after, clocks, verdict
from rigs.blocks import Blocks
from rigs.faults import Faults
from rigs.history import History
from rigs.house import House, build
from rigs.proxy import Proxy
from rigs.report import page, summary
from rigs.wishes import Wisher
from rigs.writers import HOT_SHARE, PRACTICE, SERVICES, Desk, Starts, Storm, Writer

CONTROLS = {
    "drop-constraint": "rigs.planted_no_locks:application",
    "reply-before-commit": "rigs.planted_early_reply:application",
    "retry-without-key": "rigs.crooked_web:application",
    "trust-clocks": "rigs.crooked_web:application",
    "half-series": "rigs.planted_half_series:application",
}
PLAIN = "rigs.crooked_web:application"
CONSTRAINTS = ("diary_therapist", "diary_room", "diary_client")
AWAY_DAYS = 3
"""The first start that anybody wants is so many days away: past every notice and fee."""


def say(line: str) -> None:
    """One line of progress."""
    print(f"torture: {line}", file=sys.stderr, flush=True)


def _deadlocks(log: str) -> list[str]:
    """What the server's log says of each deadlock: who waited for what, on which statement."""
    return [" ".join(one[:1500].split()) for one in log.split("deadlock detected")[1:]]


def main() -> int:
    """Runs the storm and prints the report. 1 if an invariant broke or nothing could be judged."""
    parser = argparse.ArgumentParser("torture", description="The booking rig.")
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=None, help="of the dice; the moments of a real run differ anyway")
    parser.add_argument("--control", choices=CONTROLS, help="plants this fault: the run must end red")
    parser.add_argument("--calm", action="store_true", help="no faults, contention only")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--keep", type=Path, help="where to keep history.jsonl")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(10**6)
    say(f"seed {seed}")
    more = {"UNKNOT_CLOCK_TOLERANCE": "0"} if given.control == "trust-clocks" else {}
    house = build(clients=given.writers, application=CONTROLS.get(given.control, PLAIN), say=say, more=more)
    try:
        run = Run(house, seed, given)
        asyncio.run(run.storm())
        found = run.judge()
    finally:
        house.close()
    print(json.dumps(found, indent=1) if given.json else page(found))
    return int(not found["green"])


class Run:
    """One storm and its judgement."""

    def __init__(self, house: House, seed: int, given: argparse.Namespace) -> None:
        self.house, self.seed, self.given = house, seed, given
        self.history = History((given.keep or house.data) / "history.jsonl")
        self.seen: list[str] = []
        self.proxy = Proxy(house.port, random.Random(f"{seed}-proxy"))
        self.faults = Faults(house, self.proxy, random.Random(f"{seed}-faults"))
        self.blocks = Blocks(house, random.Random(f"{seed}-blocks"))
        self.unresolved = 0

    async def storm(self) -> None:
        """The storm, and the search for the answers that were lost in it."""
        self._plant()
        await self.proxy.start()
        starts = await self._starts()
        base = f"http://127.0.0.1:{self.proxy.port}"
        storm = Storm(self.house, self.history, starts, base, with_key=self.given.control != "retry-without-key")
        self.blocks.days = sorted({date.fromisoformat(one["local_start"][:10]) for one in starts.hot})
        writers = [Wisher(storm, one, self.seed) for one in self.house.people]
        desks = [Desk(storm, 1000 + number, self.seed) for number in range(3)]
        for desk in desks:
            await desk.sign_in()
        say(f"{len(writers)} writers, {len(starts.hot)} hot starts, {self.given.seconds:.0f} seconds")
        await self._rage(storm, [*writers, *desks])
        say("settling")
        if not await asyncio.to_thread(self.house.wait_until_well, 60):
            raise SystemExit("torture: the house did not come back within a minute after the storm")
        self.unresolved = await storm.resolve(20 if self.given.control else 60)
        for one in [*writers, *desks]:
            await one.http.aclose()

    async def _rage(self, storm: Storm, people: list[Writer | Desk]) -> None:
        over = threading.Event()
        tasks = [asyncio.create_task(one.run()) for one in people]
        threads = [asyncio.to_thread(self.blocks.run, over), asyncio.to_thread(self._look, over)]
        if not self.given.calm:
            threads.append(asyncio.to_thread(self.faults.run, self.given.seconds))
        waiting = asyncio.gather(*threads)
        await asyncio.sleep(self.given.seconds)
        over.set()
        storm.over.set()
        await waiting
        self.proxy.fault = ""
        await asyncio.gather(*tasks)

    def judge(self) -> dict[str, Any]:
        """The verdict, as plain values."""
        self.blocks.open_all()
        with self.house.connect() as db:  # nobody waits any more: what is let go from here on is free for all
            db.execute("UPDATE booking_waitlistentry SET state = 'left' WHERE state = 'waiting'")
        self._let_mail_leave()
        evidence = verdict.gather(self.house, self.history)
        evidence.overlaps_seen = self.seen
        found = verdict.judge(evidence)
        direct = {one.visit for one in self.history.of("book") if "service" in one.asked}
        found["blocked time stays blocked"] = sorted(set(self.blocks.violations(self._record(), direct)))
        left = after.leftovers(self.house, random.Random(self.seed))
        found["I6 and I12 what was let go is free, what is offered can be booked"] = sorted(set(left))
        log = self.house.cluster.log.read_text(errors="replace")
        found["F16 no deadlock"] = _deadlocks(log)
        found["every lost answer was found again by its key"] = ["still unknown"] * self.unresolved
        return summary(self, evidence, found)

    def _plant(self) -> None:
        """The planted faults that stand in the database; and the small disk."""
        if self.given.control == "drop-constraint":
            with self.house.connect() as db:
                for name in CONSTRAINTS:
                    db.execute(f"ALTER TABLE booking_appointment DROP CONSTRAINT {name}")
        self.faults.deadly = self.given.control == "reply-before-commit"
        if not self.given.calm:
            self.faults.put_diary_on_small_disk()
        self.faults.only = "clock jump" if self.given.control == "trust-clocks" else ""
        if clocks.DATABASE not in self.house.clocks:
            self.faults.left_out["clock of the database"] = "libfaketime is not installed"
        self.faults.left_out["import of outside calendars"] = "no feed is served while the storm lasts"

    async def _starts(self) -> Starts:
        """What is free before the storm; the hot ones are the same few of every therapist's."""
        first = date.today() + timedelta(days=AWAY_DAYS)  # noqa: DTZ011 - any day near does
        every: dict[tuple[str, str], dict[str, Any]] = {}
        async with httpx.AsyncClient(base_url=f"{self.house.url}/api/v1", timeout=30) as http:
            for service in SERVICES:
                asked = {"service": service, "from": str(first), "to": str(first + timedelta(days=13)), "limit": 5000}
                answer = await http.get(f"/practices/{PRACTICE}/slots", params=asked)
                answer.raise_for_status()
                for slot in answer.json()["slots"]:
                    every[slot["therapist"], slot["local_start"]] = slot
        free = [every[key] for key in sorted(every)]
        hot = random.Random(self.seed).sample(free, max(1, round(len(free) * HOT_SHARE)))
        return Starts(free, hot)

    def _look(self, over: threading.Event) -> None:
        """Looks for overlaps all the time: one may be gone by the end."""
        import psycopg

        while not over.wait(1.0):
            try:
                with self.house.connect() as db:
                    rows = db.execute(LOOK).fetchall()
            except psycopg.Error:
                continue
            self.seen += [f"during the storm, {one['kind']}: {one['a']} and {one['b']}" for one in rows]

    def _record(self) -> list[dict[str, Any]]:
        with self.house.connect() as db:
            return db.execute("SELECT * FROM audit_entry ORDER BY number").fetchall()

    def _let_mail_leave(self) -> None:
        """Gives the worker some time for what is due."""
        deadline = time.time() + min(30.0, self.given.seconds)
        while time.time() < deadline:
            with self.house.connect() as db:
                row = db.execute(
                    "SELECT count(*) AS due FROM notifications_message WHERE state = 'waiting' AND due_at < now()"
                ).fetchone()
            if row and row["due"] == 0:
                return
            time.sleep(1)


LOOK = """
WITH active AS (
    SELECT * FROM booking_appointment
    WHERE state IN ('held', 'requested', 'confirmed', 'arrived', 'in_session', 'completed')
)
SELECT 'therapist' AS kind, a.id AS a, b.id AS b FROM active a JOIN active b
    ON a.practitioner_id = b.practitioner_id AND a.id < b.id AND a.blocked && b.blocked
UNION ALL
SELECT 'room', a.id, b.id FROM active a JOIN active b
    ON a.room_id = b.room_id AND a.room_unit = b.room_unit AND a.id < b.id AND a.blocked && b.blocked
UNION ALL
SELECT 'client', a.id, b.id FROM active a JOIN active b
    ON a.client_id = b.client_id AND a.id < b.id
    AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
"""

if __name__ == "__main__":
    sys.exit(main())
