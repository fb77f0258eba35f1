"""Jobs exist exactly if their transaction commits, run inside their practice, and outlive a killed worker."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app

from unknot.db import tenancy
from unknot.jobs.jobs import rescue
from unknot.jobs.queue import enqueue, job

pytestmark = pytest.mark.django_db(transaction=True)
PRACTICE = uuid4()
SEEN: list[tuple[Any, ...]] = []


@job("tests.look", retry=False)
def look(practice_id: UUID, visit_id: str) -> None:
    """Notes what it was given and where it stands."""
    scope = tenancy.current()
    SEEN.append((practice_id, visit_id, scope.practice_id if scope else None, connection.in_atomic_block))


@pytest.fixture(autouse=True)
def _empty() -> None:
    SEEN.clear()


def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall()) if cursor.description else []


def waiting() -> int:
    return int(rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")[0][0])


def test_no_test_leaves_anything_in_the_queue_for_the_next() -> None:
    """What Django empties after a test like these has to include every table of the queue, which it doesn't know."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    queue = {name for name in there if name.startswith("procrastinate_")}
    assert "procrastinate_jobs" in queue
    with transaction.atomic():
        enqueue("tests.look", practice_id=PRACTICE, visit_id="1")
    rows("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert waiting() == 1
    call_command("flush", interactive=False, inhibit_post_migrate=True, reset_sequences=False, verbosity=0)
    left = {name: rows(f"SELECT count(*) FROM {name}")[0][0] for name in queue}  # noqa: S608 - names of tables
    assert left == dict.fromkeys(queue, 0)


def test_rolled_back_there_is_none_and_committed_there_is_one() -> None:
    with transaction.atomic():
        enqueue("tests.look", practice_id=PRACTICE, visit_id="1")
        transaction.set_rollback(True)
    assert waiting() == 0
    with transaction.atomic():
        enqueue("tests.look", practice_id=PRACTICE, visit_id="1")
    assert waiting() == 1


def test_a_key_waits_once_and_a_refused_one_spoils_nothing() -> None:
    with transaction.atomic():
        assert enqueue("tests.look", practice_id=PRACTICE, key="look-1", visit_id="1") is True
        assert enqueue("tests.look", practice_id=PRACTICE, key="look-1", visit_id="1") is False
        assert enqueue("tests.look", practice_id=PRACTICE, visit_id="2") is True
    assert waiting() == 2


def test_a_job_for_later_says_when() -> None:
    at = datetime.now(UTC) + timedelta(hours=3)
    enqueue("tests.look", practice_id=PRACTICE, at=at, visit_id="1")
    assert rows("SELECT scheduled_at FROM procrastinate_jobs") == [(at,)]


def test_it_runs_in_its_practice_and_drops_words_it_does_not_know() -> None:
    app.tasks["tests.look"](practice_id=str(PRACTICE), visit_id="7", added_by_newer_code="x")
    assert SEEN == [(PRACTICE, "7", PRACTICE, True)]


@pytest.mark.parametrize(("silent", "status"), [(5, "doing"), (300, "todo")])
def test_what_a_killed_worker_left_is_taken_up_again(silent: int, status: str) -> None:
    enqueue("tests.look", practice_id=PRACTICE, visit_id="1")
    [(worker,)] = rows(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
        silent,
    )
    rows("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", worker)
    asyncio.run(_rescue())
    assert rows("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'tests.look'") == [(status,)]


async def _rescue() -> None:
    await rescue(None, 0)
    await sync_to_async(connections.close_all)()  # those of the loop's own thread
