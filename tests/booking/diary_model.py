"""A second, simple-minded diary: what is free and what happens, from the rules as written and nothing of ours.

Minutes are UTC minutes since the epoch. One clinic place in each practice, so nobody drives anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

from unknot.kernel.zones import local, to_utc

ZONE = "America/Edmonton"
ACTIVE = {"held", "requested", "confirmed", "arrived", "in_session", "completed"}


def minute(moment: datetime) -> int:
    """The minute in which a moment lies, rounded down."""
    return int(moment.timestamp()) // 60


def of_wall(wall: str) -> int:
    """The UTC minute of a wall time."""
    return minute(to_utc(datetime.fromisoformat(wall), ZONE))


@dataclass
class Entry:
    """A visit or hold."""

    id: UUID
    practice: int
    therapist: str
    room: UUID
    start: int
    end: int
    before: int
    after: int
    rule: str
    state: str = "held"
    client: UUID | None = None
    expires: int = 0
    answer_by: int | None = None
    sequence: int = 0
    moves: UUID | None = None
    group: UUID | None = None
    stones: bool = False
    """Whether it needs the one set of hot stones."""

    @property
    def kept(self) -> tuple[int, int]:
        """The range that the database keeps."""
        return self.start - (self.before if self.rule == "sum" else 0), self.end + self.after

    def is_stale(self, now: int) -> bool:
        """A hold that ran out, a request whose answer is overdue."""
        if self.state == "held":
            return self.expires <= now
        return self.state == "requested" and (
            self.start <= now or (self.answer_by is not None and self.answer_by <= now)
        )


@dataclass
class House:
    """One practice's rules. `hours[therapist]`: (weekday, opens, closes) and breaks alike; `special`: exceptions."""

    rule: str
    rooms: list[UUID]
    hours: dict[str, list[tuple[int, int, int]]]
    breaks: dict[str, list[tuple[int, int, int]]]
    special: dict[UUID, tuple[str, date, str, int, int]] = field(default_factory=dict)
    buffers: dict[str, tuple[int, int]] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    additions: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """What can be added to a massage: minutes, and the buffers it brings."""
    notice: int = 120
    horizon: int = 60
    grid: int = 15

    def open_at(self, therapist: str, day: date) -> list[tuple[int, int]]:
        """Opening stretches of a local day in UTC minutes, as single minutes joined up."""
        wall = {
            one
            for weekday, opens, closes in self.hours[therapist]
            if weekday == day.weekday()
            for one in range(opens, closes)
        }
        for weekday, opens, closes in self.breaks[therapist]:
            if weekday == day.weekday():
                wall -= set(range(opens, closes))
        mine = [one for one in self.special.values() if one[0] == therapist and one[1] == day]
        if any(kind in ("closed", "changed") for _, _, kind, _, _ in mine):
            wall = set()
        for _, _, kind, opens, closes in mine:
            if kind != "closed":
                wall |= set(range(opens, closes))
        midnight = of_wall(f"{day}T00:00")
        return _joined(sorted(midnight + one for one in wall))


