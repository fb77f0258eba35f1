"""A new major version of PostgreSQL takes over the data of an older one, or leaves it alone and says what it needs."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from unknot.db import binaries, cluster, upgrade

OLD = Path("/usr/lib/postgresql/15/bin")


def new_bindir() -> Path | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("UNKNOT_PG_BINDIR", raising=False)
        found = binaries.find_bindir()
    return found if binaries.major_version(found) > 15 else None


NEW = new_bindir()
needs_both = pytest.mark.skipif(not OLD.exists() or NEW is None, reason="needs PostgreSQL 15 and a newer one")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An open folder in which PostgreSQL 15 left data."""
    path = Path(tempfile.mkdtemp(prefix="unknot-old-"))
    path.chmod(0o755)
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(OLD))
    monkeypatch.delenv("UNKNOT_OLD_PG_BINDIR", raising=False)
    old = cluster.ensure(path, durable=False)
    with psycopg.connect(old.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE unknot_app LOGIN NOSUPERUSER NOBYPASSRLS")
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute(
            "CREATE TABLE diary (who int, span tstzrange, EXCLUDE USING gist (who WITH =, span WITH &&))"
        )
        connection.execute(
            "INSERT INTO diary SELECT n % 50, tstzrange(t, t + '1 hour') FROM generate_series(1, 2000) n, "
            "LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 hour') AS s (t)"
        )
        connection.execute("GRANT SELECT ON diary TO unknot_app")
        connection.execute("ALTER TABLE diary ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE diary FORCE ROW LEVEL SECURITY")
    old.stop()
    yield path
    cluster.forget(path)
    shutil.rmtree(path, ignore_errors=True)


@needs_both
def test_rows_roles_and_rules_come_along(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(NEW))
    said: list[str] = []
    new = cluster.ensure(folder, durable=False, say=said.append)
    try:
        assert said[0].startswith("bringing the data from PostgreSQL 15 to ")
        with psycopg.connect(new.url(), autocommit=True) as connection:
            assert connection.info.server_version >= 180000
            assert connection.execute("SELECT count(*) FROM diary").fetchone() == (2000,)
            with pytest.raises(psycopg.errors.ExclusionViolation):
                connection.execute("INSERT INTO diary SELECT * FROM diary LIMIT 1")
        with psycopg.connect(new.url(user="unknot_app")) as connection:
            assert connection.execute("SELECT count(*) FROM diary").fetchone() == (0,)  # walled in, as before
    finally:
        new.stop()
    names = {path.name for path in (folder / "pg").iterdir()} - {".lock", "postgres.log"}
    assert names == {new.data.name, "pg15.kept"}
    again = cluster.ensure(folder, durable=False)
    with psycopg.connect(again.url()) as connection:
        assert upgrade.row_counts(connection) == {"public.diary": 2000}
    again.stop()


@needs_both
def test_without_the_old_programs_nothing_happens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(NEW))
    monkeypatch.setattr(binaries, "DEBIAN", folder / "nowhere")
    with pytest.raises(upgrade.OldDataError, match="apt install postgresql-15"):
        cluster.ensure(folder, durable=False)
    assert (folder / "pg/pg15/PG_VERSION").exists()
    assert [path.name for path in (folder / "pg").glob("pg1[0-9]*")] == ["pg15"]


@needs_both
def test_a_failed_copy_leaves_the_old_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(NEW))
    with monkeypatch.context() as patch:
        counts = iter([{"public.diary": 2000}, {"public.diary": 1999}])
        patch.setattr(upgrade, "row_counts", lambda connection: next(counts))
        with pytest.raises(upgrade.OldDataError, match=r"differs from the old data in public\.diary"):
            cluster.ensure(folder, durable=False)
    assert (folder / "pg/pg15/PG_VERSION").exists()
    again = cluster.ensure(folder, durable=False)
    with psycopg.connect(again.url()) as connection:
        assert upgrade.row_counts(connection) == {"public.diary": 2000}
    again.stop()


@needs_both
def test_newer_data_is_never_passed_over(folder: Path) -> None:
    (folder / "pg/pg15").rename(folder / "pg/pg99")
    with pytest.raises(upgrade.OldDataError, match="newer than the 15 found here"):
        cluster.ensure(folder, durable=False)
    assert not (folder / "pg/pg15").exists()
