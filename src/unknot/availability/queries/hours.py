"""Reads of opening hours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from unknot.availability import models
from unknot.availability.domain.opening import Break, DayException, OpeningRule, opening_windows
from unknot.kernel.actors import STAFF, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.intervals import Interval
from unknot.practice import queries as practices

CLINIC, HOME = "clinic", "home"
SOME_DAYS = timedelta(days=40)
"""So far back from the days first asked for, days that depart from the week are kept in memory too."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a therapist works at one place; `place_id` None: on the road, for home visits."""

    place_id: UUID | None
    rules: tuple[OpeningRule, ...] = ()
    breaks: tuple[Break, ...] = ()
    exceptions: tuple[DayException, ...] = ()

    def windows(self, zone: str, first: date, last: date) -> list[Interval]:
        """Merged opening windows, in UTC cells, that can hold a start on the local days from `first` to `last`."""
        return opening_windows(self.rules, self.breaks, self.exceptions, zone, first, last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class OpeningInputs:
    """All of a therapist's hours: each clinic place they work at, and home visits."""

    therapist_id: UUID
    hours: tuple[Hours, ...] = ()

    def at(self, place_id: UUID | None) -> Hours:
        """The hours at one place (None: home visits); never open if there are none."""
        return next((one for one in self.hours if one.place_id == place_id), Hours(place_id))


@dataclass
class _Rows:
    rules: dict[UUID | None, list[OpeningRule]] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    exceptions: list[tuple[str, UUID | None, DayException]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Everybody's hours; days that depart from them only from `since` on."""

    since: date
    rows: dict[UUID, _Rows]


_NONE = _Rows()


def opening(
    therapist_ids: Iterable[UUID],
    *,
    mode: str | None = None,
    first: date,
    last: date,
    setup: practices.Setup | None = None,
) -> dict[UUID, OpeningInputs]:
    """What decides when these therapists of the practice in scope work on the local days `first` to `last`, inclusive.

    Every id asked for is in the answer. `mode` "clinic" or "home" leaves out the other one's hours. One query, three
    more when the practice changed (`practices.setup`); none with a `setup` just read that nothing changed since.

    A day that is `closed` without a place is off everywhere, home visits included. `changed` hours replace the day in
    their mode: at other places of that mode the therapist is off. Hours without a place count at every place of the
    therapist. Where the practice closes on public holidays, only hours of that very day, extra or changed, open it.
    """
    near = (first - timedelta(days=2), last + timedelta(days=2))  # windows cross midnight
    setup = setup or practices.setup()
    what = ("hours", setup.practice.id)
    kept = practices.kept(what, setup.edition, lambda: _read(near[0] - SOME_DAYS))
    if kept.since > near[0]:
        kept = _read(near[0])
    off = [(CLINIC, None, DayException(day, "closed")) for day in practices.closed_on(setup.practice, *near)]
    found = {}
    for therapist_id in therapist_ids:
        rows = kept.rows.get(therapist_id, _NONE)
        days = [one for one in rows.exceptions if near[0] <= one[2].day <= near[1]]
        found[therapist_id] = OpeningInputs(therapist_id, _hours(rows, [*days, *off], mode))
    return found


def _read(since: date) -> _Kept:
    """All hours of the practice in scope. Three queries."""
    found: dict[UUID, _Rows] = {}
    for row in models.OpeningRule.objects.order_by("weekday", "opens", "id"):
        rule = OpeningRule(row.weekday, row.opens, row.closes, row.valid_from, row.valid_until)
        found.setdefault(row.therapist_id, _Rows()).rules.setdefault(row.place_id, []).append(rule)
    for row in models.Break.objects.all():
        pause = Break(row.weekday, row.starts, row.ends, row.valid_from, row.valid_until)
        found.setdefault(row.therapist_id, _Rows()).breaks.append(pause)
    for row in models.DayException.objects.filter(date__gte=since).order_by("date", "id"):
        one = DayException(row.date, row.kind, row.opens or 0, row.closes or 0)
        found.setdefault(row.therapist_id, _Rows()).exceptions.append((row.mode, row.place_id, one))
    return _Kept(since, found)


def _hours(rows: _Rows, exceptions: list[tuple[str, UUID | None, DayException]], mode: str | None) -> tuple[Hours, ...]:
    places = set(rows.rules) | {place for how, place, _ in exceptions if how == CLINIC and place is not None}
    if any(how == HOME and one.kind != "closed" for how, _, one in exceptions):
        places.add(None)
    wanted = [place for place in places if mode is None or (place is None) == (mode == HOME)]
    return tuple(
        Hours(
            place,
            tuple(rows.rules.get(place, ())),
            tuple(rows.breaks),
            tuple(_exceptions_at(place, exceptions)),
        )
        for place in sorted(wanted, key=str)
    )


def _exceptions_at(
    place: UUID | None, exceptions: list[tuple[str, UUID | None, DayException]]
) -> Iterable[DayException]:
    here = HOME if place is None else CLINIC
    for mode, where, one in exceptions:
        if one.kind == "closed":
            if where is None or where == place:
                yield one
        elif mode == here and where in (None, place):
            yield one
        elif mode == here and one.kind == "changed":
            yield DayException(one.day, "closed")


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """A day that departs from the week. `opens`/`closes` in minutes after local midnight."""

    id: UUID
    therapist_id: UUID
    day: date
    kind: str
    mode: str
    place_id: UUID | None
    opens: int | None
    closes: int | None
    reason: str


def exceptions(*, by: Actor, first: date, last: date, therapist_id: UUID | None = None) -> list[ExceptionFacts]:
    """The days that depart from the week, by date. For staff, else NotFoundError."""
    if not by.has(*STAFF, SYSTEM):
        raise NotFoundError
    rows = models.DayException.objects.filter(date__range=(first, last)).order_by("date", "opens", "id")
    if therapist_id is not None:
        rows = rows.filter(therapist_id=therapist_id)
    return [
        ExceptionFacts(
            row.pk, row.therapist_id, row.date, row.kind, row.mode, row.place_id, row.opens, row.closes, row.reason
        )
        for row in rows
    ]
