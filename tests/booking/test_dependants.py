"""Visits of children and relatives: their own answers, their own diary, their carer's hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions as intakes
from unknot.intake import domain as questions
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import actions as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

AT = "2026-11-19T10:00"


@pytest.fixture
def maya(hills: Stage, client_of: Callable[..., Actor], now: datetime) -> Actor:
    """A client of Foothills with a child."""
    by = client_of(hills, "maya@clients.example")
    people.add_dependant(by=by, name="Iris Thorne", born_on=date(2017, 3, 21), relation="child", now=now)
    assert by.account_id
    return practices.actor(by.account_id, by.practice_id, strong=True)


@pytest.fixture
def iris(maya: Actor) -> UUID:
    """The child's client id."""
    return next(iter(maya.dependants))


@pytest.fixture
def visit(hills: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime) -> Callable[..., VisitFacts]:
    """`visit(by, intake_id, therapist)`: an hour at the clinic, booked at once."""

    def book(by: Actor, intake_id: UUID | None, therapist: str, **more: Any) -> VisitFacts:
        asked = {"service_slug": "therapeutic-60", "place_slug": "clinic", "local_start": AT, "practice": facts(hills)}
        return actions.book_directly(by=by, therapist_slug=therapist, intake_id=intake_id, now=now, **asked | more)

    return book


def every_no() -> dict[str, str]:
    return {row: "no" for card in questions.short_questions() for row in card.rules}


def test_a_childs_visit_is_the_childs_and_the_carers_to_see(
    hills: Stage,
    maya: Actor,
    iris: UUID,
    visit: Callable[..., VisitFacts],
    now: datetime,
    answered: Callable[..., UUID],
) -> None:
    made = visit(maya.acting_for(iris), answered(hills, iris, now=now), "noor-haddad")
    assert (made.client_id, made.account_id) == (iris, maya.account_id)
    assert queries.visit(made.id, by=maya).id == made.id
    assert [one.id for one in queries.visits_for(maya)] == [made.id]
    assert queries.visits_of(maya.client_id, by=maya) == []  # type: ignore[arg-type]
    assert maya.account_id
    assert queries.find_visit_scope(made.id, maya.account_id) == "foothills"
    assert actions.cancel(by=maya, appointment_id=made.id, now=now).visit.state == "cancelled"


def test_nobody_else_sees_books_or_cancels_it(
    hills: Stage,
    maya: Actor,
    iris: UUID,
    visit: Callable[..., VisitFacts],
    now: datetime,
    answered: Callable[..., UUID],
    client_of: Callable[..., Actor],
) -> None:
    intake = answered(hills, iris, now=now)
    made = visit(maya.acting_for(iris), intake, "noor-haddad")
    other = client_of(hills, "anders@clients.example")
    people.add_dependant(by=other, name="Nils Berg", born_on=date(2015, 1, 1), relation="child", now=now)
    assert other.account_id
    other = practices.actor(other.account_id, other.practice_id, strong=True)
    with pytest.raises(NotFoundError):
        queries.visit(made.id, by=other)
    with pytest.raises(NotFoundError):
        queries.visits_of(iris, by=other)
    with pytest.raises(NotFoundError):
        actions.cancel(by=other, appointment_id=made.id, now=now)
    with pytest.raises(actions.StaffOnlyError):
        visit(other, intake, "sofia-marchetti", client_id=iris)
    assert queries.visits_for(other) == []


def test_the_parents_answers_never_stand_for_the_child(
    hills: Stage,
    maya: Actor,
    iris: UUID,
    visit: Callable[..., VisitFacts],
    now: datetime,
    answered: Callable[..., UUID],
) -> None:
    own = answered(hills, maya.client_id, now=now)
    for intake in (own, None, uuid4()):
        with pytest.raises(actions.ScreeningNeededError):
            visit(maya.acting_for(iris), intake, "noor-haddad")
    with pytest.raises(actions.NotSafeNowError):
        visit(maya.acting_for(iris), answered(hills, iris, now=now, outcome="doctor_first"), "noor-haddad")
    assert visit(maya, own, "noor-haddad").state == "confirmed"


def test_under_eighteen_the_therapist_always_talks_with_both_first(
    maya: Actor, iris: UUID, visit: Callable[..., VisitFacts], now: datetime
) -> None:
    told = intakes.record_screening(by=maya.acting_for(iris), answers=every_no(), now=now)
    assert (told.client_id, told.answers["C57"], told.outcome) == (iris, "yes", "review")
    assert visit(maya.acting_for(iris), told.id, "noor-haddad").state == "requested"
    own = intakes.record_screening(by=maya, answers=every_no(), now=now)
    assert (own.client_id, own.answers["C57"], own.outcome) == (maya.client_id, "no", "clear")


def test_a_visitors_answers_are_never_claimed_for_a_child(maya: Actor, iris: UUID, now: datetime) -> None:
    nobody = Actor(practice_id=maya.practice_id)
    intakes.record_screening(by=nobody, visitor="secret", answers=every_no(), now=now)
    with pytest.raises(NotFoundError):
        intakes.claim(by=maya.acting_for(iris), visitor="secret", client_id=iris, now=now)


def test_parent_and_child_at_the_same_time_with_two_therapists_and_nobody_twice(
    hills: Stage,
    maya: Actor,
    iris: UUID,
    visit: Callable[..., VisitFacts],
    now: datetime,
    answered: Callable[..., UUID],
) -> None:
    own, childs = answered(hills, maya.client_id, now=now), answered(hills, iris, now=now)
    visit(maya, own, "noor-haddad")
    with pytest.raises(actions.ClientBusyError):
        visit(maya, own, "sofia-marchetti")
    visit(maya.acting_for(iris), childs, "sofia-marchetti")
    with pytest.raises(actions.ClientBusyError):
        visit(maya.acting_for(iris), childs, "owen-blackwood", local_start="2026-11-19T10:30")
    assert Appointment.objects.filter(state="confirmed").count() == 2


def test_a_hold_for_a_child_leaves_the_parents_hold_alone(
    hills: Stage, maya: Actor, iris: UUID, facts: Callable[[Stage], PracticeFacts], now: datetime
) -> None:
    asked: dict[str, Any] = {
        "practice": facts(hills),
        "service_slug": "therapeutic-60",
        "place_slug": "clinic",
        "local_start": AT,
        "now": now,
    }
    first = actions.hold_slot(by=maya, therapist_slug="noor-haddad", **asked)
    second = actions.hold_slot(by=maya.acting_for(iris), therapist_slug="sofia-marchetti", **asked)
    rows = {row.pk: (row.state, row.client_id) for row in Appointment.objects.all()}
    assert rows == {first.id: ("held", maya.client_id), second.id: ("held", iris)}


def test_receipts_and_lists_by_account_need_no_practice(
    hills: Stage,
    maya: Actor,
    iris: UUID,
    visit: Callable[..., VisitFacts],
    now: datetime,
    answered: Callable[..., UUID],
) -> None:
    made = visit(maya.acting_for(iris), answered(hills, iris, now=now), "noor-haddad")
    with tenancy.scope(account_id=maya.account_id):
        assert list(Appointment.across_practices.values_list("pk", flat=True)) == [made.id]
    with tenancy.scope(account_id=uuid4()):
        assert not Appointment.across_practices.exists()


def test_staff_read_age_and_guardian_and_the_actor_forgets_none(maya: Actor, iris: UUID) -> None:
    assert maya.answers_for(iris)
    assert maya.answers_for(maya.client_id)
    assert not maya.answers_for(None)
    assert not replace(maya, client_id=None, dependants={}).answers_for(None)
