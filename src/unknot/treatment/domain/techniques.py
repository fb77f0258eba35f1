"""Techniques, tools, pressure levels and phases: the words a plan and a note are written in.

Source of names and marks: `techniques.toml` beside this file. Pressure follows the Walton Pressure Scale (name and
numbers with attribution, descriptions in our own words).
"""

import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Technique:
    """One way of working. `walton` is the pressure range it makes sense at; None where pressure is not the point.

    `kind` is `hands`, `movement`, `application` or `test`; `removed_by` are precaution words that take it out.
    """

    slug: str
    name: str
    text: str
    kind: str
    walton: tuple[int, int] | None
    tools: tuple[str, ...]
    removed_by: frozenset[str]
    scope_flag: bool
    mark: str

    def is_removed_by(self, removed: Set[str]) -> bool:
        """True if a precaution names this technique or one of the words that stand for it."""
        return self.slug in removed or not self.removed_by.isdisjoint(removed)


@dataclass(frozen=True, slots=True)
class Tool:
    """What touches the client; `walton` is the pressure range it is used at."""

    slug: str
    name: str
    text: str
    walton: tuple[int, int]


@dataclass(frozen=True, slots=True)
class WaltonLevel:
    """One level, 0 to 5, in our own words."""

    level: int
    name: str
    engages: str
    mechanics: str
    mark: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the session; `techniques` in order of first choice, `walton` the usual range."""

    slug: str
    name: str
    purpose: str
    on_table: bool
    walton: tuple[int, int] | None
    techniques: tuple[str, ...]


def read_data(name: str) -> dict[str, Any]:
    """The packaged table `name` (TOML) beside this module."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def _pair(value: list[int] | None) -> tuple[int, int] | None:
    return (value[0], value[1]) if value else None


_DATA = read_data("techniques.toml")

TECHNIQUES_VERSION: str = _DATA["version"]
WALTON_ATTRIBUTION: str = _DATA["attribution"]["walton"]
TECHNIQUES: Mapping[str, Technique] = MappingProxyType(
    {
        row["slug"]: Technique(
            slug=row["slug"],
            name=row["name"],
            text=row["text"],
            kind=row["kind"],
            walton=_pair(row.get("walton")),
            tools=tuple(row["tools"]),
            removed_by=frozenset(row.get("removed_by", ())),
            scope_flag=row.get("scope_flag", False),
            mark=row["mark"],
        )
        for row in _DATA["technique"]
    }
)
TOOLS: Mapping[str, Tool] = MappingProxyType(
    {
        row["slug"]: Tool(row["slug"], row["name"], row["text"], (row["walton"][0], row["walton"][1]))
        for row in _DATA["tool"]
    }
)
WALTON: tuple[WaltonLevel, ...] = tuple(
    WaltonLevel(row["level"], row["name"], row["engages"], row["mechanics"], row["mark"]) for row in _DATA["walton"]
)
PHASES: Mapping[str, Phase] = MappingProxyType(
    {
        row["slug"]: Phase(
            row["slug"],
            row["name"],
            row["purpose"],
            row["on_table"],
            _pair(row.get("walton")),
            tuple(row.get("techniques", ())),
        )
        for row in _DATA["phase"]
    }
)


def usable_tool(technique: Technique, level: int, removed: Set[str]) -> str | None:
    """The first tool of `technique` that suits pressure `level` (Walton 0-5) and is not removed; None if none does."""
    for slug in technique.tools:
        low, high = TOOLS[slug].walton
        if slug not in removed and low <= level <= high:
            return slug
    return None
