"""Child processes that never outlive us: each dies by the kernel's hand when this process does, however it ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from unknot.db.server import Cluster

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 12
FALLS_A_MINUTE = 5


class Stopped(SystemExit):
    """SIGTERM or Ctrl-C."""


@dataclass
class Child:
    """A supervised program and when it fell."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    orphaned: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[bytes] | None" = None
    falls: list[float] = field(default_factory=list)


@dataclass
class Supervisor:
    """Starts children, restarts those that fall, stops them all in reverse order."""

    logs: Path
    say: Callable[[str], None]
    cluster: Cluster | None = None
    children: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        argv: list[str],
        env: dict[str, str] | None = None,
        *,
        orphaned: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Starts a program; its output goes to `<logs>/<name>.log`. Should we be killed, it gets `orphaned`: SIGKILL
        for one that would wait for a database that died with us."""
        self.logs.mkdir(parents=True, exist_ok=True)
        child = Child(name, argv, {**os.environ, **(env or {})}, self.logs / f"{name}.log", orphaned)
        self._spawn(child)
        self.children.append(child)
        return child

    def _spawn(self, child: Child) -> None:
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own programs
                child.argv,
                env=child.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(_die_with_parent, child.orphaned),  # noqa: PLW1509 - two system calls, no locks taken
            )

    def watch(self) -> None:
        """Looks after everything until told to stop."""
        while True:
            time.sleep(0.5)
            self.look()

    def look(self) -> None:
        """What fell is started again, the database first; more than five falls in a minute end the whole."""
        if self.cluster is not None and self.cluster.revive():
            self.say("PostgreSQL fell and is back; everything that was committed is there")
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                child.falls = [at for at in child.falls if at > time.monotonic() - 60] + [time.monotonic()]
                if len(child.falls) > FALLS_A_MINUTE:
                    raise SystemExit(f"{child.name} keeps ending. Its log says why: {child.log}")
                self.say(f"{child.name} ended and is started again")
                self._spawn(child)

    def stop(self) -> None:
        """Asks every child to end, last started first, then insists."""
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in reversed(self.children):
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                if child.process.poll() is None:
                    child.process.kill()
                    child.process.wait(5)


def _die_with_parent(by: signal.Signals) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)


def stop_on_signals() -> None:
    """Turns SIGTERM and Ctrl-C into `Stopped`, so that `finally` clauses run."""

    def stop(number: int, frame: object) -> None:
        del frame
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped(128 + number if number != signal.SIGINT else 0)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def own(*words: str) -> list[str]:
    """The command line of one of our own commands, with this interpreter."""
    return [sys.executable, "-m", "unknot.config.command", *words]


def web_server(*, host: str, port: int, workers: int = 1, threads: int = 24) -> list[str]:
    """granian's command line. Threads are many because a live session's stream holds one."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        f"--blocking-threads={threads}",
        "--no-ws",
        "--respawn-failed-workers",
        "--workers-kill-timeout=4",
        "--log-level=warning",
        "unknot.config.wsgi:application",
    ]
