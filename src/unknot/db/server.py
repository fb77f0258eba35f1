"""One PostgreSQL server on one data folder: made, started, asked, stopped.

It listens on a Unix socket only. It is a child of the process that started it and dies with it, however that process
ends (PR_SET_PDEATHSIG). Who may start it, and when, is for `unknot.db.cluster` to say.
"""

import contextlib
import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from unknot.db.binaries import major_version
from unknot.kernel.errors import UnavailableError

OWNER = "unknot"
SOCKET_LIMIT = 90  # a Unix socket path may have 107 bytes; PostgreSQL appends its own file name
PR_SET_PDEATHSIG = 1
START_SECONDS = 120  # a long crash recovery is not a failure
RETRY_SECONDS = 15  # for a server that ends by itself: orphans of a killed one hold its memory for a moment


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
    durable: bool = True

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

    def revive(self) -> bool:
        """Starts the server again if this process started it and it ended by itself. True if it was brought back."""
        if self.process is None or self.process.poll() is None:
            return False
        start(self, durable=self.durable)
        return True


def at(data: Path, *, bindir: Path) -> Cluster:
    """The cluster of a data folder, running or not."""
    return Cluster(data=data, sockets=_socket_dir(data), bindir=bindir, log=data.parent / "postgres.log")


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


def _become(user: pwd.struct_passwd | None) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def before_exec() -> None:
        os.setsid()  # the terminal's Ctrl-C is for us to pass on, in order
        if user is not None:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)  # after setuid, which clears it

    return before_exec


def make(cluster: Cluster, *, durable: bool) -> None:
    """Makes the data folder. Half-made ones never get the final name. Raises StartError."""
    user = _server_user(cluster.data)
    half = cluster.data.with_suffix(".init")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if user is not None:
        os.chown(half, user.pw_uid, user.pw_gid)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major_version(cluster.bindir) >= 17 else []
    where: list[str | Path] = [cluster.bindir / "initdb", "-D", half, "-U", OWNER, "-A", "trust"]
    made = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [*where, "-E", "UTF8", "--locale=C.UTF-8", *locale, "--data-checksums", "--no-instructions"]
        + ([] if durable else ["--no-sync"]),
        capture_output=True,
        text=True,
        cwd="/",
        preexec_fn=_become(user),
        check=False,
    )
    if made.returncode != 0:
        raise StartError(f"The database cluster could not be made: {made.stderr.strip()[-500:]}")
    half.rename(cluster.data)


def start(cluster: Cluster, *, durable: bool) -> None:
    """Starts the server and waits until it answers. The caller holds the lock. Raises StartError."""
    user = _server_user(cluster.data)
    if cluster.sockets != cluster.data:
        cluster.sockets.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            os.chown(cluster.sockets, user.pw_uid, user.pw_gid)
    argv: list[str | Path] = [
        cluster.bindir / "postgres",
        "-D",
        cluster.data,
        *_options(cluster, user, durable=durable),
    ]
    began = time.monotonic()
    while True:
        for lock in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
            _disown(lock, cluster.data)
        with cluster.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_become(user),  # noqa: PLW1509 - system calls only, no locks taken
            )
        while process.poll() is None and time.monotonic() - began < START_SECONDS:
            if answers(cluster):
                cluster.process, cluster.durable = process, durable
                return
            time.sleep(0.03)
        if time.monotonic() - began > (RETRY_SECONDS if process.poll() is not None else START_SECONDS):
            process.kill()
            process.wait()
            tail = cluster.log.read_text(errors="replace")[-600:]
            raise StartError(f"PostgreSQL did not start. The end of its log: {tail}")
        time.sleep(0.3)


def _options(cluster: Cluster, user: pwd.struct_passwd | None, *, durable: bool) -> list[str]:
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
    return [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]


def _disown(lock: Path, data: Path) -> None:
    """After a crash the pid in a lock file may by now belong to any program, or to a zombie nobody buried yet;
    PostgreSQL would wait for either for ever. Unless it is a server on this data, it is replaced by ours, which
    PostgreSQL takes for stale since we are its parent. The rest of the file stays: it still looks at the shared
    memory named there and refuses while orphans of the old server use it.
    """
    try:
        first, _, rest = lock.read_text().partition("\n")
    except OSError:
        return
    try:
        home = os.readlink(f"/proc/{int(first)}/cwd")
    except (OSError, ValueError):
        home = ""
    if home != str(data.resolve()):
        lock.write_text(f"{os.getpid()}\n{rest}")


def answers(cluster: Cluster) -> bool:
    """True if the server takes connections."""
    try:
        psycopg.connect(cluster.url(database="postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def ensure_database(cluster: Cluster) -> None:
    """Creates the database `unknot` unless it is there."""
    with psycopg.connect(cluster.url(database="postgres"), autocommit=True) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'unknot'").fetchone()
        if row is None:
            connection.execute("CREATE DATABASE unknot TEMPLATE template0")
