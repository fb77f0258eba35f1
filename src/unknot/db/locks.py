"""Advisory locks: what is consumed is locked once, in sorted order, before anything is read."""

import zlib
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction


def lock_all(kind: str, ids: Iterable[UUID]) -> None:
    """Takes transaction-level locks on all `ids` of a `kind` (for example therapists), in one order for everybody.

    A statement of its own, so that the next statement reads what the previous holder committed (READ COMMITTED). Must
    run inside a transaction. Waits at most the session's `lock_timeout`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("lock_all needs a transaction")
    numbers = sorted({(one.int >> 32 ^ one.int) & 0xFFFFFFFF for one in ids})
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number",
                [zlib.crc32(kind.encode()) - 2**31, [one - 2**31 for one in numbers]],
            )
