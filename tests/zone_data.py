"""Other zone data than the package's: the releases of 2026 as they were, and a tomorrow that nobody knows yet."""

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from unknot.availability.domain import opening, packed
from unknot.kernel import zones

RELEASES = Path(__file__).with_name("zone_releases")
CHANGED_IN = {
    "America/Vancouver": "2026b",
    "America/Edmonton": "2026c",
    "Africa/Casablanca": "2026c",
    "America/Inuvik": "2026d",
    "America/Winnipeg": "2026e",
}
"""The zones of the matrix that a release of 2026 gave another law, and which one it was."""


def release(version: str) -> dict[str, bytes]:
    """The zones that this release (2025b to 2026e) describes differently from today's, as their files stood in it."""
    return {
        name: (RELEASES / f"{name.partition('/')[2]}.tzif").read_bytes()
        for name, changed in CHANGED_IN.items()
        if version < changed
    }


DATA_2025B = release("2025b")


def tzif(rule: str) -> bytes:
    """A TZif file (RFC 8536, version 2) of a zone that always followed one POSIX rule."""
    first = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"LMT\0"
    return first + first + b"\n" + rule.encode() + b"\n"


def fixed(minutes: int) -> str:
    """The POSIX rule of a clock that always stands so many minutes east of UTC."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes > 0 else ""  # POSIX counts to the west
    return f"<X>{sign}{hours}:{rest:02}"


class _Files:
    """The folder of the package, with some zones replaced."""

    def __init__(self, real: Any, rules: Mapping[str, str | bytes]) -> None:
        self.real, self.rules = real, rules

    def joinpath(self, *parts: str) -> Any:
        name = "/".join(parts[1:])
        if parts[0] == "zoneinfo" and name in self.rules:
            rule = self.rules[name]
            return SimpleNamespace(open=lambda mode: io.BytesIO(rule if isinstance(rule, bytes) else tzif(rule)))
        return self.real.joinpath(*parts)


def _forget() -> None:
    """Everything that was worked out from other data."""
    for module in (zones, opening, packed):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@contextmanager
def zone_data(version: str, rules: Mapping[str, str | bytes]) -> Iterator[None]:
    """The program runs by this release, in which some zones follow other rules (POSIX) or files (TZif)."""
    real = zones.files("tzdata")
    with (
        patch.object(zones, "files", lambda package: _Files(real, rules)),
        patch.object(zones, "import_module", lambda name: SimpleNamespace(IANA_VERSION=version)),
    ):
        _forget()
        try:
            yield
        finally:
            _forget()


assert import_module("tzdata").IANA_VERSION >= zones.OLDEST_DATA  # what the tests compare with
