"""Rooms, kit, menu, limits and booking rules, written under the locks of everybody whose diary they shape.

Visits that are booked are never rewritten. Where a change meets some, it is refused with them until the owner says that
they were seen (`accepted`); the search cards follow in the same transaction.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from unknot.booking.actions.diary import in_diary, lock_diary
from unknot.booking.actions.refreshing import renew
from unknot.booking.actions.waitlist import wake_waitlist
from unknot.booking.models import Appointment
from unknot.booking.queries.touched import (
    Touched,
    by_kit,
    by_limits,
    by_room,
    by_service,
    coming,
    mark_of,
    reach_of,
    service_used,
    wanted_pieces,
)
from unknot.kernel.actors import OWNER, Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.zones import local
from unknot.practice import actions as practice
from unknot.practice import queries as practices
from unknot.practice.actions import KitSetting, LimitsSetting, RoomSetting, RulesSetting, ServiceSetting


class VisitsTouchedError(ConflictError):
    """Visits that are booked already are touched by this. Nothing was saved yet; look at them and save again."""

    code = "visits-touched"

    def __init__(self, touched: Iterable[Touched]) -> None:
        self.touched = list(touched)
        super().__init__(extra={"accept": mark_of(self.touched)})


def save_room(
    *, by: Actor, room_id: UUID | None, wish: RoomSetting, seen: str, accepted: str = "", now: datetime
) -> UUID:
    """A new room, or another shape for one. `accepted`: the mark of the touched visits that the owner saw.

    Raises VisitsTouchedError, DiaryBusyError, and what `practice.actions.save_room` raises.
    """
    with _settings(by, rooms=[room_id] if room_id else [], now=now):
        was = next((one.setting for one in practices.room_rows() if one.id == room_id), None)
        made = practice.save_room(by=by, room_id=room_id, wish=wish, seen=seen, now=now)
        if was is not None:
            _agreed(by_room(made, was, wish, now=now), accepted)
    return made


def retire_room(*, by: Actor, room_id: UUID, seen: str, accepted: str = "", now: datetime) -> str:
    """Takes a room out of use: "deleted" if no visit ever had it, else "archived". Errors as in `save_room`."""
    with _settings(by, rooms=[room_id], now=now):
        was = next((one.setting for one in practices.room_rows() if one.id == room_id), None)
        done = practice.retire_room(by=by, room_id=room_id, seen=seen, now=now)
        if was is not None and done == "archived":
            _agreed(by_room(room_id, was, replace(was, active=False), now=now), accepted)
    return done


def save_kit(*, by: Actor, kind: str, wish: KitSetting, seen: str, accepted: str = "", now: datetime) -> str:
    """How many pieces of a kind there are where, and which services need one; gives the kind, new if it was empty.

    Visits on a piece that goes change to another one that is free; for whom there is none is touched. Raises as
    `save_room`.
    """
    pieces = practices.pieces_of(kind) if kind else []
    with _settings(by, kit=pieces, now=now):
        wanted = wanted_pieces(pieces, now=now)
        was = practices.kit_settings().get(kind)
        made, gone = practice.save_kit(by=by, kind=kind, wish=wish, seen=seen, wanted=wanted, now=now)
        _change_pieces(made, gone, now)
        touched = by_kit(gone, now=now)
        for one in set(wish.services) - set(was.services if was else ()):
            touched += _newly_needed(one, made, touched, now)
        _agreed(touched, accepted)
    return made


def save_service(
    *, by: Actor, service_id: UUID | None, wish: ServiceSetting, seen: str, accepted: str = "", now: datetime
) -> UUID:
    """A line of the menu, with who gives it. What is booked keeps length, price and buffers. Raises as `save_room`."""
    with _settings(by, now=now):
        was = next((one.setting for one in practices.service_rows() if one.id == service_id), None)
        made = practice.save_service(by=by, service_id=service_id, wish=wish, seen=seen, now=now)
        if was is not None:
            _agreed(by_service(made, was, wish, now=now), accepted)
    return made


def retire_service(*, by: Actor, service_id: UUID, seen: str, accepted: str = "", now: datetime) -> str:
    """Takes a line off the menu: "deleted" if nobody ever booked it, else "archived". Raises as `save_room`."""
    with _settings(by, now=now):
        was = next((one.setting for one in practices.service_rows() if one.id == service_id), None)
        used = service_used(service_id)
        done = practice.retire_service(by=by, service_id=service_id, seen=seen, used=used, now=now)
        if was is not None and used:
            then = next(one.setting for one in practices.service_rows() if one.id == service_id)
            _agreed(by_service(service_id, was, then, now=now), accepted)
    return done


def save_limits(*, by: Actor, wish: Mapping[UUID, LimitsSetting], seen: str, accepted: str = "", now: datetime) -> None:
    """What therapists take on in a day at most. Days that have more already are touched. Raises as `save_room`."""
    with _settings(by, now=now):
        was = practices.limits()
        practice.save_limits(by=by, wish=wish, seen=seen, now=now)
        _agreed(by_limits(was, wish, now=now), accepted)


def save_rules(*, by: Actor, wish: RulesSetting, seen: str, now: datetime) -> None:
    """Start grid, notice, horizon, and how long a time is kept. Raises what `practice.actions.save_rules` raises."""
    with _settings(by, now=now):
        practice.save_rules(by=by, wish=wish, seen=seen, now=now)


@contextmanager
def _settings(by: Actor, *, rooms: Iterable[UUID] = (), kit: Iterable[int] = (), now: datetime) -> Iterator[None]:
    """One write of settings: everybody's diary is locked, and the cards are made anew at its end."""
    if by.practice_id is None or not by.has(OWNER):
        raise NotFoundError
    today = local(now, practices.practice(by.practice_id).timezone).date()
    with in_diary():
        lock_diary(practitioners=[one.account_id for one in practices.therapists()], rooms=rooms, kit=kit)
        yield
        renew(by.practice_id, None, first=today)
        wake_waitlist(by=system(by.practice_id), now=now)


def _agreed(touched: list[Touched], accepted: str) -> None:
    if touched and mark_of(touched) != accepted:
        raise VisitsTouchedError(touched)


def _change_pieces(kind: str, gone: list[int], now: datetime) -> None:
    """Gives coming visits that have not begun another piece of the same place, where one is free for them."""
    if not gone:
        return
    alike = practices.kit([kind])
    places = practices.places_of_pieces(gone)
    rows = coming(now=now, only=Q(kit_units__overlap=[*gone, *(one.id for one in alike)]))
    held = {row.pk: list(row.kit_units) for row in rows}
    for row in rows:
        for unit in set(row.kit_units) & set(gone):
            if row.starts_at <= now:
                continue
            start, end = reach_of(row)
            taken = {
                one
                for other in rows
                if other.pk != row.pk and reach_of(other)[0] < end and start < reach_of(other)[1]
                for one in held[other.pk]
            }
            new = next((one.id for one in alike if one.place_id == places[unit] and one.id not in taken), None)
            if new is not None:
                held[row.pk] = [new if one == unit else one for one in held[row.pk]]
                Appointment.objects.filter(pk=row.pk).update(kit_units=held[row.pk])


def _newly_needed(service_id: UUID, kind: str, known: list[Touched], now: datetime) -> list[Touched]:
    """Visits of a service that needs this kit from now on, and were booked without."""
    row = next((one.setting for one in practices.service_rows() if one.id == service_id), None)
    if row is None:
        return []
    there = {one.visit.id for one in known}
    without = replace(row, kit=tuple(one for one in row.kit if one != kind))
    return [one for one in by_service(service_id, without, row, now=now) if one.visit.id not in there]
