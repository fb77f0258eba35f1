"""A therapist runs late: one tap plans the rest of the day anew, moves the visits and tells everybody concerned."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit import actions as audit
from unknot.availability import queries as availability
from unknot.availability.queries import CELL
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import DiaryBusyError, OverlapError, expire_stale, in_diary, lock_diary
from unknot.booking.domain.late import MOST_LATE, STEP, Day, LateMinutesError, Planned, Stop, Stretch, Table, replan
from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.models import Appointment, Delay, LateVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import busy_elsewhere
from unknot.booking.queries.groups import parties
from unknot.booking.queries.late import ANSWERABLE, DelayFacts, delay
from unknot.booking.queries.visits import visit
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import instant_of, local, local_day_bounds, minute_of, zone_data_version
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts, RoomFacts, TherapistFacts
from unknot.travel.queries import Point, promised_drive

WINDOW = timedelta(hours=12)
"""What stands in the diary this long ago, or within four times as long, may be in the way."""
UNPLACED = timedelta(hours=1)
"""How long an answer counts, at least, for a visit that the day has no time for."""


def run_late(*, by: Actor, therapist_slug: str, minutes: int, key: UUID, now: datetime) -> DelayFacts:
    """The therapist is `minutes` late for whoever comes next; whoever is with them now stays so much longer.

    Visits move later as `domain.late.replan` says, their clients are told and can choose; no answer keeps the new
    time. Who comes with others moves with all of them, or none of them does. `key` names the tap: the same key twice
    is one delay. Staff only, else NotFoundError. Raises LateMinutesError, UnknownTherapistError, DiaryBusyError.
    """
    if not is_desk(by) or by.practice_id is None:
        raise NotFoundError
    if not STEP <= minutes <= MOST_LATE:
        raise LateMinutesError(field="minutes")
    practice, therapist = practices.practice(by.practice_id), practices.therapist_at(therapist_slug)
    rooms = practices.rooms()
    seen = _concerned(_coming(practice, therapist, now))
    try:
        with in_diary():
            lock_diary(
                practitioners={therapist.account_id, *(one.practitioner_id for one in seen)},
                rooms=[one.id for one in rooms],
                kit={unit for one in seen for unit in one.kit_units},
                clients={one.client_id for one in seen},
            )
            known = Delay.objects.filter(key=key).first()
            if known is not None:
                return delay(known.pk, by=by)
            expire_stale(now=now)
            rows = _coming(practice, therapist, now)
            if not _locks_of(_concerned(rows)) <= _locks_of(seen):
                raise DiaryBusyError
            table = _Table(practice, therapist, rooms, rows, minutes, now)
            plan = replan(table.stops(), table.day())
            return delay(_write(table, plan, key, by=by), by=by)
    except OverlapError as error:
        raise DiaryBusyError from error


def _coming(practice: PracticeFacts, therapist: TherapistFacts, now: datetime) -> list[Any]:
    """Today's visits of the therapist that have not begun and are not over."""
    since, until = local_day_bounds(local(now, practice.timezone).date(), practice.timezone)
    rows = Appointment.objects.filter(
        practitioner_id=therapist.account_id,
        state__in=ANSWERABLE,
        starts_at__gte=since,
        starts_at__lt=until,
        ends_at__gt=now,
    )
    return list(rows.select_related("place").order_by("starts_at", "id"))


def _concerned(rows: list[Any]) -> list[Any]:
    """These visits and whoever comes together with one of them."""
    return [*rows, *(one for party in parties(rows, states=ANSWERABLE).values() for one in party)]


def _locks_of(rows: list[Any]) -> set[tuple[str, object]]:
    """What has to be locked to move them, beside the rooms, which all are."""
    return {
        pair
        for one in rows
        for pair in (
            ("therapist", one.practitioner_id),
            ("client", one.client_id),
            *(("kit", unit) for unit in one.kit_units),
        )
    }


