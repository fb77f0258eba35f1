"""Free gaps packed into bytes, and the first starts in them: what a search reads of a therapist without their rows.

Six bytes a gap. First the edges of all gaps, sorted: start and end in cells after a base cell, 16-bit whole numbers,
little endian. Then, in the same order, the reach for buffers at both edges, a byte each. Sixty days are about eighty
gaps. Gaps that hold no service are left out.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from unknot.availability.domain.cells import CELL
from unknot.availability.domain.slots import Gap, check_grid
from unknot.kernel.zones import clock_runs

SHORTEST = 3
"""Cells. A shorter gap is not kept: no service takes less than a quarter of an hour."""
FURTHEST = 1 << 16
_DAY = 1440 // CELL


def pack(gaps: Iterable[Gap], base_cell: int) -> bytes:
    """The gaps (sorted, as `free_gaps` makes them) that can hold a service, from `base_cell` on. `ValueError` for one
    that starts before it or ends more than 227 days after it.
    """
    edges, reach = array("H"), bytearray()
    for start, end, left, right in gaps:
        if end - start >= SHORTEST:
            if start < base_cell or end - base_cell >= FURTHEST:
                raise ValueError("a gap outside the reach of its base")
            edges.extend((start - base_cell, end - base_cell))
            reach += bytes((left, right))
    if sys.byteorder == "big":
        edges.byteswap()
    return edges.tobytes() + bytes(reach)


def unpack(packed: bytes, base_cell: int) -> list[Gap]:
    """The gaps again, in absolute cells."""
    edges, reach = _parts(packed)
    return [
        (edges[at] + base_cell, edges[at + 1] + base_cell, reach[at], reach[at + 1]) for at in range(0, len(edges), 2)
    ]


def _parts(packed: bytes) -> "tuple[memoryview[int] | array[int], memoryview[int]]":
    """Edges and reach, both two numbers a gap."""
    whole = memoryview(packed)
    middle = len(packed) // 6 * 4
    if sys.byteorder == "little":
        return whole[:middle].cast("H"), whole[middle:]
    edges = array("H", packed[:middle])
    edges.byteswap()
    return edges, whole[middle:]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which starts are looked for: cells from `first` to `last`, both inclusive, and perhaps hours of the day.

    `hours`: (from, before) in minutes after local midnight, half-open.
    """

    first: int
    last: int
    hours: tuple[int, int] | None = None


@lru_cache(maxsize=4096)
def _runs(zone: str, first: int, last: int) -> tuple[tuple[int, int, int], ...]:
    """`clock_runs` in cells: (first, last, cells to add for local time)."""
    runs = []
    for start, end, offset in clock_runs(first * CELL, last * CELL, zone):
        low, high = max(first, -(-start // CELL)), min(last, (end - 1) // CELL)
        if low <= high:
            runs.append((low, high, offset // CELL))
    return tuple(runs)


def first_packed(
    packed: bytes,
    base_cell: int,
    wanted: Wanted,
    *,
    length: int,
    lead: int,
    tail: int,
    grid_min: int,
    zone: str,
    count: int,
) -> list[int]:
    """The first `count` starts (cells) for a service of `length` cells with own buffers `lead` and `tail`, in cells.

    The same starts in the same order as `starts` gives for the unpacked gaps, those in `wanted`.
    """
    check_grid(grid_min)
    if wanted.first > wanted.last or not packed:
        return []
    (edges, reach), step = _parts(packed), grid_min // CELL
    size = len(edges)
    found: list[int] = []
    for low, high, shift in _runs(zone, wanted.first, wanted.last):
        floor, ceiling = low - base_cell, high - base_cell
        local = base_cell + shift
        for at in range(2 * bisect_right(edges[1::2], floor), size, 2):
            start, end, left, right = edges[at], edges[at + 1], reach[at], reach[at + 1]
            if start > ceiling:
                break
            if lead > left:
                start += lead - left
            end -= length if tail <= right else length + tail - right
            start, end = max(start, floor), min(end, ceiling)
            start += -(start + local) % step
            if wanted.hours is not None:
                found += [one + base_cell for one in _by_hours(start, end, step, local, wanted.hours)]
            elif start <= end:
                found += range(start + base_cell, end + base_cell + 1, step)
            if len(found) >= count:
                return found[:count]
    return found


def _by_hours(start: int, end: int, step: int, local: int, hours: tuple[int, int]) -> Iterator[int]:
    """The starts from `start` to `end` at which the clock shows one of these hours."""
    opens, closes = -(-hours[0] // CELL), -(-hours[1] // CELL)
    while start <= end:
        clock = (start + local) % _DAY
        if opens <= clock < closes:
            yield start
            start += step
        else:
            start += (opens - clock) % _DAY or step
            start += -(start + local) % step
