"""The plan beside what was done: part by part, in the plan's order."""

from collections.abc import Iterable
from dataclasses import dataclass

from .note import SegmentDone
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Compared:
    """One part as planned and as done; minutes are whole. `planned` is 0 for a part that was not in the plan, `done` 0
    for one that was left out. `how` is as_planned, longer, shorter, left_out or added."""

    part: SegmentDone
    planned: int
    done: int
    planned_level: int | None
    done_level: int | None

    @property
    def how(self) -> str:
        """In one word what became of the part."""
        if not self.done:
            return "left_out"
        if not self.planned:
            return "added"
        return "as_planned" if self.done == self.planned else "longer" if self.done > self.planned else "shorter"

    @property
    def other_level(self) -> bool:
        """True if another pressure was used than planned."""
        return bool(self.done and self.planned) and self.planned_level != self.done_level


def compared(plan: Plan, done: Iterable[SegmentDone]) -> tuple[Compared, ...]:
    """Every part of the plan and of what was done, once each: the planned minutes sum to the plan's, the done ones to
    what was done."""
    by_key = {part.key: part for part in done}
    rows = []
    for s in plan.segments:
        part = by_key.pop(s.key, None)
        shown = part or SegmentDone(
            s.key, s.phase, s.region, s.laterality, s.technique, s.tool, s.walton_max, 0, s.position
        )
        rows.append(Compared(shown, s.minutes, shown.minutes, s.walton_max, shown.walton if shown.minutes else None))
    rows.extend(Compared(part, 0, part.minutes, None, part.walton) for part in by_key.values() if part.minutes)
    return tuple(rows)
