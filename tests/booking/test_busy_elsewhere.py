"""The function that looks over the walls works for any owner of the tables, and opens nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import ProgrammingError, connection, transaction

from unknot.booking import queries
from unknot.booking.queries.board import busy_elsewhere
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy

migration = import_module("unknot.booking.migrations.0004_busy_elsewhere")


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def plain_owner(db: None) -> None:
    """The table belongs to a role that is no superuser, which made the function by itself."""
    run(
        "SET LOCAL ROLE none",
        "CREATE ROLE unknot_plain_owner NOLOGIN NOSUPERUSER NOBYPASSRLS",
        "GRANT USAGE, CREATE ON SCHEMA public TO unknot_plain_owner",
        "GRANT unknot_app TO unknot_plain_owner",
        migration.UNDO,
        "ALTER TABLE booking_appointment OWNER TO unknot_plain_owner",
        "SET LOCAL ROLE unknot_plain_owner",
        migration.FUNCTION,
        "SET LOCAL ROLE unknot_app",
    )


def test_it_works_for_a_plain_owner(
    river: Stage, hands: Stage, book: Callable[..., queries.VisitFacts], plain_owner: None, now: datetime
) -> None:
    with tenancy.scope(practice_id=river.practice.id):
        visit = book()
    week = (now, now + timedelta(days=7))
    with tenancy.scope(practice_id=hands.practice.id):
        found = busy_elsewhere([visit.practitioner_id], *week)
        assert found == [(visit.practitioner_id, visit.starts_at, visit.ends_at + timedelta(minutes=15))]
        assert busy_elsewhere([hands.therapists["lin-zhou"].account_id], *week) == []
    with tenancy.scope(practice_id=river.practice.id):
        assert busy_elsewhere([visit.practitioner_id], *week) == []


def test_the_owner_s_policy_is_not_the_application_s(
    river: Stage, book: Callable[..., queries.VisitFacts], plain_owner: None
) -> None:
    with tenancy.scope(practice_id=river.practice.id):
        book()
    with tenancy.scope(), connection.cursor() as cursor:
        for role, count in [("unknot_plain_owner", 1), ("unknot_app", 0)]:
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute("SELECT count(*) FROM booking_appointment")
            assert cursor.fetchone() == (count,)


def test_strangers_may_not_call_it(db: None) -> None:
    run("SET LOCAL ROLE none", "CREATE ROLE unknot_stranger NOLOGIN", "SET LOCAL ROLE unknot_stranger")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run("SELECT * FROM booking_busy_elsewhere(ARRAY[]::uuid[], now(), now())")
    run("SET LOCAL ROLE unknot_app")
