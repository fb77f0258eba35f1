"""Backups that were read back before anybody trusts them, and restores that happen wholly or not at all.

A backup is a folder: `database.dump` (pg_dump, custom format), `manifest.json`, `README.txt`. The keys are not in it.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from unknot import __version__
from unknot.db import binaries
from unknot.db.upgrade import OldDataError, row_counts
from unknot.db.urls import APP_ROLE
from unknot.kernel.errors import ConflictError, InvalidError, UnavailableError

NAME = rb'(?:"(?:[^"]|"")+"|\w+)'
COPY = re.compile(rb"COPY (%b\.%b) .*FROM stdin;$" % (NAME, NAME))
MANIFEST, DUMP = "manifest.json", "database.dump"
NOTE = """This folder holds a backup of Unknot's database.

The keys are NOT in it. Notes and health answers are sealed with UNKNOT_MASTER_KEY: without that key they stay closed
for ever. Keep it (secrets.json in the data folder, or wherever you set it) in a second, safe place.

To restore:  unknot restore THIS-FOLDER
"""


class FolderTakenError(ConflictError):
    """This folder holds something already. Nothing was written; choose a new one."""

    code = "folder-taken"


class NotEmptyError(ConflictError):
    """The database holds data. Nothing was changed. To replace all of it, stop serve and worker and add --replace."""

    code = "not-empty"


class BadBackupError(InvalidError):
    """This backup can't be trusted. Nothing was changed."""

    code = "bad-backup"


