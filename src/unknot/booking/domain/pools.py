"""Things that several visits can use at once: tables of a room, pieces of kit of one kind.

A pool has units. A visit takes one unit from the beginning of its set-up to the end of its clean-up, whatever the
practice's buffer rule. There is room for one more exactly where at every minute fewer visits than units overlap; that a
visit has to change its unit for it does not matter to anybody, as long as it has not begun.

Why going through the visits by their start and giving each any unit that is free then always works where the count
allows it: at the start of a visit only those that overlap it hold a unit, and they are fewer than there are units.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Use:
    """A visit's hold on a unit, [start, end) in whole steps of time."""

    visit: UUID
    unit: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Taking:
    """A unit for one more visit, and the visits that change theirs for it."""

    unit: int
    moves: dict[UUID, int]


def full_stretches(uses: Iterable[Use], units: int) -> list[Interval]:
    """Where as many visits as there are units (or more) overlap: merged, sorted, half-open."""
    edges = sorted([(one.start, 1) for one in uses] + [(one.end, -1) for one in uses if one.end > one.start])
    found: list[Interval] = []
    count, since = 0, None
    for at, change in edges:
        count += change
        if count >= units and since is None:
            since = at
        elif count < units and since is not None:
            if at > since:
                found.append((since, at))
            since = None
    return _joined(found)


def _joined(sorted_stretches: list[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for start, end in sorted_stretches:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def take(start: int, end: int, uses: Sequence[Use], units: Sequence[int]) -> Taking | None:
    """A unit for one more visit in [start, end), or None where too many overlap.

    Visits that began before `start` keep their unit. Units that are no longer in the pool still count while they are
    used.
    """
    if any(since < end and start < until for since, until in full_stretches(uses, len(units))):
        return None
    held = {one.unit for one in uses if one.start < end and start < one.end}
    free = [unit for unit in units if unit not in held]
    if free:
        return Taking(free[0], {})
    return _rearranged(start, end, uses, units)


def _rearranged(start: int, end: int, uses: Sequence[Use], units: Sequence[int]) -> Taking | None:
    """Gives units anew to every visit from `start` on, by start, until all hold their own again."""
    until = dict.fromkeys(units, start)
    for one in uses:
        if one.start < start < one.end:
            unit = one.unit if one.unit in until else next(unit for unit in units if until[unit] <= start)
            until[unit] = one.end
    own = next(unit for unit in units if until[unit] <= start)
    until[own], astray = end, {own: end}
    moves: dict[UUID, int] = {}
    for one in sorted((one for one in uses if one.start >= start), key=lambda one: (one.start, one.end)):
        astray = {unit: ends for unit, ends in astray.items() if ends > one.start}
        if not astray:
            break
        free = [unit for unit in units if until[unit] <= one.start]
        if not free:
            return None
        unit = one.unit if one.unit in free else free[0]
        until[unit] = one.end
        if unit != one.unit:
            moves[one.visit] = unit
            astray[unit] = one.end
    return Taking(own, moves)
