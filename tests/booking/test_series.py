"""Series: seen whole before anything is saved, booked whole or not at all."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.domain.series import SeriesRule, SeriesTooLongError
from unknot.booking.models import Appointment, Series, SeriesVisit
from unknot.booking.queries import Chosen
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.notifications.models import Message
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

pytestmark = pytest.mark.django_db


def weekly(count: int, first: str = "2026-11-23T10:00", every: int = 1, unit: str = "weeks") -> SeriesRule:
    return SeriesRule(datetime.fromisoformat(first), every, unit, count)


@pytest.fixture
def maya(foothills: Stage, client_of: Callable[..., Actor]) -> Actor:
    return client_of(foothills, "maya@clients.example")


@pytest.fixture
def wish(hills: Stage, facts: Callable[[Stage], PracticeFacts]) -> Callable[..., actions.SeriesWish]:
    """`wish(rule, **changes)`: an hour with Noor at the clinic."""

    def made(rule: SeriesRule, **changes: Any) -> actions.SeriesWish:
        usual: dict[str, Any] = {
            "practice": facts(hills),
            "service_slug": "therapeutic-60",
            "therapist_slug": "noor-haddad",
            "place_slug": "clinic",
        }
        return actions.SeriesWish(rule=rule, **(usual | changes))

    return made


@pytest.fixture
def block(hills: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime) -> Callable[..., Any]:
    """`block("2026-12-21T10:00")`: Anders takes an hour of Noor's."""

    def taken(at: str, therapist: str = "noor-haddad", client: str = "anders@clients.example") -> Any:
        return actions.book_directly(
            by=system(hills.practice.id),
            practice=facts(hills),
            service_slug="therapeutic-60",
            therapist_slug=therapist,
            place_slug="clinic",
            local_start=at,
            client_id=hills.clients[client].pk,
            intake_id=None,
            now=now,
        )

    return taken


@pytest.fixture
def plan(now: datetime) -> Callable[..., list[queries.Planned]]:
    def planned(wish: actions.SeriesWish, **changes: Any) -> list[queries.Planned]:
        asked: dict[str, Any] = {
            "practice": wish.practice,
            "service": practices.service_at(wish.service_slug),
            "rule": wish.rule,
            "therapist_slug": wish.therapist_slug,
            "place_slug": wish.place_slug,
            "now": now,
        }
        return queries.plan_series(**(asked | changes))

    return planned


@pytest.fixture
def book_it(hills: Stage, maya: Actor, now: datetime, answered: Callable[..., UUID]) -> Callable[..., Any]:
    """`book_it(wish)`: Maya books it."""

    def booked(wish: actions.SeriesWish, **changes: Any) -> Any:
        by = changes.pop("by", maya)
        intake_id = answered(hills, maya.client_id, now=now, outcome=changes.pop("outcome", "clear"))
        return actions.book_series(by=by, wish=wish, intake_id=intake_id, now=now, **changes)

    return booked


def mails(kind: str = "") -> int:
    found = Message.objects.exclude(state="cancelled")
    return int((found.filter(kind=kind) if kind else found.exclude(kind="booking_reminder")).count())


def test_a_series_is_booked_whole_with_one_mail_and_a_reminder_for_each(
    wish: Callable[..., Any], book_it: Callable[..., Any], plan: Callable[..., Any]
) -> None:
    asked = wish(weekly(6))
    assert [one.slot.local_start for one in plan(asked)] == [one.local_start for one in plan(asked)]
    found = book_it(asked)
    assert [one.visit.local_start for one in found.dates] == [
        "2026-11-23T10:00",
        "2026-11-30T10:00",
        "2026-12-07T10:00",
        "2026-12-14T10:00",
        "2026-12-21T10:00",
        "2026-12-28T10:00",
    ]
    assert {one.state for one in found.visits} == {"confirmed"}
    assert {(one.price.minor, str(one.tiers)) for one in found.visits} == {(11000, "[[24, 50], [4, 100]]")}
    assert (mails(), mails("series_booked"), mails("booking_reminder")) == (1, 1, 6)
    assert Entry.objects.filter(verb="series.booked").count() == 1
    assert Entry.objects.filter(verb="visit.booked").count() == 6


