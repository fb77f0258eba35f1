"""Backups come back row for row, and a restore happens wholly or not at all. On databases of their own."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from unknot.db import backup
from unknot.kernel.ids import new_id

KEY = b64encode(b"a key of thirty-two bytes, fake.").decode()
OTHER_KEY = b64encode(b"another key of 32 bytes, so fake").decode()


@pytest.fixture
def database() -> Iterator[Callable[[], str]]:
    """`database()`: the address of a new, empty database on the server of the tests."""
    server = os.environ["TEST_DATABASE_URL"]
    made = []

    def make() -> str:
        name = f"backup_{new_id().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return make_conninfo(server, dbname=name)

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute(
            'CREATE TABLE diary (who int, "when" tstzrange, word text, EXCLUDE USING gist (who WITH =, "when" WITH &&))'
        )
        connection.execute("CREATE SCHEMA region_b")
        connection.execute('CREATE TABLE region_b."Odd name" (id int PRIMARY KEY, blob bytea)')
        connection.execute(
            r"INSERT INTO diary SELECT n, tstzrange(now(), now() + '1 hour'), E'line\n\\.\nCOPY x FROM stdin;\t' || n"
            " FROM generate_series(1, 500) n"
        )
        connection.execute("""INSERT INTO region_b."Odd name" VALUES (1, '\\x00ff')""")
        connection.execute("ALTER TABLE diary ENABLE ROW LEVEL SECURITY")


def content(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as connection:
        names = backup.row_counts(connection)
        rows = {name: connection.execute(f"SELECT t::text FROM {name} AS t ORDER BY 1").fetchall() for name in names}  # noqa: S608
    return {name: [str(text) for (text,) in found] for name, found in rows.items()}


def restore(url: str, folder: Path, *, replace: bool = False, key: str = KEY) -> backup.Manifest:
    return backup.restore(url, folder, replace=replace, known_migrations=set(), master_key=key)


def test_round_trip(database: Callable[[], str], tmp_path: Path) -> None:
    here, there = database(), database()
    fill(here)
    manifest = backup.write(here, tmp_path / "copy", master_key=KEY)
    assert manifest.tables == {"public.diary": 500, 'region_b."Odd name"': 1}
    assert (tmp_path / "copy/database.dump").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]
    assert KEY not in (tmp_path / "copy/manifest.json").read_text()
    assert restore(there, tmp_path / "copy") == manifest
    assert content(there) == content(here)
    assert len(content(here)) == 2
    with psycopg.connect(there) as connection, pytest.raises(psycopg.errors.ExclusionViolation):
        connection.execute("INSERT INTO diary SELECT * FROM diary LIMIT 1")


def test_what_is_there_stays_unless_replace_is_said(database: Callable[[], str], tmp_path: Path) -> None:
    here, there = database(), database()
    fill(here)
    backup.write(here, tmp_path / "copy", master_key=KEY)
    with psycopg.connect(there) as connection:
        connection.execute("CREATE TABLE newer (word text)")
        connection.execute("INSERT INTO newer VALUES ('still here')")
    before = content(there)
    with pytest.raises(backup.NotEmptyError):
        restore(there, tmp_path / "copy")
    assert content(there) == before
    restore(there, tmp_path / "copy", replace=True)
    assert content(there) == content(here)


def test_a_restore_that_fails_changes_nothing(database: Callable[[], str], tmp_path: Path) -> None:
    here, there = database(), database()
    fill(here)
    fill(there)
    backup.write(here, tmp_path / "copy", master_key=KEY)
    path = tmp_path / "copy/manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "tables": {**manifest["tables"], "public.diary": 499}}))
    before = content(there)
    with pytest.raises(backup.BackupFailedError, match=r"nothing was changed.*rows of public\.diary"):
        restore(there, tmp_path / "copy", replace=True)
    assert content(there) == before


def test_a_dump_cut_short_is_refused(database: Callable[[], str], tmp_path: Path) -> None:
    here, there = database(), database()
    fill(here)
    fill(there)
    backup.write(here, tmp_path / "copy", master_key=KEY)
    dump = tmp_path / "copy/database.dump"
    blob = dump.read_bytes()[:-200]
    dump.write_bytes(blob)
    before = content(there)
    with pytest.raises(backup.BadBackupError, match="changed or cut short"):
        restore(there, tmp_path / "copy", replace=True)
    manifest = json.loads((tmp_path / "copy/manifest.json").read_text())
    manifest["sha256"] = backup._sha256(dump)  # even a forged sum can't make half a dump commit
    (tmp_path / "copy/manifest.json").write_text(json.dumps(manifest))
    with pytest.raises((backup.BadBackupError, backup.BackupFailedError)):
        restore(there, tmp_path / "copy", replace=True)
    assert content(there) == before


def test_refusals(database: Callable[[], str], tmp_path: Path) -> None:
    here = database()
    fill(here)
    backup.write(here, tmp_path / "copy", master_key=KEY)
    with pytest.raises(backup.FolderTakenError):
        backup.write(here, tmp_path / "copy", master_key=KEY)
    with pytest.raises(backup.BadBackupError, match="not a whole backup"):
        restore(here, tmp_path)
    with pytest.raises(backup.BadBackupError, match="is not the key"):
        restore(here, tmp_path / "copy", replace=True, key=OTHER_KEY)
    path = tmp_path / "copy/manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "migrations": ["booking.0099_later"]}))
    with pytest.raises(backup.BadBackupError, match=r"newer Unknot.*booking\.0099_later"):
        restore(here, tmp_path / "copy", replace=True)


def unknot(url: str, data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DATABASE_URL": url, "UNKNOT_DATA": str(data), "UNKNOT_APP_ROLE": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2] / "src")
    argv = [sys.executable, "-m", "unknot.config.command", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, cwd="/")


def test_the_commands_on_the_real_tables(database: Callable[[], str], tmp_path: Path) -> None:
    here, there = database(), database()
    assert unknot(here, tmp_path, "migrate").returncode == 0
    with psycopg.connect(here) as connection:
        connection.execute("INSERT INTO web_ratecounter (key_hash, \"window\", count) VALUES ('x', 1, 1)")
    made = unknot(here, tmp_path, "backup", str(tmp_path / "copy"))
    assert (made.returncode, "read back and equal" in made.stdout) == (0, True), made.stderr
    done = unknot(there, tmp_path, "restore", str(tmp_path / "copy"))
    assert (done.returncode, "Restored" in done.stdout) == (0, True), done.stderr
    assert content(there) == content(here)
    again = unknot(there, tmp_path, "restore", str(tmp_path / "copy"))
    assert again.returncode == 1
    assert "The database holds data. Nothing was changed." in again.stderr
