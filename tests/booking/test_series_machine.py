"""Series beside single visits and the line, in any order: no visit too many or too few, the wall time as promised also
across clock changes, and a time kept for one who waits is nobody else's.
"""

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.booking.test_waitlist_machine import NOW, SLOT, STARTS, WHO, LineMachine
from unknot.booking import actions, queries
from unknot.booking.domain.series import SeriesRule
from unknot.booking.models import Appointment, Series, SeriesVisit, WaitlistEntry, WaitlistOffer
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import UnknotError
from unknot.kernel.ids import new_id
from unknot.kernel.zones import to_utc
from unknot.practice import queries as practices

EXAMPLES = int(os.environ.get("UNKNOT_MACHINE_EXAMPLES", "5"))
STEPS = int(os.environ.get("UNKNOT_MACHINE_STEPS", "20"))
ZONE = "America/Toronto"  # summer time begins on 14 March 2027
FIRST = (date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 30))
SCOPE, NUMBER, ANY = st.sampled_from(["one", "following", "all"]), st.integers(1, 4), st.integers(0, 99)


@pytest.fixture
def solo(db: None) -> Iterator[Stage]:
    """Riverbend moved to where clocks change, in scope, everybody with valid answers."""
    stage = build_practice(cast.RIVERBEND, now=NOW)
    with tenancy.scope(practice_id=stage.practice.id):
        stage.practice.timezone = ZONE
        stage.practice.save()
        for client in stage.clients.values():
            Intake.objects.create(
                id=new_id(),
                practice=stage.practice,
                client=client,
                outcome="clear",
                created_at=NOW,
                screened_at=NOW,
                valid_until=NOW + timedelta(days=200),
            )
        yield stage


