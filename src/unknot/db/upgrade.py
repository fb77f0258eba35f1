"""A new major version of PostgreSQL finds data of an older one: dumped by the old programs, restored by the new.

`pg_dump` has to be the old server's own: a newer one of an older minor release may write what it can't read back.
The old data is only read; at the end its folder is renamed `pgNN.kept`.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from unknot.db import binaries, server
from unknot.db.server import OWNER, Cluster
from unknot.kernel.errors import UnavailableError

Say = Callable[[str], None]


class OldDataError(UnavailableError):
    """The data here was written by another PostgreSQL. It was not touched."""

    code = "old-data"


def bring_over(home: Path, new: Cluster, *, major: int, say: Say) -> bool:
    """Fills `new` (data folder not there yet) from the newest older cluster in `home`; False if there is none.

    The caller holds the lock of `home`. Raises OldDataError when the programs of the old version are missing, when the
    data is of a newer version, and when the copy does not hold exactly the rows of the old one.
    """
    found = {int(m.group(1)): path for path in home.iterdir() if (m := re.fullmatch(r"pg(\d+)", path.name))}
    found = {version: path for version, path in found.items() if (path / "PG_VERSION").exists()}
    if not found:
        return False
    version = max(found)
    if version > major:
        raise OldDataError(
            f"The data in {home} was written by PostgreSQL {version}, which is newer than the {major} found here. "
            f"Name the programs of {version} in UNKNOT_PG_BINDIR. The data was not touched."
        )
    bindir = binaries.bindir_of(version)
    if bindir is None:
        raise OldDataError(
            f"The data in {home} was written by PostgreSQL {version}; bringing it to {major} needs the programs of "
            f"{version}. Install them (Debian: apt install postgresql-{version}) or name their folder in "
            "UNKNOT_OLD_PG_BINDIR, and start again. The data was not touched."
        )
    say(f"bringing the data from PostgreSQL {version} to {major}; the old data is kept")
    _copy(server.at(found[version], bindir=bindir), new)
    found[version].rename(found[version].with_name(f"pg{version}.kept"))
    return True


def _copy(old: Cluster, new: Cluster) -> None:
    half = server.at(new.data.with_name(f"{new.data.name}.upgrading"), bindir=new.bindir)
    shutil.rmtree(half.data, ignore_errors=True)
    dump = new.data.with_name("upgrade.dump")
    try:
        if server.answers(old):
            raise OldDataError("The old server still runs on this data. Stop it and start again. Nothing was changed.")
        server.start(old, durable=True)
        server.make(half, durable=True)
        server.start(half, durable=True)
        server.ensure_database(half)
        dump.touch(mode=0o600)
        _create_roles(old, half)
        run([old.bindir / "pg_dump", "--format=custom", "--compress=1", f"--file={dump}", old.url()])
        run([half.bindir / "pg_restore", "--exit-on-error", f"--dbname={half.url()}", dump])
        with psycopg.connect(old.url()) as source, psycopg.connect(half.url()) as copy:
            before, after = row_counts(source), row_counts(copy)
        if before != after:
            odd = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
            raise OldDataError(f"The copy differs from the old data in {', '.join(odd)}. The old data was not touched.")
    finally:
        half.stop()
        old.stop()
        dump.unlink(missing_ok=True)
    half.data.rename(new.data)


def _create_roles(old: Cluster, new: Cluster) -> None:
    """Roles belong to the server, not to the database: all but the owner, which initdb made, with their attributes."""
    words = run([old.bindir / "pg_dumpall", "--roles-only", f"--dbname={old.url(database='postgres')}"])
    roles = [line for line in words.splitlines() if re.match(r"(CREATE|ALTER|GRANT)\b", line)]
    with psycopg.connect(new.url(), autocommit=True) as connection:
        for statement in roles:
            if not re.match(rf"(CREATE|ALTER) ROLE {OWNER}\b", statement):
                connection.execute(statement.encode())


def row_counts(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    """Rows of every table that is not PostgreSQL's own, by `schema.table`. Needs a role that sees all rows."""
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    ).fetchall()
    counts = {}
    for (name,) in tables:
        row = connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone()  # noqa: S608 - quoted above
        counts[str(name)] = int(row[0]) if row else 0
    return counts


def run(argv: Sequence[str | Path]) -> str:
    """Runs one of PostgreSQL's own programs and returns what it printed. Raises OldDataError with its last words."""
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False)  # noqa: S603
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise OldDataError(f"{Path(argv[0]).name} failed and nothing was changed. It said: {last}")
    return done.stdout