def test_c19_eight_weeks_with_week_five_taken(
    wish: Callable[..., Any], book_it: Callable[..., Any], plan: Callable[..., Any], block: Callable[..., Any]
) -> None:
    block("2026-12-21T10:00")
    before, sent = Appointment.objects.count(), mails()
    asked = wish(weekly(8))
    planned = plan(asked)
    assert [one.number for one in planned if one.slot is None] == [5]
    fifth = planned[4]
    assert (fifth.reason, fifth.why) == ("taken", "This time is taken.")
    near = {kind: [one.slot.local_start for one in fifth.alternatives if one.kind == kind] for kind in queries.KINDS}
    assert near["same-day"]
    assert {one[:10] for one in near["same-day"]} == {"2026-12-21"}
    assert {one[10:] for one in near["other-therapist"]} == {"T10:00"}
    assert near["other-day"]
    with pytest.raises(actions.SeriesConflictError) as refused:
        book_it(asked)
    assert refused.value.extra["numbers"] == [5]
    assert refused.value.extra["conflicts"][0]["alternatives"]
    assert (Appointment.objects.count(), mails(), Series.objects.count()) == (before, sent, 0)
    assert Message.objects.filter(kind="booking_reminder").count() == 1  # of the visit that stands in the way
    other = next(one.slot for one in fifth.alternatives if one.kind == "same-day")
    pick = Chosen(other.local_start, other.therapist_slug, other.place_slug)
    found = book_it(wish(weekly(8), chosen={5: pick, 8: None}))
    assert [one.exception for one in found.dates] == ["", "", "", "", "moved", "", "", "left-out"]
    assert found.dates[4].visit.local_start == other.local_start
    assert len(found.visits) == 7


def test_every_alternative_can_be_booked(
    wish: Callable[..., Any], book_it: Callable[..., Any], plan: Callable[..., Any], block: Callable[..., Any]
) -> None:
    block("2026-11-30T10:00")
    for one in plan(wish(weekly(3)))[1].alternatives:
        pick = Chosen(one.slot.local_start, one.slot.therapist_slug, one.slot.place_slug)
        with transaction.atomic():
            assert book_it(wish(weekly(3), chosen={2: pick})).dates[1].visit.local_start == one.slot.local_start
            transaction.set_rollback(True)
    assert Series.objects.count() == 0


def test_all_conflicts_are_told_at_once(
    wish: Callable[..., Any], book_it: Callable[..., Any], block: Callable[..., Any]
) -> None:
    for at in ("2026-11-30T10:00", "2026-12-14T10:30"):
        block(at)
    with pytest.raises(actions.SeriesConflictError) as refused:
        book_it(wish(weekly(4)))
    assert refused.value.extra["numbers"] == [2, 4]


def test_own_visits_stand_in_the_way_too(
    hills: Stage,
    wish: Callable[..., Any],
    book_it: Callable[..., Any],
    plan: Callable[..., Any],
    block: Callable[..., Any],
) -> None:
    block("2026-11-30T10:00", therapist="dev-malhotra", client="maya@clients.example")
    planned = plan(wish(weekly(3)), client_id=hills.clients["maya@clients.example"].pk)
    assert [one.reason for one in planned] == ["", "client-busy", ""]
    assert all(one.slot.local_start != "2026-11-30T10:00" for one in planned[1].alternatives)
    with pytest.raises(actions.SeriesConflictError) as refused:
        book_it(wish(weekly(3)))
    assert refused.value.extra["numbers"] == [2]


def test_a_closed_day_and_a_skipped_hour_are_named(wish: Callable[..., Any], plan: Callable[..., Any]) -> None:
    planned = plan(wish(weekly(7, every=1, unit="days")))
    assert {one.reason for one in planned} >= {"", "closed"}
    skipped = wish(weekly(3, "2026-12-01T02:30", every=1, unit="days"))
    assert {one.reason for one in plan(skipped)} == {"closed"}


