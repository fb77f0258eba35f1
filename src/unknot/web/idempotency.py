"""A repeated request gets the same answer and has one effect."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection

from unknot.kernel.errors import InvalidError
from unknot.web.models import IdempotentAnswer


class KeyReusedError(InvalidError):
    """This Idempotency-Key was used before with another request. Nothing was done; send a new key."""

    code = "idempotency-key-reused"


@dataclass(frozen=True)
class Replay:
    """An answer given before."""

    status: int
    body: Any


def begin(*, who: str, key: str, request: bytes) -> Replay | None:
    """Claims `key` for `who` inside the open transaction; a concurrent twin waits for its end.

    Returns the earlier answer if there is one, None if the work is to be done now (then call `finish`). Raises
    KeyReusedError if the key came with another request before.
    """
    key_hash, request_hash = _hash(f"{who}|{key}".encode()), _hash(request)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_idempotentanswer (key_hash, request_hash, created_at) VALUES (%s, %s, now()) "
            "ON CONFLICT (key_hash) DO NOTHING",
            [key_hash, request_hash],
        )
        fresh = cursor.rowcount == 1
    if fresh:
        return None
    earlier = IdempotentAnswer.objects.get(key_hash=key_hash)
    if earlier.request_hash != request_hash:
        raise KeyReusedError
    return Replay(earlier.status or 200, earlier.body)


def finish(*, who: str, key: str, status: int, body: Any) -> None:
    """Stores the answer in the same transaction as its effect."""
    IdempotentAnswer.objects.filter(key_hash=_hash(f"{who}|{key}".encode())).update(status=status, body=body)


def _hash(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
