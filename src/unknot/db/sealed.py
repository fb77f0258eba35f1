"""Fields whose content the database never sees in the clear (notes, health answers).

AES-256-GCM. A key per practice is derived from the master key, which lives outside the database. The row, the table
and the column are part of what is authenticated: a ciphertext moved elsewhere does not open.
"""

import json
import os
from base64 import b64decode
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

VERSION = b"\x01"
NONCE = 12


@lru_cache(maxsize=4096)
def _practice_key(master: str, practice_id: UUID) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=practice_id.bytes, info=b"unknot sealed field v1")
    return AESGCM(derive.derive(b64decode(master)))


def seal(value: Any, *, practice_id: UUID, place: str) -> bytes:
    """Encrypts a JSON value for one `place` (`table.column:row id`) of a practice."""
    nonce = os.urandom(NONCE)
    clear = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = _practice_key(settings.UNKNOT_MASTER_KEY, practice_id).encrypt(nonce, clear, place.encode())
    return VERSION + nonce + sealed


def unseal(blob: bytes, *, practice_id: UUID, place: str) -> Any:
    """Opens what `seal` made. Raises cryptography's InvalidTag if it was changed or moved."""
    if blob[:1] != VERSION:
        raise ValueError("a sealed value of an unknown version")
    nonce, sealed = blob[1 : 1 + NONCE], blob[1 + NONCE :]
    return json.loads(_practice_key(settings.UNKNOT_MASTER_KEY, practice_id).decrypt(nonce, sealed, place.encode()))


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A JSON value, sealed at rest, plain on the instance. The model needs `practice_id` and a key set before
    saving.
    """

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, name, _Opened(name))

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        return seal(value, practice_id=model_instance.practice_id, place=_place(model_instance, self.attname))  # type: ignore[attr-defined]


def _place(row: models.Model, name: str) -> str:
    return f"{row._meta.db_table}.{name}:{row.pk}"


class _Opened:
    """Opens the ciphertext the first time somebody looks."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Any:
        if row is None:
            return self
        if self.name not in row.__dict__:
            row.refresh_from_db(fields=[self.name])
        value = row.__dict__[self.name]
        if isinstance(value, bytes | memoryview):
            value = unseal(bytes(value), practice_id=row.practice_id, place=_place(row, self.name))  # type: ignore[attr-defined]
            row.__dict__[self.name] = value
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.name] = value
