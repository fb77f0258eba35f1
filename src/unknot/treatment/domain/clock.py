"""Where a running session stands: which part, how long, what next. Times are the server's: a reload loses nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .comfort import SegmentSpan
from .note import SegmentDone
from .plan import Plan, Segment


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the plan on the clock. Seconds count from the start of the session; `state` done, current or todo."""

    segment: Segment
    state: str
    from_seconds: int
    to_seconds: int


@dataclass(frozen=True, slots=True)
class SessionClock:
    """The session at one moment. `left_here` and `left` are seconds and turn negative when time is overrun."""

    elapsed: int
    booked: int
    steps: tuple[Step, ...]
    left_here: int
    left: int

    @property
    def current(self) -> Step | None:
        """The part under the hands."""
        return next((step for step in self.steps if step.state == "current"), None)

    @property
    def following(self) -> Step | None:
        """The part after it."""
        return next((step for step in self.steps if step.state == "todo"), None)

    @property
    def previous(self) -> Step | None:
        """The part before it, to go back to."""
        before = None
        for step in self.steps:
            if step.state == "current":
                return before
            before = step
        return None


def clock(plan: Plan, spans: Sequence[SegmentSpan], started_at: datetime, now: datetime) -> SessionClock:
    """The clock of a session that began at `started_at`: parts before the current one are done, it runs until told.

    `spans` in the order in which they began; the open one is current, else the last. Parts still to come follow one
    after the other, each with its planned minutes. Times are aware.
    """
    elapsed = max(0, int((now - started_at).total_seconds()))
    latest = next((span for span in spans if span.ended_at is None), spans[-1] if spans else None)
    order = [segment.key for segment in plan.segments]
    at = order.index(latest.key) if latest and latest.key in order else len(order)
    starts = {span.key: int((span.started_at - started_at).total_seconds()) for span in spans}
    ends = {span.key: int((span.ended_at - started_at).total_seconds()) for span in spans if span.ended_at}
    steps: list[Step] = []
    cursor = 0
    for i, segment in enumerate(plan.segments):
        if i < at:
            begin = starts.get(segment.key, cursor)
            steps.append(Step(segment, "done", begin, ends.get(segment.key, begin)))
            cursor = max(cursor, ends.get(segment.key, begin))
        elif i == at:
            begin = starts[segment.key]
            steps.append(Step(segment, "current", begin, begin + segment.minutes * 60))
            cursor = max(begin + segment.minutes * 60, elapsed)
        else:
            steps.append(Step(segment, "todo", cursor, cursor + segment.minutes * 60))
            cursor += segment.minutes * 60
    here = next((step for step in steps if step.state == "current"), None)
    booked = plan.minutes * 60
    return SessionClock(elapsed, booked, tuple(steps), here.to_seconds - elapsed if here else 0, booked - elapsed)


def done_from(plan: Plan, spans: Iterable[SegmentSpan], ended_at: datetime) -> tuple[SegmentDone, ...]:
    """What was really done, in the plan's order: whole minutes per part (half a minute counts), skipped parts left out.

    Levels are the planned ones until the therapist corrects them in the note.
    """
    seconds: dict[str, float] = {}
    for span in spans:
        length = ((span.ended_at or ended_at) - span.started_at).total_seconds()
        seconds[span.key] = seconds.get(span.key, 0) + max(0.0, length)
    done = []
    for segment in plan.segments:
        minutes = int(seconds.get(segment.key, 0) / 60 + 0.5)
        if minutes:
            done.append(
                SegmentDone(
                    key=segment.key,
                    phase=segment.phase,
                    region=segment.region,
                    laterality=segment.laterality,
                    technique=segment.technique,
                    tool=segment.tool,
                    walton=segment.walton_max,
                    minutes=minutes,
                    position=segment.position,
                )
            )
    return tuple(done)
