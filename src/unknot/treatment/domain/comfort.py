"""The silent comfort channel: what the client signalled during the session and what the therapist still owes.

A pure fold over events that may arrive late, twice or from a phone with a wrong clock: order is the server's
(`received_at`, then `sequence`), repeats are dropped by id, the phone's time is kept but never used for order. Which
part a late tap belongs to, and how long it waited, go by when it happened (`moments.happened_at`).
Source: clinical reference 4.3 (rules 2 and 5, stop rules).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LIGHTER_IN_SEGMENT = 2
LIGHTER_IN_SESSION = 3


class Signal(StrEnum):
    """What a client can say without speaking."""

    LIGHTER = "lighter"
    SAME = "same"
    DEEPER = "deeper"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class ComfortEvent:
    """One tap. `id` is made by the phone and is the same when the tap is sent again; times are UTC.

    `happened_at` is the server's reckoning for a tap that waited for the line, None for one received as it was made.
    `spoken` was said aloud and written down by the therapist: it needs no answer.
    """

    id: str
    signal: Signal
    client_at: datetime
    received_at: datetime
    sequence: int = 0
    happened_at: datetime | None = None
    spoken: bool = False

    @property
    def at(self) -> datetime:
        """When it was meant."""
        return self.happened_at or self.received_at

    @property
    def needs_answer(self) -> bool:
        """True for a press that asks for a change; "just right" and what was said aloud ask for none."""
        return self.signal is not Signal.SAME and not self.spoken

    @property
    def order(self) -> tuple[datetime, int, str]:
        """The place of the event among others."""
        return (self.received_at, self.sequence, self.id)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The therapist has seen the event `event_id` and acted, at `at` (UTC, server time)."""

    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SegmentSpan:
    """When a segment really ran, half-open [started_at, ended_at); `at_cap` says that no more pressure is allowed."""

    key: str
    started_at: datetime
    ended_at: datetime | None = None
    region: str | None = None
    at_cap: bool = False

    def holds(self, at: datetime) -> bool:
        """True if `at` lies in this span."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A line for the therapist. `kind`: stop, lighter_segment, lighter_session, at_cap."""

    kind: str
    text: str
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class ComfortState:
    """Where the session stands.

    `wish` is the signal that holds now (`stop` until acknowledged); `unacknowledged` event ids in order;
    `too_much_count` counts lighter and stop; `adjust_seconds` pairs each answered lighter, deeper or stop with the
    seconds until it was acknowledged; `lower_regions` are where the client asked for less.
    """

    wish: Signal | None
    unacknowledged: tuple[str, ...]
    stop_active: bool
    too_much_count: int
    lighter_count: int
    deeper_count: int
    prompts: tuple[Prompt, ...]
    adjust_seconds: tuple[tuple[str, float], ...]
    lower_regions: tuple[str, ...]


TEXTS = {
    "stop": "Stop now and take your hands away. Ask what is happening; end or change the area, note it, "
    "and go through the warning signs.",
    "lighter_segment": "Asked for less twice in this part: go down a level or change the area or the technique.",
    "lighter_session": "Asked for less three times today: stay one level lower for the rest of the session.",
    "at_cap": "The client would like more, and this area is at today's limit. Say so kindly and stay where you are.",
}


def unique_in_order(events: Iterable[ComfortEvent]) -> tuple[ComfortEvent, ...]:
    """Events in server order, each id once: the copy that arrived first counts."""
    first: dict[str, ComfortEvent] = {}
    for event in sorted(events, key=lambda e: (*e.order, e.signal, e.client_at)):
        first.setdefault(event.id, event)
    return tuple(first.values())


def _answered(events: Sequence[ComfortEvent], acknowledgements: Iterable[Acknowledgement]) -> dict[str, datetime]:
    """Event id -> when it was answered. An answer to a stop covers everything before it; an answer to anything else
    covers what came before except stops, so that a stop is never cleared by answering another tap."""
    index = {event.id: i for i, event in enumerate(events)}
    answered: dict[str, datetime] = {}
    for ack in sorted(acknowledgements, key=lambda a: (a.at, a.event_id)):
        at = index.get(ack.event_id)
        if at is None:
            continue
        clears_stops = events[at].signal is Signal.STOP
        for event in events[: at + 1]:
            if clears_stops or event.signal is not Signal.STOP:
                answered.setdefault(event.id, ack.at)
    return answered


def _span_of(event: ComfortEvent, spans: Sequence[SegmentSpan]) -> SegmentSpan | None:
    return next((span for span in spans if span.holds(event.at)), None)


def _prompts(events: Sequence[ComfortEvent], spans: Sequence[SegmentSpan], wish: Signal | None) -> tuple[Prompt, ...]:
    prompts: list[Prompt] = []
    if wish is Signal.STOP:
        prompts.append(Prompt("stop", TEXTS["stop"]))
    lighter = [event for event in events if event.signal is Signal.LIGHTER]
    prompts.extend(
        Prompt("lighter_segment", TEXTS["lighter_segment"], span.key)
        for span in spans
        if sum(span.holds(event.at) for event in lighter) >= LIGHTER_IN_SEGMENT
    )
    if len(lighter) >= LIGHTER_IN_SESSION:
        prompts.append(Prompt("lighter_session", TEXTS["lighter_session"]))
    if wish is Signal.DEEPER:
        here = _span_of(events[-1], spans)
        if here and here.at_cap:
            prompts.append(Prompt("at_cap", TEXTS["at_cap"], here.key))
    return tuple(prompts)


def comfort_state(
    events: Iterable[ComfortEvent],
    spans: Sequence[SegmentSpan] = (),
    acknowledgements: Iterable[Acknowledgement] = (),
) -> ComfortState:
    """Fold events, in any order and with repeats, to the state of the session. Same facts, same state.

    `spans` say which segment ran when (server time). A stop holds until a stop at or after it is acknowledged.
    """
    ordered = unique_in_order(events)
    answered = _answered(ordered, acknowledgements)
    open_stop = any(e.signal is Signal.STOP and e.needs_answer and e.id not in answered for e in ordered)
    wish = Signal.STOP if open_stop else (ordered[-1].signal if ordered else None)
    if wish is Signal.STOP and not open_stop:
        wish = None
    counts = {signal: sum(e.signal is signal for e in ordered) for signal in Signal}
    lower = [_span_of(e, spans) for e in ordered if e.signal in (Signal.LIGHTER, Signal.STOP)]
    return ComfortState(
        wish=wish,
        unacknowledged=tuple(e.id for e in ordered if e.needs_answer and e.id not in answered),
        stop_active=open_stop,
        too_much_count=counts[Signal.LIGHTER] + counts[Signal.STOP],
        lighter_count=counts[Signal.LIGHTER],
        deeper_count=counts[Signal.DEEPER],
        prompts=_prompts(ordered, spans, wish),
        adjust_seconds=tuple(
            (e.id, max(0.0, (answered[e.id] - e.at).total_seconds()))
            for e in ordered
            if e.needs_answer and e.id in answered
        ),
        lower_regions=tuple(dict.fromkeys(span.region for span in lower if span and span.region)),
    )
