"""Whatever happens to the diary and the line: one live offer for a stretch and for a person, in turn, nothing sold
twice, and never to somebody who gave that time up.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from unknot.booking import actions
from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.waitlist import Wish
from unknot.booking.models import Appointment, WaitlistEntry, WaitlistOffer
from unknot.booking.queries import waitlist as queries
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import CLIENT, Actor, system
from unknot.kernel.errors import UnknotError
from unknot.kernel.ids import new_id
from unknot.practice import queries as practices

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
DAYS = (date(2026, 11, 23), date(2026, 11, 24))
STARTS = ("09:00", "10:15", "11:30", "13:15", "14:30", "15:45")
WHO, SLOT = st.integers(0, 3), st.integers(0, len(STARTS) - 1)


@pytest.fixture
def solo(db: None) -> Iterator[Stage]:
    """Riverbend, in scope, everybody with valid answers."""
    stage = build_practice(cast.RIVERBEND, now=NOW)
    with tenancy.scope(practice_id=stage.practice.id):
        for client in stage.clients.values():
            Intake.objects.create(
                id=new_id(),
                practice=stage.practice,
                client=client,
                outcome="clear",
                created_at=NOW,
                screened_at=NOW,
                valid_until=NOW + timedelta(days=60),
            )
        yield stage


class LineMachine(RuleBasedStateMachine):
    """Four people book, cancel, move, wait, answer and leave, while the worker comes by now and then."""

    stage: Stage

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = NOW
        self.desk = system(self.stage.practice.id)
        clients = list(self.stage.clients.values())[:4]
        practice_id = self.stage.practice.id
        self.people = [Actor(one.account_id, practice_id, frozenset({CLIENT}), client_id=one.pk) for one in clients]
        self.gave_up: set[tuple[UUID, datetime]] = set()
        for day in range(len(DAYS)):
            for slot in range(len(STARTS)):
                self.book(who=0, day=day, slot=slot)
        for who in (1, 2, 3):
            self.join(who=who, days=(who % 2, 1), opens=8, hours=10)

    @property
    def practice(self) -> Any:
        return practices.practice(self.stage.practice.id)

    def tried(self, work: Any) -> Any:
        try:
            return work()
        except UnknotError:
            return None

    @rule(who=WHO, day=st.integers(0, 1), slot=SLOT)
    def book(self, who: int, day: int, slot: int) -> None:
        by = self.people[who]
        self.tried(
            lambda: actions.book_directly(
                by=by,
                practice=self.practice,
                service_slug="therapeutic-60",
                therapist_slug=None,
                place_slug="studio",
                local_start=f"{DAYS[day]}T{STARTS[slot]}",
                intake_id=Intake.objects.get(client_id=by.client_id).pk,
                now=self.now,
            )
        )

    def visits(self, who: int | None = None) -> list[Any]:
        found = Appointment.objects.filter(state="confirmed").order_by("starts_at")
        return list(found if who is None else found.filter(client_id=self.people[who].client_id))

    @rule(who=WHO, pick=st.integers(0, 9), at_desk=st.booleans())
    def cancel(self, who: int, pick: int, at_desk: bool) -> None:
        found = self.visits(None if at_desk else who)
        if found:
            row = found[pick % len(found)]
            by = self.desk if at_desk else self.people[who]
            if self.tried(lambda: actions.cancel(by=by, appointment_id=row.pk, now=self.now)):
                self.gave_up.add((row.client_id, row.starts_at))

    @rule(who=WHO, pick=st.integers(0, 9), day=st.integers(0, 1), slot=SLOT)
    def move(self, who: int, pick: int, day: int, slot: int) -> None:
        found = self.visits(who)
        if found:
            row, waits = found[pick % len(found)], WaitlistEntry.objects.filter(state="waiting")
            start = f"{DAYS[day]}T{STARTS[slot]}"
            moved = self.tried(
                lambda: actions.reschedule(by=self.desk, appointment_id=row.pk, local_start=start, now=self.now)
            )
            if moved and moved.visit.starts_at != row.starts_at and waits.filter(client_id=row.client_id).exists():
                self.gave_up.add((row.client_id, row.starts_at))

    @rule(who=WHO, days=st.sampled_from([(0, 0), (0, 1), (1, 1)]), opens=st.integers(8, 15), hours=st.integers(2, 10))
    def join(self, who: int, days: tuple[int, int], opens: int, hours: int) -> None:
        wish = Wish(
            "therapeutic-60", DAYS[days[0]], DAYS[days[1]], opens=opens * 60, closes=min(opens + hours, 24) * 60
        )
        self.tried(lambda: actions.join_waitlist(by=self.people[who], practice=self.practice, wish=wish, now=self.now))
        self.now += timedelta(minutes=1)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        for one in queries.own_waits(by=self.people[who], now=self.now)[:1]:
            actions.leave_waitlist(by=self.people[who], entry_id=one.id, now=self.now)

    @rule(pick=st.integers(0, 9), yes=st.booleans())
    def answer(self, pick: int, yes: bool) -> None:
        found = list(WaitlistOffer.objects.filter(state="open").order_by("offered_at", "id"))
        if found:
            row = found[pick % len(found)]
            by = next(one for one in self.people if one.client_id == row.client_id)
            work = actions.accept_offer if yes else actions.decline_offer
            self.tried(lambda: work(by=by, offer_id=row.pk, now=self.now))

    @rule(minutes=st.sampled_from([5, 60, 130, 600]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        actions.expire_holds(by=self.desk, now=self.now)

    @rule()
    def worker_comes_by(self) -> None:
        before = set(WaitlistOffer.objects.values_list("pk", flat=True))
        actions.run_waitlist(by=self.desk, now=self.now)
        assert actions.run_waitlist(by=self.desk, now=self.now) == 0
        made = list(WaitlistOffer.objects.exclude(pk__in=before).select_related("hold", "entry").order_by("id"))
        asked = {one.client_id for one in WaitlistOffer.objects.filter(state="open")}
        for one in made:
            hold = one.hold
            assert (one.client_id, hold.starts_at) not in self.gave_up
            assert hold.starts_at - timedelta(minutes=120) >= one.expires_at > self.now
            earlier = WaitlistEntry.objects.filter(state="waiting", joined_at__lt=one.entry.joined_at)
            for other in earlier.exclude(client_id__in=asked).select_related("service", "therapist", "place", "client"):
                wish = queries.entry_facts(other).wish
                if wish.fits(local_start=hold.local_start, therapist="maren-oduya", place="studio"):
                    shut = queries.spans_not_for(other.client_id, since=hold.starts_at, until=hold.ends_at)
                    assert any(since < hold.ends_at and hold.starts_at < until for since, until in shut), "out of turn"

    @invariant()
    def one_offer_for_a_person_and_a_stretch(self) -> None:
        live = list(WaitlistOffer.objects.filter(state="open", hold__state="held").select_related("hold"))
        assert len({one.client_id for one in live}) == len(live)
        spans = sorted((one.hold.starts_at, one.hold.ends_at) for one in live)
        assert all(one[1] <= two[0] for one, two in pairwise(spans))

    @invariant()
    def nothing_is_sold_twice(self) -> None:
        rows = Appointment.objects.filter(state__in=sorted(BLOCKING)).order_by("starts_at")
        spans = [(one.starts_at, one.ends_at) for one in rows]
        assert all(one[1] <= two[0] for one, two in pairwise(spans))
        taken = WaitlistOffer.objects.filter(state="accepted").select_related("hold", "entry")
        assert all(one.hold.client_id == one.client_id and one.entry.state == "booked" for one in taken)
        assert all(
            one.hold.state != State.HELD for one in WaitlistOffer.objects.exclude(state="open").select_related("hold")
        )

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)


def test_the_line_is_fair_whatever_happens(solo: Stage) -> None:
    LineMachine.stage = solo
    run_state_machine_as_test(LineMachine, settings=settings(max_examples=5, stateful_step_count=15, deadline=None))
