"""What goes wrong during the storm: programs die or freeze, connections break, the disk is full.

Signals go only to processes that the rig's own house started, found by walking down from their pids.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rigs import clocks
from rigs.house import House
from rigs.proxy import KINDS, Proxy

SHORTEST, LONGEST = 0.5, 2.5
"""Seconds between two faults."""
FROZEN = (1.0, 4.0)
JUMPS = (-86400, -3600, -90, 90, 3600, 86400)
"""Seconds by which a clock is suddenly wrong."""
DISK_BYTES, FULL_SECONDS = 48 * 2**20, 2.0


@dataclass
class Faults:
    """Breaks the house at random moments. `done` counts what was broken, `moments` when."""

    house: House
    proxy: Proxy
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    moments: list[tuple[float, str]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    disk: Path | None = None
    deadly: bool = False
    """Only the end of connections that are about to commit: for the control whose fault shows at nothing else."""
    only: str = ""
    """Only faults with these words in their name."""

    def run(self, seconds: float) -> None:
        """Breaks things for so long; blocks, so it runs in a thread."""
        kinds: dict[str, tuple[int, Callable[[], bool]]] = {
            "kill web process": (5, self.kill_web_process),
            "kill web server": (2, self.kill_web),
            "kill job worker": (2, self.kill_worker),
            "kill database backend": (3, self.kill_backend),
            "kill postmaster": (3, self.kill_postmaster),
            "terminate backend": (3, self.terminate_backend),
            "cancel statement": (3, self.cancel_statement),
            "freeze web process": (2, lambda: self.freeze(self.web_processes())),
            "freeze backend": (3, lambda: self.freeze(self.backends())),
            "freeze job worker": (1, lambda: self.freeze([self.house.child("worker")])),
            **{f"network {kind}": (3, lambda kind=kind: self.network(kind)) for kind in KINDS},  # type: ignore[misc]
            **{f"clock jump of {who}": (2, lambda who=who: self.jump(who)) for who in self.house.clocks},  # type: ignore[misc]
            "full disk": (3 if self.disk else 0, self.fill_disk),
        }
        if self.deadly:
            kinds = {"terminate backend": (1, self.terminate_slow_commit)}
        if self.only:
            kinds = {name: kinds[name] for name in kinds if self.only in name}
        until = time.time() + seconds
        while (pause := self.dice.uniform(SHORTEST, LONGEST)) < until - time.time():
            time.sleep(pause)
            [name] = self.dice.choices(list(kinds), weights=[weight for weight, _ in kinds.values()])
            at = time.time()
            with contextlib.suppress(ProcessLookupError, psycopg.Error):
                if kinds[name][1]():
                    self.done[name] += 1
                    self.moments.append((at, name))

    # Processes

    def web_processes(self) -> list[int]:
        """The processes that answer requests."""
        return children(self.house.child("web"))

    def backends(self) -> list[int]:
        """Connections of the web server and the worker."""
        server = self.house.cluster.process
        return [pid for pid in children(server.pid) if "unknot unknot" in words(pid)] if server else []

    def kill(self, pids: list[int]) -> bool:
        """kill -9 of one of them."""
        if not pids:
            return False
        os.kill(self.dice.choice(pids), signal.SIGKILL)
        return True

    def kill_web_process(self) -> bool:
        return self.kill(self.web_processes())

    def kill_web(self) -> bool:
        """The server and all its processes, which are a process group of their own."""
        os.killpg(self.house.child("web"), signal.SIGKILL)
        return True

    def kill_worker(self) -> bool:
        return self.kill([self.house.child("worker")])

    def kill_backend(self) -> bool:
        return self.kill(self.backends())

    def kill_postmaster(self) -> bool:
        server = self.house.cluster.process
        return self.kill([server.pid] if server and server.poll() is None else [])

    def freeze(self, pids: list[int]) -> bool:
        """SIGSTOP for some seconds."""
        if not pids:
            return False
        pid = self.dice.choice(pids)
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self.dice.uniform(*FROZEN))
        finally:
            os.kill(pid, signal.SIGCONT)
        return True

    # Statements, network, disk

    def _end(self, how: str) -> bool:
        with self.house.connect() as connection:
            ended = connection.execute(
                # One that is in the middle of a write if there is any, not one that waits for it.
                f"SELECT {how}(pid) FROM pg_stat_activity WHERE datname = 'unknot' AND state <> 'idle' "
                "AND pid <> pg_backend_pid() ORDER BY coalesce(wait_event_type = 'Lock', false), random() LIMIT 1"
            ).fetchall()
        return bool(ended)

    def terminate_backend(self) -> bool:
        return self._end("pg_terminate_backend")

    def terminate_slow_commit(self) -> bool:
        """One whose work is done and whose commit is still to come."""
        with self.house.connect() as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' "
                "AND query LIKE 'UPDATE \"web_idem%' AND state_change < now() - interval '50 milliseconds'"
            ).fetchall()
        return bool(ended)

    def cancel_statement(self) -> bool:
        return self._end("pg_cancel_backend")

    def network(self, kind: str) -> bool:
        """Some answers get lost on their way for a second or two."""
        self.proxy.fault = kind
        try:
            time.sleep(self.dice.uniform(0.5, 2))
        finally:
            self.proxy.fault = ""
        return True

    def jump(self, who: str) -> bool:
        """A clock is wrong for some seconds."""
        clocks.set_wrong(self.house.data, who, self.dice.choice(JUMPS))
        try:
            time.sleep(self.dice.uniform(*FROZEN))
        finally:
            clocks.set_wrong(self.house.data, who, 0)
        return True

    def fill_disk(self) -> bool:
        """The disk under the diary has no byte left for a while."""
        assert self.disk is not None
        ballast = self.disk / "ballast"
        try:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as full:
                while True:
                    full.write(bytes(65536))
            with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as full:
                while True:
                    full.write(b"0")
            time.sleep(FULL_SECONDS)
        finally:
            ballast.unlink(missing_ok=True)
        return True

    def put_diary_on_small_disk(self) -> None:
        """Moves the diary's tables to a small tmpfs of their own, if this user may mount one."""
        where = self.house.data / "small-disk"
        where.mkdir()
        if os.geteuid() != 0:
            self.left_out["full disk"] = "only root may mount a small file system"
            return
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", where], capture_output=True, text=True
        )
        if mounted.returncode != 0:
            self.left_out["full disk"] = f"no file system could be mounted: {mounted.stderr.strip()}"
            return
        self.house.closing.append(lambda: subprocess.run(["umount", "-l", where], check=False))
        space = where / "space"
        space.mkdir()
        owner = self.house.cluster.data.stat()
        os.chown(space, owner.st_uid, owner.st_gid)
        with self.house.connect() as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            for table in ("booking_appointment", "audit_entry", "notifications_message", "web_idempotentanswer"):
                connection.execute(f"ALTER TABLE {table} SET TABLESPACE small")
        self.disk = where


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(parent) == pid and state != "Z":
                    found.append(int(entry.name))
    return found


def words(pid: int) -> str:
    """The command line of a process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
