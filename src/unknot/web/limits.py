"""Rate limits that hold across processes: counters in the database, written outside the request's transaction."""

import hashlib
import time
from collections import Counter

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest

from unknot.kernel.errors import TooManyError

_here: Counter[tuple[str, int]] = Counter()


class RateLimitError(TooManyError):
    """Too many requests from here in a short time. Nothing was lost; wait a minute and try again."""

    code = "rate-limited"


def caller(request: HttpRequest) -> str:
    """Who is counted: the signed-in account, else the network address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"account:{user.pk}"
    address = request.META.get("REMOTE_ADDR", "")
    if settings.UNKNOT_TRUSTED_PROXIES and address in settings.UNKNOT_TRUSTED_PROXIES:
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).split(",")[-1].strip()
    return f"address:{address}"


def count(action: str, who: str, *, limit: int, seconds: int) -> None:
    """Counts one try of `action` by `who`; raises RateLimitError beyond `limit` in a window of `seconds`.

    Must run outside a transaction, so that a refused request is counted too. If the database does not answer, this
    process still counts by itself: the limit fails closed, not open.
    """
    window = int(time.time()) // seconds
    key = hashlib.sha256(f"{action}|{who}|{seconds}".encode()).hexdigest()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                'INSERT INTO web_ratecounter (key_hash, "window", count) VALUES (%s, %s, 1) '
                'ON CONFLICT (key_hash, "window") DO UPDATE SET count = web_ratecounter.count + 1 RETURNING count',
                [key, window],
            )
            tries = cursor.fetchone()[0]
    except DatabaseError:
        _here[key, window] += 1
        tries = _here[key, window]
    if tries > limit * settings.UNKNOT_LIMIT_FACTOR:
        raise RateLimitError(extra={"retry_after": seconds - int(time.time()) % seconds})
