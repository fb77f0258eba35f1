"""Connection strings as people write them: several hosts, socket folders, keywords; the application's role always."""

import psycopg
import pytest

from unknot.db.urls import connection_string, database_settings

ROLE = "-c role=unknot_app"


@pytest.mark.parametrize(
    ("url", "host", "port", "name"),
    [
        ("postgresql://ada@db.example/care", "db.example", "", "care"),
        ("postgresql://ada:s3cret@a.example:5432,b.example:5433/care?target_session_attrs=read-write",
         "a.example,b.example", "5432,5433", "care"),
        ("postgresql:///care?host=/run/postgresql", "/run/postgresql", "", "care"),
        ("host=db.example dbname=care user=ada sslmode=verify-full", "db.example", "", "care"),
        ("postgresql://[2001:db8::1]:6432/care", "2001:db8::1", "6432", "care"),
    ],
)  # fmt: skip
def test_every_way_to_write_it(url: str, host: str, port: str, name: str) -> None:
    found = database_settings(url, app_role=True)
    assert (found["HOST"], found["PORT"], found["NAME"]) == (host, port, name)
    assert found["OPTIONS"]["options"] == ROLE


def test_what_libpq_knows_besides_is_passed_on() -> None:
    url = "postgresql://a,b/care?target_session_attrs=read-write&connect_timeout=2&options=-c%20lock_timeout%3D1s"
    options = database_settings(url, app_role=True)["OPTIONS"]
    assert options == {
        "target_session_attrs": "read-write",
        "connect_timeout": "2",
        "options": f"-c lock_timeout=1s {ROLE}",
    }


@pytest.mark.parametrize(
    ("url", "app_role"), [("postgresql://unknot_app@h/care", True), ("postgresql://ada@h/care", False)]
)
def test_no_role_is_taken_where_none_is_needed(url: str, app_role: bool) -> None:
    assert "options" not in database_settings(url, app_role=app_role)["OPTIONS"]


def test_the_way_back_for_postgresql_s_own_programs() -> None:
    url = "postgresql://ada:p%20w@a:1,b:2/care?sslmode=require"
    database = database_settings(url, app_role=False)
    assert psycopg.conninfo.conninfo_to_dict(connection_string(database)) == psycopg.conninfo.conninfo_to_dict(url)


@pytest.mark.parametrize("url", ["postgresql://h/care?no_such_word=1", "http://h/care", "dbname"])
def test_what_can_not_be_read_is_refused(url: str) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        database_settings(url, app_role=True)