class BackupFailedError(UnavailableError):
    """The backup could not be made. Nothing was changed, and no half a backup was left."""

    code = "backup-failed"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `tables`: rows by table. `key_check`: a fingerprint of the master key, not the
    key.
    """

    made_at: str
    unknot: str
    server: int
    sha256: str
    size: int
    key_check: str
    migrations: list[str] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)


def write(url: str, folder: Path, *, master_key: str) -> Manifest:
    """Backs up the database at `url` (libpq, a role that sees all rows) into the new `folder` and reads it back.

    Counts and dump are of one moment. Raises FolderTakenError, BackupFailedError, NoPostgresError.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderTakenError(f"{folder} holds something already. Nothing was written; choose a new folder.")
    half = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    half.mkdir(mode=0o700, parents=True)
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = str(row[0]) if row else ""
            major = connection.info.server_version // 10000
            bindir = client_bindir(major)
            _dump(bindir, url, half / DUMP, snapshot)
            tables = row_counts(connection)
            migrations = applied_migrations(connection)
        _verify(bindir, half / DUMP, tables)
        blob = half / DUMP
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            unknot=__version__,
            server=major,
            sha256=_sha256(blob),
            size=blob.stat().st_size,
            key_check=key_check(master_key),
            migrations=migrations,
            tables=tables,
        )
        (half / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
        (half / "README.txt").write_text(NOTE)
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
        half.rename(folder)
    except OldDataError as error:
        raise BackupFailedError(error.message) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return manifest


def read(folder: Path) -> Manifest:
    """The manifest of a backup whose file is what it was. Raises BadBackupError."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
        actual = _sha256(folder / DUMP)
    except (OSError, ValueError, TypeError) as error:
        raise BadBackupError(
            f"{folder} is not a whole backup ({type(error).__name__}). Nothing was changed."
        ) from error
    if actual != manifest.sha256:
        raise BadBackupError(f"{folder / DUMP} was changed or cut short since it was made. Nothing was changed.")
    return manifest


def restore(url: str, folder: Path, *, replace: bool = False, known_migrations: set[str], master_key: str) -> Manifest:
    """Puts a backup into the database at `url` in one transaction that ends by counting every table's rows.

    With `replace` all that is there goes. Raises BadBackupError, NotEmptyError, BackupFailedError.
    """
    manifest = read(folder)
    if unknown := sorted(set(manifest.migrations) - known_migrations):
        raise BadBackupError(
            f"This backup was made by a newer Unknot ({manifest.unknot}; it knows {unknown[0]}). "
            "Install that version or a newer one. Nothing was changed."
        )
    if manifest.key_check != key_check(master_key):
        raise BadBackupError(
            "UNKNOT_MASTER_KEY is not the key this backup was made with: notes and health answers would stay closed. "
            "Set the old key and try again. Nothing was changed."
        )
    with psycopg.connect(url) as connection:
        if not replace and any(row_counts(connection).values()):
            raise NotEmptyError
        major = connection.info.server_version // 10000
    _replay(client_bindir(max(major, manifest.server)), url, folder / DUMP, manifest)
    return manifest


def key_check(master_key: str) -> str:
    """A fingerprint that tells whether two master keys are the same and nothing else (they are 256 random bits)."""
    return hashlib.sha256(b"unknot backup key check" + base64.b64decode(master_key)).hexdigest()[:16]


def applied_migrations(connection: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    """The applied migrations as `app.name`, in order; empty before the first."""
    there = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if not there or there[0] is None:
        return []
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
    return [str(name) for (name,) in rows]


def client_bindir(major: int) -> Path:
    """Where pg_dump, pg_restore and psql for a server of this version are. Raises NoPostgresError."""
    if exact := binaries.bindir_of(major):
        return exact
    found = shutil.which("pg_dump")
    if found and binaries.version_of(Path(found)) >= major:
        return Path(found).parent
    raise binaries.NoPostgresError(
        f"Backups of PostgreSQL {major} need its own pg_dump. On Debian: apt install postgresql-client-{major}."
    )


def _plain(url: str) -> tuple[str, dict[str, str]]:
    """The connection string without its password, and an environment with it: arguments are for all to see."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    password = parts.pop("password", "")
    return make_conninfo("", **parts), {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _dump(bindir: Path, url: str, target: Path, snapshot: str) -> None:
    target.touch(mode=0o600)
    where, environment = _plain(url)
    argv: list[str | Path] = [
        bindir / "pg_dump",
        "--format=custom",
        f"--snapshot={snapshot}",
        f"--file={target}",
        f"--dbname={where}",
    ]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip()[-300:]
        hint = " The owner's role needs BYPASSRLS to see every row." if "row-level security" in said else ""
        raise BackupFailedError(f"pg_dump failed: {said}{hint}")


def _verify(bindir: Path, dump: Path, tables: dict[str, int]) -> None:
    """Reads the whole dump back, without a database, and compares the rows of every table."""
    found: dict[str, int] = {}
    name = ""
    with _reading(bindir, dump, "--data-only") as lines:
        for line in lines:
            if name:
                if line == b"\\.\n":
                    name = ""
                else:
                    found[name] += 1
            elif start := re.match(COPY, line):
                name = start.group(1).decode()
                found[name] = 0
    if found != tables:
        odd = sorted(one for one in {*found, *tables} if found.get(one) != tables.get(one))
        raise BackupFailedError(f"The backup does not hold all rows of {', '.join(odd)}; it was deleted. Try again.")


@contextlib.contextmanager
def _reading(bindir: Path, dump: Path, *options: str) -> Iterator[Iterator[bytes]]:
    """The dump as SQL, line by line. Raises BadBackupError if it can't be read to its end."""
    argv: list[str | Path] = [bindir / "pg_restore", "--file=-", "--no-owner", *options, dump]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:  # noqa: S603
        assert reader.stdout is not None  # noqa: S101 - asked for above
        assert reader.stderr is not None  # noqa: S101
        yield iter(reader.stdout)
        for _ in reader.stdout:  # whoever listened may have stopped early; a full pipe would hold the reader for ever
            pass
        said = reader.stderr.read().decode(errors="replace").strip()[-300:]
        if reader.wait() != 0:
            raise BadBackupError(f"The backup can't be read to its end: {said} Nothing was changed.")


def _replay(bindir: Path, url: str, dump: Path, manifest: Manifest) -> None:
    """Everything in one transaction of psql: clear, restore, count, commit."""
    where, environment = _plain(url)
    argv: list[str | Path] = [
        bindir / "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
    ]
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
        [*argv, f"--dbname={where}"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as writer:
        assert writer.stdin is not None  # noqa: S101 - asked for above
        try:
            with _reading(bindir, dump) as lines, contextlib.suppress(BrokenPipeError):
                writer.stdin.write(CLEAR.encode())
                for line in lines:
                    writer.stdin.write(line)
                writer.stdin.write(_count_check(manifest.tables).encode())
        except BaseException:
            writer.kill()  # before it sees the end of its input, which would commit
            writer.wait()
            with contextlib.suppress(BrokenPipeError):
                writer.stdin.close()
            raise
        with contextlib.suppress(BrokenPipeError):
            writer.stdin.close()
        writer.stdin = None
        said = writer.communicate()[1].decode(errors="replace").strip()[-400:]
    if writer.returncode != 0:
        raise BackupFailedError(f"The restore failed and nothing was changed. PostgreSQL said: {said}")


CLEAR = """
SET client_min_messages = warning;
DO $$ DECLARE one text; BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'APP_ROLE') THEN
    CREATE ROLE APP_ROLE LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  FOR one IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', one);
  END LOOP;
END $$;
CREATE SCHEMA public;
""".replace("APP_ROLE", APP_ROLE)


def _count_check(tables: dict[str, int]) -> str:
    checks = [
        f"IF (SELECT count(*) FROM {name}) <> {int(rows)} THEN RAISE EXCEPTION 'rows of %', '{name}'; END IF;"  # noqa: S608
        for name, rows in tables.items()
    ]
    return "\nDO $$ BEGIN\n" + "\n".join(checks) + "\nEND $$;\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
