"""The three clocks that the rig bends: web server's, worker's, database's. Each has a file with seconds in it.

Web server and worker read theirs in Python (`rigs.crooked_clock`). PostgreSQL is started under libfaketime, a library
that answers for the C library's clocks; without it (Debian: `apt install libfaketime`) the database's clock stays right
and the report says so. Only the clock on the wall jumps: timers go by the monotonic one, as on a real host.
"""

import os
from pathlib import Path

from unknot.db.binaries import find_bindir, reachable

WEB, WORKER, DATABASE = "web", "worker", "database"
PLACES = ("/usr/lib", "/usr/local/lib", "/lib")


def faketime() -> Path | None:
    """The library, where Debian puts it or RIG_FAKETIME says."""
    if given := os.environ.get("RIG_FAKETIME"):
        return Path(given) if Path(given).exists() else None
    found = (one for place in PLACES for one in Path(place).glob("*/faketime/libfaketimeMT.so.1"))
    return next(found, None)


def file_of(data: Path, whose: str) -> Path:
    """Where the seconds stand by which that clock is wrong."""
    return data / f"clock-{whose}"


def set_wrong(data: Path, whose: str, seconds: int) -> None:
    """From now on (within a second for the database) that clock is wrong by so much; 0: right."""
    words = f"{seconds:+d}s" if whose == DATABASE else str(seconds)
    half = file_of(data, whose).with_suffix(".new")
    half.write_text(words)
    half.chmod(0o644)
    half.rename(file_of(data, whose))  # never half a line


def crooked_postgres(data: Path, library: Path) -> Path:
    """A folder of PostgreSQL's programs whose `postgres` runs by the bent clock."""
    real, folder = reachable(find_bindir()), data / "crooked-pg"
    folder.mkdir()
    for program in real.iterdir():
        if program.name != "postgres":
            (folder / program.name).symlink_to(program)
    set_wrong(data, DATABASE, 0)
    (folder / "postgres").write_text(
        "#!/bin/sh\n"
        f"export LD_PRELOAD='{library}' FAKETIME_TIMESTAMP_FILE='{file_of(data, DATABASE)}'\n"
        "export FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1 NO_FAKE_STAT=1\n"
        f"exec '{real / 'postgres'}' \"$@\"\n"
    )
    (folder / "postgres").chmod(0o755)
    folder.chmod(0o755)
    return folder
