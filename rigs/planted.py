"""Faults planted on purpose, to see whether the rig finds them. Each gives a WSGI application for the rig's own web
server; nothing of the program is changed but in that process.
"""

import io
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from rigs.crooked_web import application as _real

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_early = threading.local()
LATE_COMMIT_SECONDS = 0.4


def without_locks() -> Application:
    """Nobody locks the diary: what is free is looked up, then written, with time in between."""
    from unknot.booking.actions import diary

    if not hasattr(diary, "lock_in_order"):
        raise RuntimeError("the diary locks in another way now: this control plants nothing")
    diary.lock_in_order = lambda wanted: None
    return _real


def losing_the_last_date() -> Application:
    """A series is said to be booked whole, and its last date is let go without a word."""
    from unknot.booking import actions
    from unknot.booking.models import Appointment

    real = actions.book_series

    def booked(**given: Any) -> Any:
        found = real(**given)
        last = [one.visit.id for one in found.dates if one.visit][-1]
        Appointment.objects.filter(pk=last).update(state="cancelled")
        return found

    actions.book_series = booked
    return _real


def replying_before_commit() -> Application:
    """Answers as soon as the work is done, and commits a moment later."""
    _tell_early()
    return _in_haste


def _in_haste(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith("/api/"):
        return _real(environ, start)
    body = environ["wsgi.input"].read()
    answers: queue.Queue[tuple[str, list[tuple[str, str]], bytes]] = queue.Queue()
    threading.Thread(target=_work, args=(environ | {"wsgi.input": io.BytesIO(body)}, answers)).start()
    status, headers, content = answers.get(timeout=60)
    start(status, headers)
    return [content]


def _work(environ: dict[str, Any], answers: "queue.Queue[tuple[str, list[tuple[str, str]], bytes]]") -> None:
    from django.db import connections

    _early.answers = answers
    seen: list[Any] = []
    try:
        response = _real(environ, lambda status, headers, *_: seen.extend([status, headers]))
        content = b"".join(response)
        response.close()  # type: ignore[attr-defined]
        answers.put((seen[0], seen[1], content))
    except Exception:  # noqa: BLE001 - the writer is to see what a client would
        answers.put(("500 Internal Server Error", [], b""))
    finally:
        _early.answers = None
        connections.close_all()


def _tell_early() -> None:
    from unknot.web import api

    finish = api.idempotency.finish

    def told(*, who: str, key: str, status: int, body: Any) -> None:
        finish(who=who, key=key, status=status, body=body)
        if getattr(_early, "answers", None) is not None:
            content = json.dumps(body).encode()
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
            _early.answers.put((f"{status} Early", headers, content))
            time.sleep(LATE_COMMIT_SECONDS)

    api.idempotency.finish = told  # type: ignore[assignment]