class SeriesMachine(LineMachine):
    """The line's four people also book series, move and cancel parts of them, by every door."""

    @initialize()
    def no_series_yet(self) -> None:
        self.series: dict[UUID, dict[int, tuple[UUID, str, str]]] = {}
        self.passed: set[tuple[UUID, datetime]] = set()

    def visits(self, who: int | None = None) -> list[Any]:
        """Single visits only: those of series have doors of their own here."""
        mine = {one[0] for dates in self.series.values() for one in dates.values()}
        return [one for one in super().visits(who) if one.pk not in mine]

    def whole(self) -> list[tuple[Any, ...]]:
        rows = Appointment.objects.order_by("pk")
        return list(rows.values_list("pk", "state", "local_start", "starts_at", "sequence"))

    @rule(
        who=WHO, day=st.sampled_from(FIRST), slot=SLOT, every=st.sampled_from([1, 8]), count=st.integers(1, 4),
        out=st.sampled_from([None, None, 2]),
    )  # fmt: skip
    def book_series(self, who: int, day: date, slot: int, every: int, count: int, out: int | None) -> None:
        by, before = self.people[who], self.whole()
        first = datetime.combine(day, time.fromisoformat(STARTS[slot]))
        wish = actions.SeriesWish(
            self.practice,
            "therapeutic-60",
            SeriesRule(first, every, "weeks", count),
            "maren-oduya",
            "studio",
            chosen={out: None} if out and out <= count else None,
        )
        intake_id = Intake.objects.get(client_id=by.client_id).pk
        had = Series.objects.count()
        found = self.tried(lambda: actions.book_series(by=by, wish=wish, intake_id=intake_id, now=self.now))
        if found is None:
            kept = [row for row in before if row[1] != "held"]
            assert [row for row in self.whole() if row[0] in {one[0] for one in kept}] == kept
            assert (Series.objects.count(), Appointment.objects.count()) == (had, len(before))
            return
        walls = [first + timedelta(weeks=every * number) for number in range(count)]
        meant = {number: f"{wall:%Y-%m-%dT%H:%M}" for number, wall in enumerate(walls, start=1) if number != out}
        assert {one.number: one.visit.local_start for one in found.dates if one.visit} == meant
        assert len(found.dates) == count
        self.series[found.id] = {
            one.number: (one.visit.id, "confirmed", meant[one.number]) for one in found.dates if one.visit
        }

    def pick_series(self, pick: int, number: int) -> tuple[UUID, int] | None:
        open_ones = sorted(
            (key, each) for key, dates in self.series.items() for each, one in dates.items() if self.is_open(one)
        )
        if not open_ones:
            return None
        key, _ = open_ones[pick % len(open_ones)]
        numbers = [each for other, each in open_ones if other == key]
        return key, numbers[number % len(numbers)]

    def is_open(self, one: tuple[UUID, str, str]) -> bool:
        return one[1] == "confirmed" and to_utc(datetime.fromisoformat(one[2]), ZONE) > self.now

    def touched(self, key: UUID, number: int, scope: str) -> list[int]:
        found = [each for each, one in self.series[key].items() if self.is_open(one)]
        return [each for each in found if scope == "all" or each == number or (scope == "following" and each > number)]

    @precondition(lambda self: getattr(self, "series", None))
    @rule(pick=ANY, number=NUMBER, scope=SCOPE, days=st.integers(-3, 8), slot=SLOT, preview=st.booleans())
    def move_series(self, pick: int, number: int, scope: str, days: int, slot: int, preview: bool) -> None:
        found = self.pick_series(pick, number)
        if found is None:
            return
        key, number = found
        meant, before = self.touched(key, number, scope), self.whole()
        start = datetime.combine(
            date.fromisoformat(self.series[key][number][2][:10]) + timedelta(days=days),
            time.fromisoformat(STARTS[slot]),
        )
        moves = self.tried(
            lambda: actions.move_series(
                by=self.desk,
                series_id=key,
                number=number,
                local_start=f"{start:%Y-%m-%dT%H:%M}",
                scope=scope,
                now=self.now,
                preview=preview,
            )
        )
        if moves is None or preview:
            assert self.whole() == before
            return
        assert [one.number for one in moves] == meant
        for each in meant:
            visit_id, state, was = self.series[key][each]
            wall = datetime.combine(date.fromisoformat(was[:10]) + timedelta(days=days), start.time())
            self.move_away(visit_id, was, f"{wall:%Y-%m-%dT%H:%M}")
            self.series[key][each] = (visit_id, state, f"{wall:%Y-%m-%dT%H:%M}")

    def move_away(self, visit_id: UUID, was: str, now_at: str) -> None:
        client_id = Appointment.objects.get(pk=visit_id).client_id
        if was != now_at and WaitlistEntry.objects.filter(client_id=client_id, state="waiting").exists():
            self.gave_up.add((client_id, to_utc(datetime.fromisoformat(was), ZONE)))

    @precondition(lambda self: getattr(self, "series", None))
    @rule(pick=ANY, number=NUMBER, scope=SCOPE, preview=st.booleans(), ordinary=st.booleans())
    def cancel_series(self, pick: int, number: int, scope: str, preview: bool, ordinary: bool) -> None:
        found = self.pick_series(pick, number)
        if found is None:
            return
        key, number = found
        meant, before = self.touched(key, number, "one" if ordinary else scope), self.whole()
        if ordinary:
            visit_id = self.series[key][number][0]
            actions.cancel(by=self.desk, appointment_id=visit_id, now=self.now, preview=preview)
        else:
            actions.cancel_series(
                by=self.desk, series_id=key, number=number, scope=scope, now=self.now, preview=preview
            )
        if preview:
            assert self.whole() == before
            return
        for each in meant:
            visit_id, _, at = self.series[key][each]
            row = Appointment.objects.get(pk=visit_id)
            self.gave_up.add((row.client_id, row.starts_at))
            self.series[key][each] = (visit_id, "cancelled", at)

    @precondition(lambda self: getattr(self, "series", None))
    @rule(pick=ANY, number=NUMBER, days=st.integers(-3, 8), slot=SLOT)
    def move_one_by_the_ordinary_door(self, pick: int, number: int, days: int, slot: int) -> None:
        found = self.pick_series(pick, number)
        if found is None:
            return
        key, number = found
        visit_id, state, was = self.series[key][number]
        start = f"{date.fromisoformat(was[:10]) + timedelta(days=days)}T{STARTS[slot]}"
        if self.tried(
            lambda: actions.reschedule(by=self.desk, appointment_id=visit_id, local_start=start, now=self.now)
        ):
            self.move_away(visit_id, was, start)
            self.series[key][number] = (visit_id, state, start)

    @rule()
    def worker_comes_by(self) -> None:
        """And nobody is asked a second time about what they passed on or let run out."""
        before = set(WaitlistOffer.objects.values_list("pk", flat=True))
        self.passed |= set(WaitlistOffer.objects.exclude(state="open").values_list("client_id", "hold__starts_at"))
        due = set(WaitlistOffer.objects.filter(state="open", expires_at__lte=self.now).values_list("pk", flat=True))
        super().worker_comes_by()
        assert set(WaitlistOffer.objects.filter(pk__in=due).values_list("state", flat=True)) <= {"expired"}
        self.passed |= set(WaitlistOffer.objects.filter(pk__in=due).values_list("client_id", "hold__starts_at"))
        made = WaitlistOffer.objects.exclude(pk__in=before).values_list("client_id", "hold__starts_at")
        assert not self.passed & set(made)

    @rule(slot=ANY)
    def a_stranger_wants_what_is_kept(self, slot: int) -> None:
        live = WaitlistOffer.objects.filter(state="open", hold__state="held", expires_at__gt=self.now)
        rows = list(live.select_related("hold").order_by("offered_at", "id"))
        if not rows:
            return
        kept = rows[slot % len(rows)].hold
        day = date.fromisoformat(kept.local_start[:10])
        free = queries.open_slots(
            practice=self.practice,
            service=practices.service_at("therapeutic-60"),
            first=day,
            last=day,
            now=self.now,
        )
        assert not [one for one in free if one.starts_at < kept.ends_at and kept.starts_at < one.ends_at]
        with pytest.raises(UnknotError):
            actions.hold_slot(
                by=Actor(),
                practice=self.practice,
                service_slug="therapeutic-60",
                therapist_slug=None,
                place_slug="studio",
                local_start=kept.local_start,
                now=self.now,
            )

    @invariant()
    def every_series_is_whole(self) -> None:
        for key, dates in getattr(self, "series", {}).items():
            rows = list(SeriesVisit.objects.filter(series_id=key).select_related("appointment").order_by("number"))
            assert len(rows) == Series.objects.get(pk=key).count
            found = {
                one.number: (one.appointment_id, one.appointment.state, one.appointment.local_start)
                for one in rows
                if one.appointment
            }
            assert found == dates
            for one in rows:
                if one.appointment:
                    meant = to_utc(datetime.fromisoformat(one.appointment.local_start), ZONE)
                    assert one.appointment.starts_at == meant