def test_the_later_visits_follow_the_first_beyond_the_horizon(
    wish: Callable[..., Any], book_it: Callable[..., Any], plan: Callable[..., Any]
) -> None:
    far = plan(wish(weekly(3, "2027-03-01T10:00")))
    assert {one.reason for one in far} == {"past-horizon"}
    holiday = plan(wish(weekly(20)))[12]
    assert (holiday.local_start[:10], holiday.reason) == ("2027-02-15", "closed")
    found = book_it(wish(weekly(20), chosen={13: None}))
    assert found.visits[-1].local_start == "2027-04-05T10:00"


def test_without_a_therapist_the_one_with_most_dates_comes_first(
    wish: Callable[..., Any], plan: Callable[..., Any], block: Callable[..., Any]
) -> None:
    block("2026-11-30T13:00")
    planned = plan(wish(weekly(4, "2026-11-23T13:00"), therapist_slug=None))
    names = {one.slot.therapist_slug for one in planned}
    assert len(names) == 1
    assert names != {"noor-haddad"}


def test_answers_to_talk_about_make_every_visit_a_request(
    wish: Callable[..., Any], book_it: Callable[..., Any]
) -> None:
    found = book_it(wish(weekly(3)), outcome="review")
    assert {one.state for one in found.visits} == {"requested"}
    assert (mails("series_booked"), mails("booking_reminder"), mails("therapist_alert")) == (0, 0, 1)


def test_the_gate_is_that_of_one_visit(
    hills: Stage, maya: Actor, wish: Callable[..., Any], now: datetime, book_it: Callable[..., Any]
) -> None:
    with pytest.raises(actions.ScreeningNeededError):
        actions.book_series(by=maya, wish=wish(weekly(3)), intake_id=None, now=now)
    with pytest.raises(actions.NotSafeNowError):
        book_it(wish(weekly(3)), outcome="doctor_first")
    with pytest.raises(actions.StaffOnlyError):
        book_it(wish(weekly(3)), client_id=hills.clients["anders@clients.example"].pk)
    with pytest.raises(actions.ClientNeededError):
        book_it(wish(weekly(3)), by=Actor())
    assert (Appointment.objects.count(), mails()) == (0, 0)


def test_nonsense_is_refused_by_name(wish: Callable[..., Any], book_it: Callable[..., Any]) -> None:
    with pytest.raises(actions.SeriesChoiceError):
        book_it(wish(weekly(3), chosen={4: None}))
    with pytest.raises(actions.SeriesEmptyError):
        book_it(wish(weekly(2), chosen={1: None, 2: None}))
    with pytest.raises(SeriesTooLongError):
        weekly(10_000)
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("count", [2, 30])
def test_a_plan_takes_the_same_queries_however_long(
    wish: Callable[..., Any], plan: Callable[..., Any], django_assert_max_num_queries: Callable[..., Any], count: int
) -> None:
    asked = wish(weekly(count))
    plan(asked)
    with django_assert_max_num_queries(6):
        plan(asked)


def test_the_tables_refuse_a_number_twice(wish: Callable[..., Any], book_it: Callable[..., Any]) -> None:
    found = book_it(wish(weekly(2)))
    assert [one.number for one in SeriesVisit.objects.filter(series_id=found.id).order_by("number")] == [1, 2]
    part = queries.series_of_visit(found.visits[1].id)
    assert part is not None
    assert (part.series_id, part.number, part.count) == (found.id, 2, 2)


def test_all_locks_are_taken_at_once_also_those_of_an_earlier_hold(
    wish: Callable[..., Any],
    book_it: Callable[..., Any],
    facts: Callable[..., Any],
    hills: Stage,
    maya: Actor,
    now: datetime,
) -> None:
    """Locks taken in two steps end in deadlocks: somebody holds the rooms and waits for a therapist."""
    actions.hold_slot(
        by=maya, practice=facts(hills), service_slug="therapeutic-60", therapist_slug="dev-malhotra",
        place_slug="clinic", local_start="2026-11-23T13:00", now=now,
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        book_it(wish(weekly(3)))
    taken = [
        set(zip(*(part.split(",") for part in re.findall(r"'\{([^}]*)\}'", one["sql"])), strict=True))
        for one in asked.captured_queries
        if "pg_advisory_xact_lock(kind" in one["sql"]
    ]
    assert len(taken) > 2
    assert set().union(*taken[1:]) <= taken[0]
