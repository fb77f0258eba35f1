"""Half-open intervals of whole numbers: `(start, end)` holds `start` and everything up to, but not, `end`.

The unit is the caller's (cells of five minutes, minutes, days). A *merged* list is sorted, has no empty member and no
two members that overlap or touch; every function here returns merged lists, and says where it needs them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Interval = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same points as `intervals` (any order, overlaps and empty members allowed), merged."""
    merged: list[Interval] = []
    furthest = -(1 << 62)
    for start, end in sorted(intervals):
        if start > furthest:
            if start < end:
                merged.append((start, end))
                furthest = end
        elif end > furthest:
            merged[-1] = (merged[-1][0], end)
            furthest = end
    return merged


def subtract(whole: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """The points of `whole` that are not in `taken`. Both merged."""
    rest: list[Interval] = []
    at = 0
    for start, end in whole:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        free_from, index = start, at
        while index < len(taken) and taken[index][0] < end:
            if taken[index][0] > free_from:
                rest.append((free_from, taken[index][0]))
            free_from = taken[index][1]
            index += 1
        if free_from < end:
            rest.append((free_from, end))
    return rest


def intersect(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """The points in both. Both merged."""
    both: list[Interval] = []
    left = right = 0
    while left < len(one) and right < len(other):
        start = max(one[left][0], other[right][0])
        end = min(one[left][1], other[right][1])
        if start < end:
            both.append((start, end))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return both


def contains(merged: Sequence[Interval], start: int, end: int) -> bool:
    """True if all of `(start, end)` lies in one member of a merged list."""
    index = bisect_right(merged, start, key=lambda interval: interval[0]) - 1
    return index >= 0 and end <= merged[index][1]
