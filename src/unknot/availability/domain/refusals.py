"""Why a start cannot be booked, as a code for programs and a sentence for staff: the rules of `slots`, read aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from unknot.availability.domain.cells import CELL, Busy, cell_of, cells_up, instant_of_cell
from unknot.availability.domain.slots import BUFFER_RULES, SlotQuestionError, check_grid
from unknot.kernel.intervals import Interval, contains
from unknot.kernel.zones import local


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code`: past-notice, past-horizon, off-grid, repeated-hour, closed, taken, their-buffer or own-buffer."""

    code: str
    sentence: str


def why_not(
    start: datetime,
    *,
    windows: Sequence[Interval],
    busy: Iterable[Busy],
    zone: str,
    minutes: int,
    before: int,
    after: int,
    grid_min: int,
    buffer_rule: str = "sum",
    not_before: int | None = None,
    not_after: int | None = None,
) -> Refusal | None:
    """The first rule that `start` (aware) breaks, or None if it can be booked: None exactly for what `starts` offers.

    `windows` merged, in cells; lengths in minutes; bounds in cells, inclusive. Raises `SlotQuestionError`.
    """
    check_grid(grid_min)
    if buffer_rule not in BUFFER_RULES or minutes < 1:
        raise SlotQuestionError
    shown, cell = local(start, zone), cell_of(start)
    if not_before is not None and start < instant_of_cell(not_before):
        return Refusal(
            "past-notice", f"{shown:%H:%M} is too soon: the first start allowed is {_moment(not_before, zone)}."
        )
    if not_after is not None and start > instant_of_cell(not_after):
        return Refusal("past-horizon", f"The diary is open for booking until {_moment(not_after, zone)}.")
    if shown.second or shown.microsecond or (shown.hour * 60 + shown.minute) % grid_min:
        return Refusal("off-grid", f"Visits start every {grid_min} minutes by the clock; {shown:%H:%M} is between two.")
    if shown.fold:
        return Refusal("repeated-hour", f"The clock shows {shown:%H:%M} twice that day; only the first one is booked.")
    end = cell + cells_up(minutes)
    if not contains(windows, cell, end):
        return Refusal("closed", _closed(windows, cell, end, zone))
    return _against_busy(busy, cell, end, cells_up(before), cells_up(after), buffer_rule, zone)


def _against_busy(
    busy: Iterable[Busy], start: int, end: int, before: int, after: int, buffer_rule: str, zone: str
) -> Refusal | None:
    found: list[tuple[int, Refusal]] = []
    for one in busy:
        if one.end_cell <= one.start_cell:
            continue
        full_start, full_end = one.start_cell - one.before, one.end_cell + one.after
        near_start, near_end = (full_start, full_end) if buffer_rule == "sum" else (one.start_cell, one.end_cell)
        visit = f"{_clock(one.start_cell, zone)}–{_clock(one.end_cell, zone)}"
        if start < one.end_cell and one.start_cell < end:
            found.append((0, Refusal("taken", f"The time {visit} is already taken.")))
        elif start < full_end and full_start < end:
            kept = f"{one.before * CELL} minutes before and {one.after * CELL} after it are kept free"
            found.append((1, Refusal("their-buffer", f"That runs into the buffer of {visit}: {kept}.")))
        elif start - before < near_end and near_start < end + after:
            own = f"{before * CELL} minutes before and {after * CELL} after"
            found.append((2, Refusal("own-buffer", f"This visit needs {own}, which runs into {visit}.")))
    return min(found, key=lambda item: item[0])[1] if found else None


def _closed(windows: Sequence[Interval], start: int, end: int, zone: str) -> str:
    day = local(instant_of_cell(start), zone).date()
    near = [
        f"{_clock(opens, zone)}–{_clock(closes, zone)}"
        for opens, closes in windows
        if day in (local(instant_of_cell(opens), zone).date(), local(instant_of_cell(closes), zone).date())
        or (opens < end and start < closes)
    ]
    hours = f"open {', '.join(near)}" if near else "no opening hours that day"
    asked = f"{_clock(start, zone)}–{_clock(end, zone)}"
    return f"{asked} is not wholly inside opening hours ({hours})."


def _clock(cell: int, zone: str) -> str:
    shown = local(instant_of_cell(cell), zone)
    return f"{shown:%H:%M}"


def _moment(cell: int, zone: str) -> str:
    return f"{local(instant_of_cell(cell), zone):%Y-%m-%d %H:%M}"
