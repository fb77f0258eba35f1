"""Identifiers: time-ordered for rows, random for secrets."""

import hashlib
import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): milliseconds first, so that indexes grow at one end; 74 random bits."""
    millis = time.time_ns() // 1_000_000
    value = (millis & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return uuid.UUID(int=value)


def new_secret() -> str:
    """A URL-safe secret of 256 random bits. Store only its `digest`."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: SHA-256 in hex. Enough for 256-bit random secrets; never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
