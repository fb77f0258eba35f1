"""Rate limits hold over connections and processes, and when the database does not answer."""

import os
import subprocess
import sys
import threading
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection

from unknot.kernel.ids import new_id
from unknot.web import limits

EVER = 10**10  # seconds: one window for the whole test


@pytest.fixture(autouse=True)
def _as_in_production(settings: Any) -> None:
    settings.UNKNOT_LIMIT_FACTOR = 1


def tries(count: int, who: str, *, limit: int) -> int:
    """How many of so many tries were let through."""
    passed = 0
    for _ in range(count):
        try:
            limits.count("test", who, limit=limit, seconds=EVER)
            passed += 1
        except limits.RateLimitError:
            continue
    return passed


@pytest.mark.django_db(transaction=True)
def test_connections_count_together() -> None:
    who, passed = str(new_id()), []

    def work() -> None:
        try:
            passed.append(tries(10, who, limit=13))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(passed), sum(passed)) == (4, 13)


@pytest.mark.django_db(transaction=True)
def test_processes_count_together() -> None:
    who = str(new_id())
    assert tries(2, who, limit=5) == 2
    script = (
        "import django, sys; django.setup()\n"
        "from django.db import connection\n"
        "from unknot.web import limits\n"
        "passed = 0\n"
        "for _ in range(9):\n"
        "    try:\n"
        f"        limits.count('test', {who!r}, limit=5, seconds={EVER}); passed += 1\n"
        "    except limits.RateLimitError:\n"
        "        pass\n"
        "print(passed)\n"
    )
    name, base = connection.settings_dict["NAME"], os.environ["DATABASE_URL"]
    url = base.replace("/postgres?", f"/{name}?") if "/postgres?" in base else base.rsplit("/", 1)[0] + f"/{name}"
    environment = {**os.environ, "DATABASE_URL": url, "UNKNOT_LIMIT_FACTOR": "1", "PYTHONPATH": "src"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "3"), done.stderr
    assert tries(1, who, limit=5) == 0


@pytest.mark.django_db
def test_without_the_database_this_process_still_counts() -> None:
    def dead(execute: Any, sql: str, *rest: Any) -> Any:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(dead):
        assert tries(9, str(new_id()), limit=4) == 4


@pytest.mark.django_db
def test_windows_and_callers_are_apart() -> None:
    one, other = str(new_id()), str(new_id())
    assert (tries(3, one, limit=2), tries(3, other, limit=2)) == (2, 2)


@pytest.mark.django_db
def test_a_call_over_the_limit_says_when_to_come_back(client: Any, now: datetime) -> None:
    with time_machine.travel(now, tick=False):  # one window
        answers = [client.get("/api/v1/guide") for _ in range(121)]
    statuses = [one.status_code for one in answers]
    refused = next(one for one in answers if one.status_code == 429)
    assert statuses == [200] * 120 + [429]
    assert refused["Content-Type"] == "application/problem+json"
    assert 0 < int(refused["Retry-After"]) <= 60
