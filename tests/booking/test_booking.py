"""From a hold to a visit: who, what was agreed, what screening says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts, services

Facts = Callable[[Stage], PracticeFacts]
Answered = Callable[..., UUID]
THURSDAY = "2026-11-19"
WISH: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": "maren-oduya", "place_slug": "studio"}


def test_confirming_twice_is_confirming_once(
    river: Stage, facts: Facts, tomasz: Actor, now: datetime, answered: Answered
) -> None:
    hold = actions.hold_slot(by=tomasz, practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    intake_id = answered(river, tomasz.client_id, now=now)
    wish: dict[str, Any] = {"by": tomasz, "hold_id": hold.id, "secret": hold.secret, "intake_id": intake_id}
    first = actions.book(**wish, now=now)
    again = actions.book(**wish, now=now + timedelta(minutes=30))
    assert (again.id, again.sequence, again.state) == (first.id, 0, "confirmed")
    assert Entry.objects.filter(verb="visit.booked").count() == 1
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_c04_a_long_visit_does_not_start_into_another(
    river: Stage, facts: Facts, book: Callable[..., queries.VisitFacts], priya: Actor, now: datetime
) -> None:
    river.services["therapeutic-90"].minutes = 180
    river.services["therapeutic-90"].buffer_after = 0
    river.services["therapeutic-90"].save()
    long_visit = {"service_slug": "therapeutic-90"}
    book("2026-11-23T13:30", **long_visit)
    slots = queries.open_slots(
        practice=facts(river),
        service=next(one for one in services() if one.slug == "therapeutic-90"),
        first=date(2026, 11, 23),
        last=date(2026, 11, 23),
        now=now,
    )
    assert [slot.local_start[11:] for slot in slots] == ["09:00", "09:15", "09:30"]
    with pytest.raises(actions.SlotTakenError) as caught:
        book("2026-11-23T13:15", by=priya, **long_visit)
    times = [one["local_start"] for one in caught.value.extra["alternatives"]]
    assert (len(times), times == sorted(times)) == (3, True)


@pytest.mark.parametrize(("rule", "next_start"), [("sum", "11:45"), ("larger", "11:30")])
def test_c11_buffers_add_up_or_the_larger_one_counts(
    river: Stage,
    facts: Facts,
    book: Callable[..., queries.VisitFacts],
    priya: Actor,
    now: datetime,
    rule: str,
    next_start: str,
) -> None:
    river.practice.buffer_rule = rule
    river.practice.save()
    service = river.services["therapeutic-60"]
    service.buffer_before, service.buffer_after = 15, 30
    service.save()
    book("2026-11-21T10:00")
    slots = queries.open_slots(
        practice=facts(river), service=services()[0], first=date(2026, 11, 21), last=date(2026, 11, 21), now=now
    )
    after = [slot.local_start[11:] for slot in slots if slot.local_start[11:] > "10:00"]
    assert after[0] == next_start
    inside = f"2026-11-21T{(datetime.fromisoformat(f'2026-11-21T{next_start}') - timedelta(minutes=15)):%H:%M}"
    with pytest.raises(actions.SlotTakenError) as caught:
        book(inside, by=priya)
    assert caught.value.extra["reason"] in ("their-buffer", "own-buffer")
    assert len(caught.value.extra["alternatives"]) == 3
    assert book(f"2026-11-21T{next_start}", by=priya).state == "confirmed"


def test_a_tampered_length_is_nobody_s_to_give(book: Callable[..., queries.VisitFacts]) -> None:
    visit = book()
    row = Appointment.objects.get(pk=visit.id)
    assert (visit.minutes, row.price_minor, row.buffer_after) == (60, 11000, 15)
    assert (row.blocked.lower, row.blocked.upper) == (row.starts_at, row.ends_at + timedelta(minutes=15))


def test_what_was_agreed_stays_agreed(river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    river.services["therapeutic-60"].price_minor = 99900
    river.services["therapeutic-60"].save()
    river.practice.cancellation_tiers = [[240, 100]]
    river.practice.save()
    again = queries.visit(visit.id, by=tomasz)
    assert (again.price.minor, again.tiers) == (11000, [[24, 50], [4, 100]])


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("", actions.ScreeningNeededError),
        ("emergency", actions.NotSafeNowError),
        ("doctor_first", actions.NotSafeNowError),
    ],
)
def test_screening_stands_before_the_visit(
    river: Stage,
    book: Callable[..., queries.VisitFacts],
    tomasz: Actor,
    now: datetime,
    outcome: str,
    error: Any,
    answered: Answered,
) -> None:
    with pytest.raises(error):
        book(intake_id=answered(river, tomasz.client_id, now=now, outcome=outcome) if outcome else None)
    assert Appointment.objects.count() == 0


def test_answers_to_talk_about_make_a_request(
    river: Stage,
    book: Callable[..., queries.VisitFacts],
    tomasz: Actor,
    staff_of: Callable[..., Actor],
    now: datetime,
    answered: Answered,
) -> None:
    visit = book(intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))
    maren = staff_of(river, "therapist")
    assert visit.state == "requested"
    assert [one.id for one in queries.requests(by=maren)] == [visit.id]
    assert list(Message.objects.values_list("kind", flat=True)) == ["therapist_alert"]
    confirmed = actions.mark(by=maren, appointment_id=visit.id, event="confirm", now=now)
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", now)
    assert Message.objects.filter(state="waiting", kind="booking_confirmed").count() == 1


def test_an_unanswered_request_ends_with_its_start(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime, answered: Answered
) -> None:
    visit = book(intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))
    assert actions.expire_holds(by=system(river.practice.id), now=visit.starts_at) == 1
    assert queries.visit(visit.id, by=tomasz).state == "expired"


def test_staff_book_for_a_client_before_the_questions(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    maren = staff_of(river, "therapist")
    visit = book(by=maren, client_id=tomasz.client_id, intake_id=None)
    assert (visit.state, visit.client_id, visit.account_id) == ("confirmed", tomasz.client_id, tomasz.account_id)
    with pytest.raises(actions.StaffOnlyError):
        book("2026-11-19T14:00", client_id=river.clients["priya@clients.example"].pk)
    soon = "2026-11-17T10:30"
    with pytest.raises(Exception, match="sooner"):
        book(soon, by=maren, client_id=tomasz.client_id, intake_id=None)
    with pytest.raises(actions.StaffOnlyError):
        book(soon, override_reason="please")
    urgent = book(soon, by=maren, client_id=tomasz.client_id, intake_id=None, override_reason="came by")
    assert Appointment.objects.get(pk=urgent.id).override_reason == "came by"
    assert Entry.objects.get(subject_id=urgent.id).facts["override"] == "notice"
    assert "came by" not in str(Entry.objects.get(subject_id=urgent.id).facts)


def test_a_client_is_in_one_place_at_a_time(
    hills: Stage, facts: Facts, client_of: Callable[..., Actor], now: datetime, answered: Answered
) -> None:
    maya = client_of(hills, "maya@clients.example")
    wish: dict[str, Any] = {
        "by": maya,
        "practice": facts(hills),
        "service_slug": "therapeutic-60",
        "place_slug": "clinic",
        "intake_id": answered(hills, maya.client_id, now=now),
        "now": now,
    }
    actions.book_directly(therapist_slug="noor-haddad", local_start="2026-11-19T13:00", **wish)
    with pytest.raises(actions.ClientBusyError):
        actions.book_directly(therapist_slug="ivan-petrov", local_start="2026-11-19T13:30", **wish)
    later = actions.book_directly(therapist_slug="ivan-petrov", local_start="2026-11-19T14:00", **wish)
    assert later.state == "confirmed"


def test_a_stranger_s_visit_and_a_made_up_one_are_the_same(
    river: Stage, book: Callable[..., queries.VisitFacts], priya: Actor, now: datetime
) -> None:
    visit = book()
    for unknown in (visit.id, new_id()):
        for attempt in (
            lambda one: queries.visit(one, by=priya),
            lambda one: queries.completed_visit(one, by=priya),
            lambda one: actions.cancel(by=priya, appointment_id=one, now=now),
            lambda one: actions.reschedule(by=priya, appointment_id=one, local_start="2026-11-23T09:00", now=now),
            lambda one: actions.mark(by=priya, appointment_id=one, event="arrive", now=now),
        ):
            with pytest.raises(NotFoundError) as caught:
                attempt(unknown)
            assert caught.value.message == NotFoundError().message


def test_a_booking_is_a_fixed_number_of_statements(
    book: Callable[..., queries.VisitFacts], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    book("2026-11-23T09:00")
    with django_assert_max_num_queries(45):
        book("2026-11-26T09:00")