@dataclass
class _Table:
    """The day on the table: everything that `replan` is told, read after the locks."""

    practice: PracticeFacts
    therapist: TherapistFacts
    rooms: list[RoomFacts]
    rows: list[Any]
    minutes: int
    now: datetime
    around: list[Any] = field(default_factory=list)
    parties: dict[UUID, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parties = parties(self.rows, states=ANSWERABLE)
        mine = set(self.moving())
        near = Appointment.objects.filter(
            state__in=sorted(BLOCKING),
            ends_at__gt=self.now - WINDOW,
            starts_at__lt=self.now + 4 * WINDOW,
        ).exclude(pk__in=mine)
        self.around = list(near.select_related("place").order_by("starts_at", "id"))

    def moving(self) -> dict[UUID, Any]:
        """Every visit that the plan may move: the therapist's, and those of whoever comes together with one of them."""
        return {one.pk: one for one in [*self.others(), *self.rows]}

    def others(self) -> list[Any]:
        """The visits of other therapists that belong to one of this therapist's."""
        account = self.therapist.account_id
        return [one for party in self.parties.values() for one in party if one.practitioner_id != account]

    def day(self) -> Day:
        """What stands around the visits."""
        account = self.therapist.account_id
        taken = [_stretch(one) for one in self.around if one.practitioner_id == account]
        taken += self._away({account: self.therapist.id})[account]
        at_table: dict[Table, list[Stretch]] = {}
        for one in self.around:
            if one.room_id is not None:
                at_table.setdefault((one.room_id, one.room_unit), []).append(_stretch(one))
        drive = promised_drive()
        return Day(
            free_from=self.free_from(),
            late=self.minutes,
            taken=taken,
            at_table=at_table,
            larger=self.practice.buffer_rule == "larger",
            drive=lambda here, there: drive(here, there) if isinstance(here, Point) and isinstance(there, Point) else 0,
        )

    def free_from(self) -> int:
        """When the therapist can begin with whoever comes next."""
        now = -(-int(self.now.timestamp()) // 60)
        if not self.rows:
            return now
        first = self.rows[0]
        here = [one for one in self.around if one.state == State.IN_SESSION and one.ends_at > self.now]
        here = [one for one in here if one.practitioner_id == self.therapist.account_id]
        if not here:
            return max(now, minute_of(first.starts_at) + self.minutes)
        last = max(here, key=lambda one: one.ends_at)
        both = (last.buffer_after, first.buffer_before)
        apart = max(both) if self.practice.buffer_rule == "larger" else sum(both)
        return max(now, minute_of(last.ends_at) + self.minutes + int(apart))

    def _away(self, team: dict[UUID, UUID]) -> dict[UUID, list[Stretch]]:
        """When these therapists (ids by account) are taken elsewhere: in other practices and by calendars of theirs."""
        since, until = self.now - WINDOW, self.now + 4 * WINDOW
        accounts = {therapist: account for account, therapist in team.items()}
        away = list(busy_elsewhere(team, since, until))
        outside = availability.outside_busy(team.values(), since=since, until=until, now=self.now)
        away += [(accounts[therapist], start, end) for therapist, start, end in outside]
        found: dict[UUID, list[Stretch]] = {account: [] for account in team}
        for account, start, end in away:
            found[account].append(Stretch(minute_of(start), -(-int(end.timestamp()) // 60)))
        return found

    def stops(self) -> list[Stop]:
        """The visits as the plan sees them."""
        today = local(self.now, self.practice.timezone).date()
        team = {one.practitioner_id: one.therapist_id for one in self.others()}
        ids = {self.therapist.id, *team.values()}
        hours = availability.opening(sorted(ids), first=today, last=today)
        away = self._away(team) if team else {}
        return [
            replace(
                self._stop(row, hours),
                others=tuple(
                    replace(self._stop(one, hours), hands=one.practitioner_id, taken=self._day_of(one, away))
                    for one in self.parties.get(row.pk, [])
                    if one.pk != row.pk
                ),
            )
            for row in self.rows
        ]

    def _day_of(self, row: Any, away: dict[UUID, list[Stretch]]) -> tuple[Stretch, ...]:
        """What else is in the day of whoever takes this visit, with the drives to it and from it."""
        drive, here = promised_drive(), _where(row)
        found = list(away[row.practitioner_id])
        for one in self.around:
            if one.practitioner_id != row.practitioner_id:
                continue
            there, taken = _where(one), _stretch(one)
            if isinstance(here, Point) and isinstance(there, Point) and here != there:
                both = self.practice.buffer_rule == "larger"  # then a drive comes between the two buffers all the same
                after = taken.after + drive(there, here) + (row.buffer_before if both else 0)
                before = taken.before + drive(here, there) + (row.buffer_after if both else 0)
                taken = replace(taken, before=before, after=after)
            found.append(taken)
        return tuple(found)

    def _stop(self, row: Any, hours: Any) -> Stop:
        today = local(self.now, self.practice.timezone).date()
        windows = hours[row.therapist_id].at(row.place_id).windows(self.practice.timezone, today, today)
        starts, ends = minute_of(row.starts_at), minute_of(row.ends_at)
        open_at = [(start * CELL, end * CELL) for start, end in windows]
        if not any(opens <= starts and ends <= closes for opens, closes in open_at):
            open_at.append((starts, ends))  # staff put it outside the hours
        return Stop(
            id=row.pk,
            starts=starts,
            minutes=ends - starts,
            before=row.buffer_before,
            after=row.buffer_after,
            kept=_kept(row),
            where=_where(row),
            tables=tuple(self._tables_for(row)),
            windows=tuple(open_at),
            elsewhere=tuple(
                (minute_of(one.starts_at), minute_of(one.ends_at))
                for one in self.around
                if one.client_id == row.client_id and one.moves_id != row.pk
            ),
            beside=tuple(_stretch(one) for one in self.around if set(one.kit_units) & set(row.kit_units)),
            kit=frozenset(row.kit_units),
            client=row.client_id,
        )

    def _tables_for(self, row: Any) -> Iterable[Table]:
        """Its own, then others of the place in rooms that offer at least what its room does."""
        if row.room_id is None:
            return []
        here = {one.id: one for one in self.rooms if one.place_id == row.place_id}
        has = set(here[row.room_id].attributes) if row.room_id in here else set()
        own = (row.room_id, row.room_unit)
        others = [(one.id, unit) for one in here.values() if has <= set(one.attributes) for unit in range(one.capacity)]
        return [own, *(one for one in others if one != own)]


def _where(row: Any) -> Point | None:
    if row.place is not None:
        return Point(row.place.lat, row.place.lon)
    return Point(row.home_lat, row.home_lon) if row.home_lat is not None and row.home_lon is not None else None


def _stretch(row: Any) -> Stretch:
    starts, ends = minute_of(row.starts_at), minute_of(row.ends_at)
    return Stretch(starts, ends, row.buffer_before, row.buffer_after, _kept(row), row.moves_id)


def _kept(row: Any) -> tuple[int, int]:
    """What the stored range has around the service: the rule may have changed since it was booked."""
    before, after = row.starts_at - row.blocked.lower, row.blocked.upper - row.ends_at
    return int(before.total_seconds()) // 60, int(after.total_seconds()) // 60


def _write(table: _Table, plan: list[Planned], key: UUID, *, by: Actor) -> UUID:
    now, practice = table.now, table.practice
    rows = table.moving()
    made = Delay.objects.create(
        key=key,
        practice_id=practice.id,
        therapist_id=table.therapist.id,
        day=local(now, practice.timezone).date().isoformat(),
        minutes=table.minutes,
        free_from=instant_of(table.free_from()),
        told_at=now,
        told_by=by.account_id,
    )
    touched = [one for one in plan if one.moved or one.starts is None]
    # Each row steps aside first, so that those who come together may change tables with one another.
    Appointment.objects.filter(pk__in=[one.id for one in touched if one.moved]).update(state=State.EXPIRED)
    for one in sorted(touched, key=lambda each: each.starts or 0, reverse=True):  # the last first: it makes room
        _tell(_shift(rows[one.id], one, made.pk, now=now), practice, now=now)
    audit.record(
        by=by,
        verb="diary.late",
        subject="therapist",
        subject_id=table.therapist.id,
        now=now,
        minutes=table.minutes,
        moved=sum(1 for one in touched if one.starts is not None),
        without_time=sum(1 for one in touched if one.starts is None),
    )
    return UUID(str(made.pk))


def _shift(row: Any, planned: Planned, delay_id: UUID, *, now: datetime) -> LateVisit:
    """Moves a visit as planned and keeps beside it what was agreed. An earlier delay's open answer gives way."""
    before = LateVisit.objects.filter(visit_id=row.pk, answer="").first()
    if before is not None:
        before.answer, before.answered_at = "superseded", now
        before.save(update_fields=["answer", "answered_at"])
    agreed = before or LateVisit(
        was_local_start=row.local_start,
        was_starts_at=row.starts_at,
        was_ends_at=row.ends_at,
        was_therapist_id=row.therapist_id,
    )
    starts_at = instant_of(planned.starts) if planned.starts is not None else None
    stood = {"stood_at": row.starts_at, "stood_in_id": row.room_id, "stood_unit": row.room_unit}
    row.late_at = row.late_at or now
    row.sequence += 1
    if starts_at is not None:
        by_how_much = starts_at - row.starts_at
        row.starts_at, row.ends_at = starts_at, row.ends_at + by_how_much
        row.blocked = DateTimeTZRange(row.blocked.lower + by_how_much, row.blocked.upper + by_how_much)
        row.local_start, row.zone_data = f"{local(starts_at, row.timezone):%Y-%m-%dT%H:%M}", zone_data_version()
        row.room_id, row.room_unit = planned.table or (None, 0)
    row.save()
    made: LateVisit = LateVisit.objects.create(
        practice_id=row.practice_id,
        delay_id=delay_id,
        visit_id=row.pk,
        was_local_start=agreed.was_local_start,
        was_starts_at=agreed.was_starts_at,
        was_ends_at=agreed.was_ends_at,
        was_therapist_id=agreed.was_therapist_id,
        **stood,
        starts_at=starts_at,
        sequence=row.sequence,
        answer_by=starts_at or max(row.starts_at, now + UNPLACED),
    )
    return made


def _tell(late: LateVisit, practice: PracticeFacts, *, now: datetime) -> None:
    found = visit(late.visit_id, by=system(practice.id))
    messages.tell_late(found, practice, late_id=late.pk, placed=late.starts_at is not None, now=now)
    events.tell(events.VisitNews("late", practice.id, found.id, found.state, now))
