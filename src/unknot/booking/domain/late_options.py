"""What a client can choose when we are late. Every option is real: it was free when the page was made, and is asked
again under the locks before it is given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

LEAST_MINUTES = 30
"""A visit shorter than this, or than half of what was agreed, is no offer."""
NEAR = timedelta(minutes=30)
"""How far from the agreed time another therapist may begin."""
KEEP, SOONER, OTHER, LATER, DAY, SHORTER, CANCEL = "keep", "sooner", "other", "later", "day", "shorter", "cancel"
CANCEL_ALL = "cancel-all"
KINDS = (KEEP, SOONER, OTHER, LATER, DAY, SHORTER, CANCEL, CANCEL_ALL)
ALONE, OWN, ALL = "", "own", "all"
"""For whom an answer counts: a visit alone; one's own among several at once; all who come at once."""
MOVES = frozenset({SOONER, OTHER, LATER, DAY})
MOST = {SOONER: 2, OTHER: 3, LATER: 2, DAY: 3}


class FreeStart(Protocol):
    """What is needed of a free slot."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def local_start(self) -> str: ...
    @property
    def therapist_slug(self) -> str: ...
    @property
    def therapist_name(self) -> str: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Promise:
    """What was agreed, [was_starts, was_ends), and what the plan says instead; `starts` None: no time that day.

    `free_from`: before that the therapist, who is late, can't begin with anybody.
    """

    was_starts: datetime
    was_ends: datetime
    therapist_slug: str
    starts: datetime | None
    free_from: datetime


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `key` comes back with the answer; a move names its start, `shorter` its minutes."""

    kind: str
    key: str
    local_start: str = ""
    therapist_name: str = ""
    minutes: int = 0


def options(promise: Promise, slots: Iterable[FreeStart], *, now: datetime, whom: str = ALONE) -> list[Option]:
    """The choices, kindest first; at most MOST of each kind of move. Cancelling free of charge is always among them.

    `whom`: who comes with others is not made shorter by themselves; whoever chooses for ALL may call all off.
    """
    free = sorted((one for one in slots if one.starts_at > now), key=lambda one: (one.starts_at, one.therapist_name))
    found: list[Option] = []
    if promise.starts is not None:
        found.append(Option(KEEP, KEEP))
    for kind in (SOONER, OTHER, LATER, DAY):
        fits = [one for one in free if kind_of(promise, one) == kind]
        if kind == OTHER:
            fits.sort(key=lambda one: (abs(one.starts_at - promise.was_starts), one.therapist_name))
        found += [
            Option(kind, f"{kind}:{one.key}", one.local_start, one.therapist_name) for one in _once(fits)[: MOST[kind]]
        ]
    minutes = shorter_minutes(promise)
    if minutes and whom == ALONE:
        found.append(Option(SHORTER, SHORTER, minutes=minutes))
    found.append(Option(CANCEL, CANCEL))
    return [*found, Option(CANCEL_ALL, CANCEL_ALL)] if whom == ALL else found


def kind_of(promise: Promise, slot: FreeStart) -> str:
    """Which choice a free start is, or "" for none."""
    if slot.therapist_slug != promise.therapist_slug:
        return OTHER if abs(slot.starts_at - promise.was_starts) <= NEAR else ""
    now_at = promise.starts or promise.was_starts
    if slot.starts_at < promise.free_from:
        return ""
    if slot.starts_at - promise.was_starts >= timedelta(hours=14):
        return DAY
    if promise.starts is not None and promise.was_starts <= slot.starts_at < promise.starts:
        return SOONER
    return LATER if slot.starts_at > now_at else ""


def shorter_minutes(promise: Promise) -> int:
    """How long the visit still is if it ends as agreed; 0 if that is too little, or all of it."""
    if promise.starts is None or promise.starts <= promise.was_starts:
        return 0
    left = int((promise.was_ends - promise.starts).total_seconds()) // 60
    whole = int((promise.was_ends - promise.was_starts).total_seconds()) // 60
    return left if left >= max(LEAST_MINUTES, whole / 2) else 0


def _once(fits: Sequence[FreeStart]) -> list[FreeStart]:
    """One slot for each start and therapist: places and rooms don't matter here."""
    seen: dict[tuple[datetime, str], FreeStart] = {}
    for one in fits:
        seen.setdefault((one.starts_at, one.therapist_slug), one)
    return list(seen.values())