def _joined(minutes: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for one in minutes:
        if runs and runs[-1][1] == one:
            runs[-1] = (runs[-1][0], one + 1)
        else:
            runs.append((one, one + 1))
    return runs


Ignored = UUID | frozenset[UUID] | None
"""The visit that is about to be moved, or several of them."""


def _is_ignored(one: Entry, ignore: Ignored) -> bool:
    named = ignore if isinstance(ignore, frozenset) else {ignore}
    return one.id in named or one.moves in named - {None}


@dataclass
class World:
    """Both practices and everything in their diaries. `account[(practice, therapist)]` is whose diary it is."""

    houses: list[House]
    account: dict[tuple[int, str], str]
    entries: dict[UUID, Entry] = field(default_factory=dict)

    def therapists_for(
        self,
        practice: int,
        therapist: str | None,
        wanted: tuple[int, int, int, int],
        now: int,
        ignore: Ignored = None,
        stones: bool = False,
    ) -> list[str]:
        """Who can take (start, length, before, after), with some room free, and the hot stones if they are needed: the
        rules, one after the other."""
        house, (start, length, *_) = self.houses[practice], wanted
        wall = local(datetime.fromtimestamp(start * 60).astimezone(), ZONE)
        last = local(datetime.fromtimestamp(now * 60).astimezone(), ZONE).date() + timedelta(days=house.horizon)
        if (wall.hour * 60 + wall.minute) % house.grid or start < now + house.notice or wall.date() > last:
            return []
        if stones and not self._stones_are_free(practice, wanted, now, ignore):
            return []
        if not any(self._room_is_free(practice, room, wanted, now, ignore) for room in house.rooms):
            return []
        return [
            one
            for one in house.hours
            if therapist in (None, one)
            and any(opens <= start and start + length <= closes for opens, closes in house.open_at(one, wall.date()))
            and self._is_free(practice, one, wanted, now, ignore)
        ]

    def together_for(
        self,
        practice: int,
        wanted: list[tuple[str | None, tuple[int, int, int, int]]],
        now: int,
        ignore: Ignored = None,
    ) -> list[list[str]]:
        """Who could take each of several (therapist or anybody, what) who start at once; [] if nobody may take two and
        every room has one table and it can't be."""
        house = self.houses[practice]
        takers = [self.therapists_for(practice, who, one, now, ignore) for who, one in wanted]
        rooms = [
            [room for room in house.rooms if self._room_is_free(practice, room, one, now, ignore)] for _, one in wanted
        ]
        hands = any(len(set(pick)) == len(pick) for pick in product(*takers))
        beds = any(len(set(pick)) == len(pick) for pick in product(*rooms))
        return takers if hands and beds else []

    def _near(self, practice: int, now: int, ignore: Ignored) -> Iterator[Entry]:
        for one in self.entries.values():
            mine = one.practice == practice
            if one.state in ACTIVE and not _is_ignored(one, ignore) and not (mine and one.is_stale(now)):
                yield one

    def _is_free(
        self, practice: int, therapist: str, wanted: tuple[int, int, int, int], now: int, ignore: Ignored
    ) -> bool:
        start, length, before, after = wanted
        for one in self._near(practice, now, ignore):
            if self.account[one.practice, one.therapist] != self.account[practice, therapist]:
                continue
            if one.practice != practice:  # only "busy" is known: the range that is kept there
                if one.kept[0] < start + length + after and start - before < one.kept[1]:
                    return False
            elif not self._apart(practice, one, wanted):
                return False
        return True

    def _room_is_free(
        self, practice: int, room: UUID, wanted: tuple[int, int, int, int], now: int, ignore: Ignored
    ) -> bool:
        mine = [one for one in self._near(practice, now, ignore) if one.practice == practice and one.room == room]
        return all(self._apart(practice, one, wanted) for one in mine)

    def _stones_are_free(self, practice: int, wanted: tuple[int, int, int, int], now: int, ignore: Ignored) -> bool:
        mine = [one for one in self._near(practice, now, ignore) if one.practice == practice and one.stones]
        return all(self._apart(practice, one, wanted) for one in mine)

    def _apart(self, practice: int, one: Entry, wanted: tuple[int, int, int, int]) -> bool:
        """The gap between two services: both buffers (sum) or the larger one. A visit booked under `sum` keeps its
        set-up time as its own when the practice changes to `larger`."""
        start, length, before, after = wanted
        rule = self.houses[practice].rule
        begins = one.start if rule == "sum" else min(one.start, one.kept[0])
        if start + length <= begins:
            gap, needed = begins - start - length, (after, one.before)
        elif one.end <= start:
            gap, needed = start - one.end, (one.after, before)
        else:
            return False
        return gap >= (sum(needed) if rule == "sum" else max(needed))

    def client_is_free(
        self, client: UUID, start: int, end: int, *, ignore: Ignored = None, cleared: tuple[int, int] | None = None
    ) -> bool:
        """Whether a client has nothing else then: services only, no buffers. `cleared`: the practice whose stale ones
        the writer clears away first, and the minute."""
        return all(
            one.end <= start or end <= one.start
            for one in self.entries.values()
            if one.client == client
            and one.state in ACTIVE
            and not _is_ignored(one, ignore)
            and not (cleared is not None and one.practice == cleared[0] and one.is_stale(cleared[1]))
        )

    def end_stale(self, practice: int, now: int) -> None:
        """What a writer clears away first."""
        for one in self.entries.values():
            if one.practice == practice and one.is_stale(now):
                one.sequence += one.state == "requested"
                one.state = "expired"
