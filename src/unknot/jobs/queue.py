"""Enqueue with the transaction, declare jobs, repeat them by the clock.

Arguments are ids only, never health facts or contact data. Every job must stand being run twice.
"""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from unknot.db import tenancy

RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)


def job(name: str, *, retry: bool = True, scoped: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declares a job `<room>.<verb>`. It is called with `practice_id` and the ids it was enqueued with, inside that
    practice's scope (one transaction). Unknown further arguments are dropped, so that old and new code share a queue.

    `scoped=False` is for work that has to commit before it talks to the outside: it opens its own scopes.
    """

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        accepted = function.__code__.co_varnames[: function.__code__.co_argcount + function.__code__.co_kwonlyargcount]

        @wraps(function)
        def run(practice_id: str | None = None, **ids: Any) -> None:
            known = {key: value for key, value in ids.items() if key in accepted}
            practice = UUID(practice_id) if practice_id else None
            if "practice_id" in accepted:
                known["practice_id"] = practice
            with tenancy.scope(practice_id=practice) if scoped else nullcontext():
                function(**known)

        app.task(name=name, retry=RETRIES if retry else False)(run)
        return function

    return declare


def every(cron: str, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declares a job that runs by the clock (cron in UTC), once however many workers there are. It opens its own
    scopes.
    """

    def declare(function: Callable[[], None]) -> Callable[[], None]:
        def run(timestamp: int) -> None:
            del timestamp
            function()

        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(run))
        return function

    return declare


def enqueue(name: str, *, practice_id: UUID, at: datetime | None = None, key: str | None = None, **ids: str) -> bool:
    """Enqueues a job as part of the open transaction: it exists exactly if that commits.

    `at` (UTC) delays it. `key` makes it unique among the jobs still waiting. Returns False if one with that key waits.
    """
    deferrer = app.configure_task(name, schedule_at=at, queueing_lock=key, allow_unknown=True)
    try:
        with transaction.atomic() if key else nullcontext():  # a refused key must not spoil the caller's transaction
            deferrer.defer(practice_id=str(practice_id), **ids)
    except AlreadyEnqueued:
        return False
    return True