def test_series_stay_whole_and_what_is_kept_is_kept(solo: Stage) -> None:
    SeriesMachine.stage = solo
    run_state_machine_as_test(
        SeriesMachine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
    )


@pytest.mark.parametrize("passes_on", [True, False])
def test_one_walk_meets_every_promise(solo: Stage, passes_on: bool) -> None:
    """The machine's own steps in an order that reaches each of its claims every time, however the dice fall."""
    SeriesMachine.stage = solo
    machine = SeriesMachine()
    machine.begin()
    machine.no_series_yet()
    try:
        machine.book_series(who=1, day=FIRST[1], slot=0, every=8, count=3, out=None)
        [dates] = machine.series.values()
        assert dates[3][2] == "2027-03-18T09:00", "beyond the change of the clocks, at the same time of day"
        machine.every_series_is_whole()
        for preview in (True, False):
            machine.move_series(pick=0, number=1, scope="following", days=0, slot=2, preview=preview)
        assert [one[2][11:] for one in dates.values()] == ["09:00", "11:30", "11:30"]
        machine.every_series_is_whole()
        machine.cancel(who=0, pick=-1, at_desk=False)  # on a day that three of them wait for
        machine.worker_comes_by()
        assert WaitlistOffer.objects.filter(state="open").count() == 1
        machine.a_stranger_wants_what_is_kept(slot=0)
        if passes_on:
            machine.answer(pick=0, yes=False)
        else:
            machine.wait(minutes=130)
        machine.worker_comes_by()
        assert WaitlistOffer.objects.count() == 2, "the next in line is asked"
        machine.cancel_series(pick=0, number=1, scope="following", preview=False, ordinary=False)
        assert [one[1] for one in dates.values()] == ["confirmed", "cancelled", "cancelled"]
        for check in (machine.every_series_is_whole, machine.nothing_is_sold_twice):
            check()
    finally:
        machine.teardown()
