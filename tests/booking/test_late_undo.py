"""A wrong tap is taken back: everybody stands where they stood, and hears of it only if they had heard of the delay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.booking.test_lateness import PAIRS, TEAM, check, fill, fill_pairs
from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment, Delay, LateVisit
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.practice.models import Room
from unknot.travel.queries import Point

pytestmark = pytest.mark.django_db
Booked = Callable[..., queries.VisitFacts]
DAY = "2026-11-19"


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(river, "therapist")


@pytest.fixture
def morning(book: Booked, tomasz: Actor, priya: Actor) -> list[queries.VisitFacts]:
    """Tomasz at nine, Priya right after him, Priya again after lunch."""
    return [book(f"{DAY}T09:00"), book(f"{DAY}T10:15", by=priya), book(f"{DAY}T14:00", by=priya)]


def tap(by: Actor, minutes: int, now: datetime, therapist: str = "maren-oduya") -> queries.DelayFacts:
    return actions.run_late(by=by, minutes=minutes, now=now, therapist_slug=therapist, key=uuid4())


def left() -> None:
    """What waited to be sent has left."""
    Message.objects.filter(state="waiting").update(state="sent")


def kinds() -> list[str]:
    return sorted(Message.objects.filter(state="waiting").values_list("kind", flat=True))


def whole(visits: list[queries.VisitFacts]) -> list[Any]:
    """All that a delay changes, but for the sequence."""
    rows = Appointment.objects.filter(pk__in=[one.id for one in visits]).order_by("starts_at")
    fields = ("starts_at", "ends_at", "blocked", "local_start", "room_id", "room_unit", "late_at", "state")
    return list(rows.values_list(*fields))


def test_everybody_stands_where_they_stood(morning: list[queries.VisitFacts], maren: Actor) -> None:
    before, now = whole(morning), morning[0].starts_at - timedelta(minutes=5)
    delay = tap(maren, 20, now)
    assert whole(morning) != before
    assert delay.can_undo(now)
    undone = actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert whole(morning) == before
    assert (undone.undone_at, {one.answer for one in undone.visits}) == (now, {"undone"})
    assert not undone.can_undo(now)
    assert [queries.visit(one.id, by=maren).sequence for one in morning] == [2, 2, 0]
    assert actions.undo_late(by=maren, delay_id=delay.id, now=now) == undone
    assert Entry.objects.filter(verb="diary.late_undone").count() == 1
    assert Delay.objects.get().undone_by == maren.account_id


def test_whoever_had_not_been_told_hears_nothing(morning: list[queries.VisitFacts], maren: Actor) -> None:
    left()
    now = morning[0].starts_at - timedelta(minutes=5)
    delay = tap(maren, 20, now)
    assert kinds() == ["running_late", "running_late"]
    actions.undo_late(by=maren, delay_id=delay.id, now=now + timedelta(seconds=20))
    assert kinds() == []


def test_whoever_was_told_hears_that_their_time_stands(morning: list[queries.VisitFacts], maren: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=5)
    delay = tap(maren, 20, now)
    left()
    actions.undo_late(by=maren, delay_id=delay.id, now=now + timedelta(minutes=2))
    assert kinds() == ["on_time", "on_time"]
    told = Message.objects.get(kind="on_time", appointment_id=morning[0].id)
    assert told.facts["local_start"] == f"{DAY}T09:00"
    assert told.facts["sequence"] == 2


def test_the_fee_is_due_again(morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    delay = tap(maren, 20, now)
    actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert actions.cancel(by=tomasz, appointment_id=morning[0].id, now=now, preview=True).fee.minor == 11000


@pytest.mark.parametrize("kind", ["keep", "shorter", "cancel", "day"])
def test_not_once_somebody_has_answered(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor, kind: str
) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    delay = tap(maren, 20, now)
    late = delay.visits[0]
    key = next(one.key for one in queries.late_options(late, now=now) if one.kind == kind)
    actions.answer_late(by=tomasz, late_id=late.id, choice=key, now=now)
    seen = whole(morning)
    assert not queries.delay(delay.id, by=maren).can_undo(now)
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert refused.value.extra["reason"] == "answered"
    assert whole(morning) == seen
    assert LateVisit.objects.filter(answer="undone").count() == 0


def test_not_once_a_visit_was_moved_or_begins(morning: list[queries.VisitFacts], maren: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=5)
    delay = tap(maren, 20, now)
    actions.mark(by=maren, appointment_id=morning[0].id, event="start", now=now)
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert refused.value.extra["reason"] == "answered"


def test_not_once_an_agreed_time_has_passed(morning: list[queries.VisitFacts], maren: Actor) -> None:
    before, starts_at = whole(morning), morning[0].starts_at
    delay = tap(maren, 20, starts_at - timedelta(minutes=6))
    assert not delay.can_undo(starts_at)
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=delay.id, now=starts_at)
    assert refused.value.extra["reason"] == "passed"
    actions.undo_late(by=maren, delay_id=delay.id, now=starts_at - timedelta(seconds=1))
    assert whole(morning) == before


def test_a_tap_at_the_start_itself_can_be_taken_back_at_once(morning: list[queries.VisitFacts], maren: Actor) -> None:
    before, starts_at = whole(morning), morning[0].starts_at
    delay = tap(maren, 60, starts_at + timedelta(minutes=1))
    assert whole(morning) != before
    actions.undo_late(by=maren, delay_id=delay.id, now=starts_at + timedelta(minutes=3))
    assert whole(morning) == before


def test_an_old_answer_meets_nothing(morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    late = tap(maren, 20, now).visits[0]
    actions.undo_late(by=maren, delay_id=late.delay_id, now=now)
    before = whole(morning)
    for key in ("keep", "cancel", "shorter"):
        with pytest.raises(actions.AnsweredError):
            actions.answer_late(by=tomasz, late_id=late.id, choice=key, now=now)
    assert whole(morning) == before
    assert queries.open_lates([late.visit.id], now=now) == {}


def test_the_newest_first_and_the_one_before_counts_again(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor
) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    first = tap(maren, 10, now)
    after_first = whole(morning)
    left()
    second = tap(maren, 15, now + timedelta(minutes=1))
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=first.id, now=now + timedelta(minutes=2))
    assert refused.value.extra["reason"] == "newer"
    left()
    actions.undo_late(by=maren, delay_id=second.id, now=now + timedelta(minutes=2))
    assert whole(morning) == after_first
    assert kinds() == ["running_late", "running_late"], "what the first one said is told again"
    late = queries.late_visit(first.visits[0].id, by=tomasz)
    assert late.is_open(now + timedelta(minutes=2))
    done = actions.answer_late(by=tomasz, late_id=late.id, choice="keep", now=now + timedelta(minutes=2))
    assert done.answer == "keep"


def test_both_taken_back_in_turn(morning: list[queries.VisitFacts], maren: Actor) -> None:
    before, now = whole(morning), morning[0].starts_at - timedelta(minutes=30)
    first, second = tap(maren, 10, now), tap(maren, 15, now + timedelta(minutes=1))
    for one in (second, first):
        actions.undo_late(by=maren, delay_id=one.id, now=now + timedelta(minutes=2))
    assert whole(morning) == before


def test_a_time_that_somebody_got_meanwhile_is_not_taken_from_them(
    river: Stage, morning: list[queries.VisitFacts], maren: Actor, book: Booked
) -> None:
    now = morning[0].starts_at - timedelta(minutes=90)
    delay = tap(maren, 90, now)
    gap = book(
        f"{DAY}T09:00",
        by=maren,
        client_id=river.clients["gail@clients.example"].pk,
        intake_id=None,
        override_reason="at the door",
        now=now,
    )
    seen = whole([*morning, gap])
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert refused.value.extra["reason"] == "given-away"
    assert whole([*morning, gap]) == seen


def test_a_visit_that_had_no_time_left_is_told_too(
    maren: Actor, book: Booked, facts: Callable[..., Any], river: Stage
) -> None:
    visits = [book(f"{DAY}T14:45")]
    before, now = whole(visits), visits[0].starts_at - timedelta(hours=3)
    actions.hold_slot(
        by=maren,
        practice=facts(river),
        service_slug="therapeutic-60",
        therapist_slug="maren-oduya",
        place_slug="studio",
        local_start=f"{DAY}T16:00",
        override_reason="on the phone",
        now=visits[0].starts_at,
    )
    delay = tap(maren, 60, now)
    assert [one.starts_at for one in delay.visits] == [None]
    left()
    actions.undo_late(by=maren, delay_id=delay.id, now=now)
    assert whole(visits) == before
    assert kinds() == ["on_time"]


def test_home_visits_go_back_too_and_a_drive_that_does_not_fit_any_more_stops_it(
    river: Stage, maren: Actor, book: Booked, tomasz: Actor, now: datetime
) -> None:
    home: dict[str, Any] = {
        "service_slug": "home-therapeutic-60",
        "place_slug": "home",
        "home_address": "3 Aspen Drive",
    }
    visits = [book("2026-11-18T14:00", home=Point(53.47, -113.56), **home)]
    before, early = whole(visits), visits[0].starts_at - timedelta(hours=3)
    delay = tap(maren, 120, early)
    assert whole(visits) != before
    other = book(
        "2026-11-18T12:30",
        home=Point(53.52, -113.50),
        by=maren,
        client_id=river.clients["gail@clients.example"].pk,
        intake_id=None,
        override_reason="at the door",
        now=early,
        **home,
    )
    with pytest.raises(actions.LateUndoError) as refused:
        actions.undo_late(by=maren, delay_id=delay.id, now=early)
    assert refused.value.extra["reason"] == "given-away"
    actions.cancel(by=maren, appointment_id=other.id, now=early)
    actions.undo_late(by=maren, delay_id=delay.id, now=early)
    assert whole(visits) == before


def test_for_staff_only(morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor, river: Stage) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    delay = tap(maren, 20, now)
    for by in (tomasz, Actor()):
        with pytest.raises(NotFoundError):
            actions.undo_late(by=by, delay_id=delay.id, now=now)
    with pytest.raises(NotFoundError):
        actions.undo_late(by=system(river.practice.id), delay_id=uuid4(), now=now)


@given(data=st.data())
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # making an example smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_taps_taken_back_in_turn_leave_the_day_as_it_was(hills: Stage, now: datetime, data: st.DataObject) -> None:
    """Three therapists share two rooms, so that visits change tables on the way."""
    times = [f"{at // 60:02}:{at % 60:02}" for at in range(8 * 60, 17 * 60, 75)]
    wishes = data.draw(st.lists(st.tuples(st.sampled_from(TEAM), st.sampled_from(times)), min_size=4, max_size=12))
    by, moment = system(hills.practice.id), now + timedelta(days=5, hours=22)  # 07:00 on the 23rd in Edmonton
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(PAIRS), st.sampled_from(times)), max_size=4))
    with transaction.atomic():
        Room.objects.filter(name__in=["Cedar", "Dogwood"]).update(active=False)
        fill_pairs(hills, pairs, now)
        fill(hills, wishes, now)
        rows = Appointment.objects.order_by("pk")
        fields = ("pk", "starts_at", "ends_at", "blocked", "local_start", "room_id", "room_unit", "late_at", "state")
        states = [list(rows.values_list(*fields))]
        taps = []
        for number in range(data.draw(st.integers(1, 3))):
            minutes = data.draw(st.integers(1, 24)) * 5
            taps.append(tap(by, minutes, moment + timedelta(seconds=number), data.draw(st.sampled_from(TEAM))))
            states.append(list(rows.values_list(*fields)))
        for one in reversed(taps):
            assert list(rows.values_list(*fields)) == states.pop()
            actions.undo_late(by=by, delay_id=one.id, now=moment + timedelta(seconds=9))
            check(hills)
        assert list(rows.values_list(*fields)) == states.pop()
        transaction.set_rollback(True)
