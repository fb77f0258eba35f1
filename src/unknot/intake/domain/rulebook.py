"""Packaged rule files: one TOML file per rule set and version (`guide-2026.1.toml`), read once at import.

A stored result names its version, so an old file is never edited or removed; a change of rules is a new file.
"""

import tomllib
from importlib.resources import files
from typing import Any

from unknot.kernel.errors import InvalidError

MARKS = ("V", "V-", "K", "P")
"""Confidence marks: verified, weakly sourced, general knowledge (unverified), our own proposal."""


class UnknownRulesVersionError(InvalidError):
    """There is no rule set with this version. Nothing was worked out; name one of the versions that exist."""

    code = "unknown-rules-version"

    def __init__(self, kind: str, version: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no {kind} rule set with version {version[:40]!r}. Known versions: {', '.join(known)}.",
            field="rules_version",
            extra={"known": list(known)},
        )


def version_key(version: str) -> tuple[int, ...]:
    """Order versions by number (`2026.10` comes after `2026.9`)."""
    return tuple(int(part) for part in version.split("."))


def rule_files(kind: str) -> dict[str, dict[str, Any]]:
    """Every packaged rule file of one kind (`guide`, `screening`), by version, oldest first.

    The file name has to agree with the `version` inside; a mismatch is a packaging fault and raises ValueError.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in files("unknot.intake.domain").joinpath("data").iterdir():
        if not (entry.name.startswith(f"{kind}-") and entry.name.endswith(".toml")):
            continue
        content = tomllib.loads(entry.read_text(encoding="utf-8"))
        version = entry.name.removeprefix(f"{kind}-").removesuffix(".toml")
        if content["version"] != version:
            raise ValueError(f"{entry.name} says version {content['version']!r}")
        found[version] = content
    return dict(sorted(found.items(), key=lambda item: version_key(item[0])))


def read_mark(mark: str, where: str) -> str:
    """Return the confidence mark, or raise ValueError naming the row that has a wrong one."""
    if mark not in MARKS:
        raise ValueError(f"{where}: confidence mark {mark!r} is not one of {MARKS}")
    return mark
