"""Many writers at once, in two practices that share a therapist: no card says anything but what its rows say."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from unknot.availability import actions as availability
from unknot.booking import actions, queries
from unknot.booking.actions import diary
from unknot.booking.models import Appointment, Card, CardMark
from unknot.booking.queries.card_check import WrongCard, compare
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.errors import UnknotError
from unknot.people.models import Client
from unknot.practice import queries as practices
from unknot.practice.models import Service, Therapist

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, WRITES = 4, 8


@pytest.fixture
def houses(now: datetime) -> list[Stage]:
    """Foothills and Riverbend, committed; Maren works in both."""
    stages = [build_practice(cast.FOOTHILLS, now=now), build_practice(cast.RIVERBEND, now=now)]
    maren = stages[1].therapists["maren-oduya"].account_id
    for stage in stages:
        with tenancy.scope(practice_id=stage.practice.id):
            Therapist.objects.filter(slug="noor-haddad").update(account_id=maren)
            for number in range(12):
                Client.objects.create(practice=stage.practice, name=f"Person {number}")
            actions.renew_cards(by=system(stage.practice.id), now=now)
    return stages


class Writer(threading.Thread):
    """Changes diaries, hours and menus at random, each time in a transaction of its own."""

    def __init__(self, number: int, stages: list[Stage], now: datetime, also: str) -> None:
        super().__init__()
        self.dice, self.stages, self.now = random.Random(number), stages, now
        self.works = [
            self.book,
            self.book,
            self.hold,
            self.cancel,
            self.move,
            *(getattr(self, name) for name in also.split()),
        ]
        self.done, self.fault = 0, ""

    def run(self) -> None:
        try:
            for _ in range(WRITES):
                stage = self.dice.choice(self.stages)
                work = self.dice.choice(self.works)
                try:
                    with tenancy.scope(practice_id=stage.practice.id):
                        work(stage.practice.id)
                    self.done += 1
                except UnknotError:
                    pass
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            self.fault = repr(error)
        finally:
            connection.close()

    def slot(self, practice_id: UUID) -> dict[str, Any]:
        practice, service = practices.practice(practice_id), practices.service_at("therapeutic-60")
        day = (self.now + timedelta(days=self.dice.randrange(1, 6))).date()
        slots = queries.open_slots(practice=practice, service=service, first=day, last=day, now=self.now)
        found = self.dice.choice(slots) if slots else None
        return {
            "by": system(practice_id),
            "practice": practice,
            "service_slug": "therapeutic-60",
            "therapist_slug": found.therapist_slug if found else None,
            "place_slug": found.place_slug if found else None,
            "local_start": found.local_start if found else "2026-11-18T03:00",
            "now": self.now,
        }

    def book(self, practice_id: UUID) -> None:
        client = self.dice.choice(list(Client.objects.values_list("pk", flat=True)))
        actions.book_directly(**self.slot(practice_id), client_id=client, intake_id=None)

    def hold(self, practice_id: UUID) -> None:
        actions.hold_slot(**self.slot(practice_id))

    def visit(self) -> UUID | None:
        ids = list(Appointment.objects.filter(state="confirmed").values_list("pk", flat=True))
        return self.dice.choice(ids) if ids else None

    def cancel(self, practice_id: UUID) -> None:
        if visit := self.visit():
            actions.cancel(by=system(practice_id), appointment_id=visit, now=self.now)

    def move(self, practice_id: UUID) -> None:
        given = self.slot(practice_id)
        if visit := self.visit():
            actions.reschedule(
                by=given["by"],
                appointment_id=visit,
                therapist_slug=given["therapist_slug"],
                place_slug=given["place_slug"],
                local_start=given["local_start"],
                now=self.now,
            )

    def close(self, practice_id: UUID) -> None:
        therapist = self.dice.choice(practices.therapists())
        day = (self.now + timedelta(days=self.dice.randrange(20, 40))).date()
        availability.add_exception(
            by=system(practice_id), therapist_id=therapist.id, day=day, kind="closed", now=self.now
        )

    def menu(self, practice_id: UUID) -> None:
        """No lock and no action of ours: an owner's tool, an import."""
        Service.objects.filter(slug="therapeutic-60").update(buffer_after=self.dice.choice((10, 15, 20)))
        if self.dice.random() < 0.5:
            actions.renew_marked(by=system(practice_id), now=self.now)


def run(houses: list[Stage], now: datetime, also: str = "") -> list[WrongCard]:
    """Everybody writes; the cards that are believed afterwards are compared with their rows."""
    writers = [Writer(number, houses, now, also) for number in range(WRITERS)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(120)
    assert [one.fault for one in writers if one.fault] == []
    assert sum(one.done for one in writers) > WRITERS * WRITES // 3
    return wrong(houses, now)


def trusted(houses: list[Stage]) -> int:
    """How many cards are believed as they stand."""
    count = 0
    for stage in houses:
        with tenancy.scope(practice_id=stage.practice.id):
            assert CardMark.objects.count() == 0
            count += Card.objects.filter(stale=False).count()
    return count


def wrong(houses: list[Stage], now: datetime) -> list[WrongCard]:
    found = []
    for stage in houses:
        with tenancy.scope(practice_id=stage.practice.id):
            found += compare(stage.practice.id, now=now)[1]
    return found


def test_no_card_is_wrong_whoever_writes(houses: list[Stage], now: datetime) -> None:
    assert run(houses, now, "close") == []
    assert trusted(houses) > 3
    assert run(houses, now, "close menu") == []
    for stage in houses:
        with tenancy.scope(practice_id=stage.practice.id):
            actions.renew_marked(by=system(stage.practice.id), now=now)
            assert (CardMark.objects.count(), Card.objects.filter(stale=True).count()) == (0, 0)
    assert wrong(houses, now) == []


@pytest.fixture
def without_triggers() -> Iterator[None]:
    """The database does not mark any more."""

    def turn(how: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
            for event in ("insert", "update", "delete"):
                cursor.execute(f"ALTER TABLE booking_appointment {how} TRIGGER cards_on_{event}")
            cursor.execute("SET ROLE unknot_app")

    turn("DISABLE")
    yield
    turn("ENABLE")


def test_without_the_database_s_marks_cards_go_wrong(
    houses: list[Stage], now: datetime, without_triggers: None
) -> None:
    assert {one.what for one in run(houses, now)} == {"free-time"}


def _forget(practitioners: Any) -> None:
    Card.objects.filter(practitioner_id__in=practitioners).update(stale=False)


def test_a_write_that_leaves_its_card_goes_wrong(
    houses: list[Stage], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault: Callable[[Any], None] = _forget
    monkeypatch.setattr(diary, "refresh", fault)
    assert {one.what for one in run(houses, now)} == {"free-time"}
