"""Pages of the loop: CPU per request against a trivial view of the same stack, queries, bytes.

Requests go through the whole WSGI handler and middleware in this process, so that CPU time is ours alone; both
contestants are called in turn.
"""

import statistics
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

Row = dict[str, Any]

PUBLIC = {
    "front": "/",
    "practice": "/p/riverbend/",
    "guide": "/p/riverbend/guide/",
    "screening": "/p/riverbend/screening/",
    "choose": "/p/riverbend/book/",
    "times": "/p/riverbend/book/times/?service=therapeutic-60",
    "find": "/find/?lat=53.54&lon=-113.49&service=therapeutic&minutes=60",
    "slots-api": "/api/v1/practices/riverbend/slots?service=therapeutic-60&from={today}&to={later}",
}
CLIENT = {"my-visits": "/p/riverbend/my/", "progress": "/p/riverbend/my/progress/"}
DESK = {"day": "/p/riverbend/desk/day/"}


def rows(n: int) -> list[Row]:
    """Rows for every page: `page:<name>` (ms CPU, ratio to the trivial view), `queries:<name>`, `bytes:<name>`."""
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.now().date()
    dates = {"today": today.isoformat(), "later": (today + timedelta(days=14)).isoformat()}
    found: list[Row] = []
    for browser, pages in (
        (Client(), PUBLIC),
        (_signed_in("tomasz@clients.example"), CLIENT),
        (_signed_in("maren@riverbend.example"), DESK),
    ):
        for name, path in pages.items():
            found += _measure(browser, name, path.format(**dates), n)
    return found


def _signed_in(email: str) -> Client:
    browser = Client()
    account = get_user_model().objects.get(email=email)
    browser.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = browser.session
    session["account_authentication_methods"] = [{"method": "demo", "at": 0}]
    session.save()
    return browser


def _measure(browser: Client, name: str, path: str, n: int) -> list[Row]:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"bench: {path} answered {answer.status_code}; nothing to measure")
    with CaptureQueriesContext(connection) as captured:
        size = len(browser.get(path).content)
    statements = len(captured)  # now: the next request empties the log
    ours, peer = [], []
    for _ in range(n):
        ours.append(_cpu(browser, path))
        peer.append(_cpu(browser, "/healthz"))
    mine, theirs = statistics.median(ours) * 1000, statistics.median(peer) * 1000
    return [
        {"name": f"page:{name}", "unit": "ms CPU", "ours": mine, "peer": theirs, "ratio": mine / theirs, "n": n},
        {"name": f"queries:{name}", "unit": "statements", "ours": statements, "peer": None, "ratio": None, "n": 1},
        {"name": f"bytes:{name}", "unit": "bytes", "ours": size, "peer": None, "ratio": None, "n": 1},
    ]


def _cpu(browser: Client, path: str) -> float:
    began = time.process_time()
    browser.get(path)
    return time.process_time() - began
