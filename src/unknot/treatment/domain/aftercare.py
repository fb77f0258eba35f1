"""The sheet after a session: what was done, and advice that the evidence carries.

Lines are versioned data (`aftercare.toml`) with a mark and a source; a line that names a region or a way of working
is used only if that was really done. Source: clinical reference 3c, 4.4, 6.3.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .allocation import REGIONS
from .note import SegmentDone
from .techniques import TECHNIQUES, WALTON, read_data

MARKS = {
    "V": "Checked against its source",
    "V-": "From small or secondary sources",
    "K": "General knowledge, not checked against a source",
    "P": "Our own suggestion",
}
SECTIONS = ("today", "expect", "evidence", "contact")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whom to call where the practice is."""

    emergency: str = "911"
    advice_line: str = "811"


@dataclass(frozen=True, slots=True)
class Statement:
    """One line with its conditions; empty conditions are always met."""

    key: str
    section: str
    text: str
    mark: str
    source: str
    regions: frozenset[str] = frozenset()
    techniques: frozenset[str] = frozenset()
    level_min: int = 0
    level_max: int = 5
    first: bool = False


@dataclass(frozen=True, slots=True)
class AftercareLine:
    """One line of a sheet, with how sure it is (V, V-, K, P) and where it comes from."""

    key: str
    section: str
    text: str
    mark: str
    source: str

    @property
    def sure(self) -> str:
        """The mark in words."""
        return MARKS[self.mark]


@dataclass(frozen=True, slots=True)
class AftercareSheet:
    """`done` says what was done, `advice` what follows from it, `safety` the warning signs that are always shown."""

    done: tuple[str, ...]
    advice: tuple[AftercareLine, ...]
    safety: tuple[AftercareLine, ...]
    rules_version: str

    def section(self, name: str) -> tuple[AftercareLine, ...]:
        """The advice of one of `SECTIONS`, in order."""
        return tuple(line for line in self.advice if line.section == name)


def _statement(row: dict[str, Any]) -> Statement:
    lists: dict[str, Any] = {name: frozenset(row[name]) for name in ("regions", "techniques") if name in row}
    return Statement(**{**row, **lists})


_DATA = read_data("aftercare.toml")
AFTERCARE_VERSION: str = _DATA["version"]
STATEMENTS: tuple[Statement, ...] = tuple(_statement(row) for row in _DATA["statement"])
SAFETY: tuple[AftercareLine, ...] = tuple(AftercareLine(section="safety", **row) for row in _DATA["safety"])
FORBIDDEN: tuple[str, ...] = tuple(_DATA["forbidden"]["beginnings"])
_FORBIDDEN = re.compile(r"\b(?:" + "|".join(re.escape(word) for word in FORBIDDEN) + ")", re.IGNORECASE)


def forbidden_in(text: str) -> tuple[str, ...]:
    """Beginnings of claims in `text` that the evidence does not carry, lower-cased, in order of appearance."""
    return tuple(match.lower() for match in _FORBIDDEN.findall(text))


def done_lines(done: Iterable[SegmentDone]) -> tuple[str, ...]:
    """One plain line per region worked on: minutes, ways of working, highest level. Zero minutes were not done."""
    by_region: dict[str, list[SegmentDone]] = {}
    for segment in done:
        if segment.region and segment.minutes > 0 and segment.technique and segment.phase != "reassess":
            by_region.setdefault(segment.region, []).append(segment)
    lines = []
    for region, segments in by_region.items():
        ways = ", ".join(dict.fromkeys(TECHNIQUES[s.technique].name for s in segments if s.technique))
        sides = {s.laterality for s in segments if s.phase == "focus" and s.laterality in {"left", "right"}}
        side = f" ({sides.pop()} side mostly)" if len(sides) == 1 else ""
        level = max((s.walton for s in segments if s.walton is not None), default=None)
        pressure = f", up to level {level} ({WALTON[level].name})" if level is not None else ""
        name = REGIONS[region].name
        minutes = sum(s.minutes for s in segments)
        lines.append(f"{name[0].upper()}{name[1:]}{side}: {minutes} min, {ways}{pressure}.")
    return tuple(lines)


def _applies(statement: Statement, regions: set[str], techniques: set[str], level: int, *, first: bool) -> bool:
    return (
        (not statement.regions or not statement.regions.isdisjoint(regions))
        and (not statement.techniques or not statement.techniques.isdisjoint(techniques))
        and statement.level_min <= level <= statement.level_max
        and (first or not statement.first)
    )


def assemble(
    done: Iterable[SegmentDone], *, first_visit: bool = False, numbers: Numbers | None = None
) -> AftercareSheet:
    """The sheet for what was really done (zero minutes = not done). Never names a region or technique beyond that."""
    real = [s for s in done if s.minutes > 0 and s.phase != "reassess"]
    regions = {s.region for s in real if s.region}
    techniques = {s.technique for s in real if s.technique}
    level = max((s.walton for s in real if s.walton is not None), default=0)
    chosen = [s for s in STATEMENTS if _applies(s, regions, techniques, level, first=first_visit)]
    chosen.sort(key=lambda s: SECTIONS.index(s.section))
    call = numbers or Numbers()
    return AftercareSheet(
        done=done_lines(real),
        advice=tuple(AftercareLine(s.key, s.section, s.text, s.mark, s.source) for s in chosen),
        safety=tuple(
            AftercareLine(
                line.key,
                line.section,
                line.text.format(emergency=call.emergency, advice_line=call.advice_line),
                line.mark,
                line.source,
            )
            for line in SAFETY
        ),
        rules_version=AFTERCARE_VERSION,
    )
