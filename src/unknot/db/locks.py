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
    lock_in_order([(kind, ids)])


def lock_in_order(wanted: Iterable[tuple[str, Iterable[UUID]]]) -> None:
    """`lock_all` for several kinds, one after the other as given, in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("locks need a transaction")
    kinds: list[int] = []
    numbers: list[int] = []
    for kind, ids in wanted:
        found = sorted({(one.int >> 32 ^ one.int) & 0xFFFFFFFF for one in ids})
        kinds += [zlib.crc32(kind.encode()) - 2**31] * len(found)
        numbers += [one - 2**31 for one in found]
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(kind, number) FROM unnest(%s::int[], %s::int[]) AS one (kind, number)",
                [kinds, numbers],
            )
