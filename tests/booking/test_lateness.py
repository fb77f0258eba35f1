"""Running late: the plan is written, everybody is told, and whatever is answered leaves a sound diary."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations, permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.domain.late import LateMinutesError
from unknot.booking.domain.lifecycle import BLOCKING
from unknot.booking.models import Appointment, GroupVisit, LateVisit
from unknot.booking.queries import Seat
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError, UnknotError
from unknot.notifications.models import Message
from unknot.people.models import Client
from unknot.practice import queries as practices

Booked = Callable[..., queries.VisitFacts]
DAY = "2026-11-19"


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(river, "therapist")


@pytest.fixture
def morning(book: Booked, tomasz: Actor, priya: Actor) -> list[queries.VisitFacts]:
    """Tomasz at nine and Priya right after him (and a quarter of an hour of buffer), Priya again after lunch."""
    return [book(f"{DAY}T09:00"), book(f"{DAY}T10:15", by=priya), book(f"{DAY}T14:00", by=priya)]


def tap(by: Actor, minutes: int, now: datetime, **more: Any) -> queries.DelayFacts:
    usual = {"therapist_slug": "maren-oduya", "key": uuid4()}
    return actions.run_late(by=by, minutes=minutes, now=now, **(usual | more))


def choice(late: queries.LateFacts, kind: str, now: datetime) -> str:
    return next(one.key for one in queries.late_options(late, now=now) if one.kind == kind)


def starts(visits: list[queries.VisitFacts], by: Actor) -> list[str]:
    return [queries.visit(one.id, by=by).local_start[11:] for one in visits]


def test_one_tap_moves_the_day_and_tells_everybody(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor, priya: Actor
) -> None:
    now, key = morning[0].starts_at - timedelta(minutes=5), uuid4()
    delay = tap(maren, 20, now, key=key)
    assert tap(maren, 20, now, key=key) == delay  # a second press
    assert starts(morning, maren) == ["09:20", "10:35", "14:00"]
    assert [(one.was.start, one.minutes, one.answer) for one in delay.visits] == [
        ("9:00 a.m.", 20, ""),
        ("10:15 a.m.", 20, ""),
    ]
    told = Message.objects.filter(kind="running_late")
    assert {one.account_id for one in told} == {tomasz.account_id, priya.account_id}
    assert {one.facts["path"] for one in told} == {f"/p/riverbend/my/late/{one.id}/" for one in delay.visits}
    waiting = Message.objects.filter(state="waiting", appointment_id=morning[0].id)
    assert [one.kind for one in waiting] == ["running_late"]  # the reminder of the old time is called off
    entry = Entry.objects.get(verb="diary.late")
    assert (entry.facts["minutes"], entry.facts["moved"], entry.facts["without_time"]) == (20, 2, 0)


def test_whoever_is_with_a_client_is_late_for_the_next(morning: list[queries.VisitFacts], maren: Actor) -> None:
    actions.mark(by=maren, appointment_id=morning[0].id, event="start", now=morning[0].starts_at)
    tap(maren, 30, morning[0].ends_at - timedelta(minutes=10))
    assert starts(morning, maren) == ["09:00", "10:45", "14:00"]


def test_nobody_waits_nobody_is_told(river: Stage, maren: Actor, now: datetime) -> None:
    assert tap(maren, 20, now).visits == ()
    assert Message.objects.count() == 0


def test_only_staff_and_only_sensible_minutes(tomasz: Actor, maren: Actor, now: datetime) -> None:
    with pytest.raises(NotFoundError):
        tap(tomasz, 20, now)
    for minutes in (0, 500):
        with pytest.raises(LateMinutesError):
            tap(maren, minutes, now)
    with pytest.raises(NotFoundError):
        tap(maren, 20, now, therapist_slug="nobody")


def test_no_answer_keeps_what_was_promised(
    river: Stage, morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor
) -> None:
    now = morning[0].starts_at - timedelta(minutes=5)
    late = tap(maren, 20, now).visits[0]
    actions.expire_holds(by=system(river.practice.id), now=late.answer_by)
    assert starts(morning, maren) == ["09:20", "10:35", "14:00"]
    assert late.answer_by == late.starts_at
    for choice_ in ("cancel", ""):
        with pytest.raises(actions.AnsweredError):
            actions.answer_late(by=tomasz, late_id=late.id, choice=choice_, now=late.answer_by)
    assert queries.late_options(late, now=late.answer_by) == []


def test_the_fee_is_never_for_our_lateness(morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    assert actions.cancel(by=tomasz, appointment_id=morning[0].id, now=now, preview=True).fee.minor == 11000
    late = tap(maren, 20, now).visits[0]
    assert actions.cancel(by=tomasz, appointment_id=morning[0].id, now=now, preview=True).fee.minor == 0
    later = late.starts_at
    missed = actions.mark(by=maren, appointment_id=morning[0].id, event="no_show", now=later)
    assert missed.fee.minor == 0
    assert LateVisit.objects.get(pk=late.id).answer == "over"


def test_each_answer_does_what_it_says(morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    late = tap(maren, 20, now).visits[0]
    kinds = ["keep", "later", "later", "day", "day", "day", "shorter", "cancel"]  # nobody else works here
    assert [one.kind for one in queries.late_options(late, now=now)] == kinds
    for kind in ("keep", "later", "day", "shorter", "cancel"):
        with transaction.atomic():
            key = choice(late, kind, now)
            done = actions.answer_late(by=tomasz, late_id=late.id, choice=key, now=now)
            assert actions.answer_late(by=tomasz, late_id=late.id, choice=key, now=now) == done
            assert (done.answer, done.is_open(now)) == (kind, False)
            with pytest.raises(actions.AnsweredError):
                actions.answer_late(by=tomasz, late_id=late.id, choice="over", now=now)
            visit = queries.visit(late.visit.id, by=tomasz)
            assert {
                "keep": (visit.local_start, visit.price.minor) == (f"{DAY}T09:20", 11000),
                "later": visit.local_start > f"{DAY}T09:20" and visit.local_start[:10] == DAY,
                "day": visit.local_start[:10] > DAY,
                "shorter": (visit.minutes, visit.price.minor, visit.ends_at) == (40, 7333, morning[0].ends_at),
                "cancel": (visit.state, visit.fee.minor) == ("cancelled", 0),
            }[kind], (kind, visit)
            transaction.set_rollback(True)


def test_on_another_day_its_own_terms_hold_again(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor
) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    late = tap(maren, 20, now).visits[0]
    actions.answer_late(by=tomasz, late_id=late.id, choice=choice(late, "day", now), now=now)
    visit = queries.visit(late.visit.id, by=tomasz)
    preview = actions.cancel(by=tomasz, appointment_id=visit.id, now=visit.starts_at - timedelta(hours=1), preview=True)
    assert preview.fee.minor == 11000


def test_a_stale_answer_changes_nothing(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor, priya: Actor, book: Booked
) -> None:
    now = morning[0].starts_at - timedelta(hours=3)
    late = tap(maren, 20, now).visits[0]
    key = choice(late, "later", now)
    local_start = key.rpartition("|")[2]
    book(local_start, by=priya, now=now)  # somebody takes it meanwhile
    with pytest.raises(actions.StaleAnswerError):
        actions.answer_late(by=tomasz, late_id=late.id, choice=key, now=now)
    assert key not in {one.key for one in queries.late_options(late, now=now)}
    actions.reschedule(by=maren, appointment_id=late.visit.id, local_start="2026-11-23T09:00", now=now)
    with pytest.raises(actions.AnsweredError):
        actions.answer_late(by=tomasz, late_id=late.id, choice="keep", now=now)


def test_a_second_delay_starts_afresh_and_remembers_the_first_promise(
    morning: list[queries.VisitFacts], maren: Actor, tomasz: Actor
) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    first = tap(maren, 10, now).visits[0]
    second = tap(maren, 15, now).visits[0]
    assert (second.was.start, second.minutes) == ("9:00 a.m.", 25)
    assert queries.late_visit(first.id, by=tomasz).answer == "superseded"
    with pytest.raises(actions.AnsweredError):
        actions.answer_late(by=tomasz, late_id=first.id, choice="keep", now=now)


def test_strangers_learn_nothing(morning: list[queries.VisitFacts], maren: Actor, priya: Actor) -> None:
    now = morning[0].starts_at - timedelta(minutes=30)
    late = tap(maren, 20, now).visits[0]
    with pytest.raises(NotFoundError):
        queries.late_visit(late.id, by=priya)
    with pytest.raises(NotFoundError):
        actions.answer_late(by=priya, late_id=late.id, choice="cancel", now=now)
    with pytest.raises(NotFoundError):
        queries.delay(late.delay_id, by=priya)


# Any mix of answers

TEAM = ("noor-haddad", "dev-malhotra", "ivan-petrov")
PAIRS = tuple(permutations(TEAM, 2))


def hour(text: str) -> str:
    return f"2026-11-23T{text}"


def fill(stage: Stage, wishes: list[tuple[str, str]], now: datetime) -> None:
    """Books what of the wishes can be booked, each for a client of its own."""
    for number, (therapist, at) in enumerate(wishes):
        client = Client.objects.create(practice=stage.practice, name=f"Person {number}", phone="+14035550199")
        try:
            actions.book_directly(
                by=system(stage.practice.id),
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug=therapist,
                place_slug="clinic",
                local_start=hour(at),
                client_id=client.pk,
                intake_id=None,
                now=now,
            )
        except UnknotError:
            continue


def fill_pairs(stage: Stage, wishes: list[tuple[tuple[str, str], str]], now: datetime) -> None:
    """Books what of these can be booked: two clients at once, each with a therapist, one for longer than the other."""
    by, practice = system(stage.practice.id), practices.practice(stage.practice.id)
    for number, ((first, second), at) in enumerate(wishes):
        coming = [
            actions.Person(Client.objects.create(practice=stage.practice, name=f"Pair {number}{one}").pk)
            for one in ("a", "b")
        ]
        seats = (Seat("therapeutic-60", first), Seat("therapeutic-75", second))
        try:
            kept = actions.hold_group(
                by=by, practice=practice, seats=seats, place_slug="clinic", local_start=hour(at), now=now
            )
        except UnknotError:
            continue
        actions.book_group(by=by, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)


def check(stage: Stage) -> None:
    """No two visits meet, on a therapist, a table or a client, buffers kept by the practice's rule; nobody who comes
    with others was moved away from them."""
    parts: dict[UUID, set[datetime]] = {}
    for part in GroupVisit.objects.filter(appointment__state__in=sorted(BLOCKING)).select_related("appointment"):
        parts.setdefault(part.group_id, set()).add(part.appointment.starts_at)
    assert all(len(starting) == 1 for starting in parts.values()), parts
    rows = list(Appointment.objects.filter(state__in=sorted(BLOCKING)))
    for one, other in combinations(sorted(rows, key=lambda row: row.starts_at), 2):
        if one.moves_id == other.pk or other.moves_id == one.pk:
            continue
        gap = (other.starts_at - one.ends_at) / timedelta(minutes=1)
        assert one.client_id != other.client_id or gap >= 0
        same_table = (one.room_id, one.room_unit) == (other.room_id, other.room_unit)
        if one.practitioner_id == other.practitioner_id or same_table:
            assert gap >= one.buffer_after + other.buffer_before, (one.local_start, other.local_start)
    for row in rows:
        assert row.ends_at > row.starts_at
        assert row.local_start == f"{row.starts_at - timedelta(hours=6):%Y-%m-%dT%H:%M}"  # Edmonton stays at UTC-6


@given(data=st.data())
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # making an example smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_diary_is_sound_after_any_mix_of_answers(hills: Stage, now: datetime, data: st.DataObject) -> None:
    """Delays of several therapists, answers of anybody in any order, old choices too, and new bookings in between."""
    times = [f"{at // 60:02}:{at % 60:02}" for at in range(8 * 60, 17 * 60, 75)]
    wishes = data.draw(st.lists(st.tuples(st.sampled_from(TEAM), st.sampled_from(times)), min_size=5, max_size=14))
    by, moment = system(hills.practice.id), now + timedelta(days=5, hours=22)  # 07:00 on the 23rd in Edmonton
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(PAIRS), st.sampled_from(times)), max_size=4))
    with transaction.atomic():
        fill_pairs(hills, pairs, now)
        fill(hills, wishes, now)
        seen: list[tuple[UUID, str]] = []  # choices that some page once showed
        parts: list[UUID] = []
        for _ in range(data.draw(st.integers(2, 9))):
            what = data.draw(st.sampled_from(["late", "answer", "answer", "stale", "book", "wait"]))
            if what == "late" or not parts:
                therapist, minutes = data.draw(st.sampled_from(TEAM)), data.draw(st.integers(1, 24)) * 5
                parts += [one.id for one in tap(by, minutes, moment, therapist_slug=therapist).visits]
            elif what == "wait":
                moment += timedelta(minutes=data.draw(st.integers(1, 90)))
            elif what == "book":
                fill(hills, [(data.draw(st.sampled_from(TEAM)), data.draw(st.sampled_from(times)))], moment)
            else:
                late = queries.late_visit(data.draw(st.sampled_from(parts)), by=by)
                shown = [(late.id, one.key) for one in queries.late_options(late, now=moment)]
                seen += shown
                pool = seen if what == "stale" else shown
                if pool:
                    late_id, key = data.draw(st.sampled_from(pool))
                    fresh = what == "answer"
                    try:
                        done = actions.answer_late(by=by, late_id=late_id, choice=key, now=moment)
                        assert done.answer == key.partition(":")[0]
                    except ConflictError:
                        assert not fresh, key  # what is offered can be had
            check(hills)
        transaction.set_rollback(True)
