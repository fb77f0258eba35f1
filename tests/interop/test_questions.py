"""An event outside over a visit, and a visit removed outside: asked about, never acted upon."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from unknot.availability.models import OutsideBusy, OutsideCalendar
from unknot.booking import actions as booking
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.interop import actions, queries
from unknot.interop.models import CalendarQuestion
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(river: Stage, now: datetime) -> OutsideCalendar:
    """A joined calendar of Maren's, empty."""
    row: OutsideCalendar = OutsideCalendar.objects.create(
        practice=river.practice,
        therapist=river.therapists["maren-oduya"],
        address="https://cal.example/x.ics",
        host="cal.example",
        made_at=now,
        read_at=now,
    )
    return row


def over(visit: Appointment, calendar: OutsideCalendar, **shift: int) -> OutsideBusy:
    """An event outside that begins with the visit, or so much later."""
    start = visit.starts_at + timedelta(**shift)
    row: OutsideBusy = OutsideBusy.objects.create(
        practice=calendar.practice, therapist_id=calendar.therapist_id, calendar=calendar, starts_at=start,
        ends_at=start + timedelta(hours=1),
    )  # fmt: skip
    return row


def compare(stage: Stage, now: datetime) -> int:
    maren = stage.therapists["maren-oduya"]
    return actions.compare(by=system(stage.practice.id), therapist_id=maren.pk, now=now)


def rows(visit: Appointment) -> Any:
    row = Appointment.objects.get(pk=visit.pk)
    return (row.state, row.starts_at, row.sequence)


def test_an_event_over_a_visit_is_asked_about_once_and_moves_nothing(
    river: Stage, maren: Actor, visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime
) -> None:
    made, other = visit(river, "2026-11-19T10:00"), visit(river, "2026-11-19T14:00")
    over(made, calendar, minutes=59)
    over(other, calendar, hours=1)  # begins when the visit ends
    before = rows(made)
    assert [compare(river, now) for _ in range(3)] == [1, 0, 0]
    (asked,) = queries.questions(by=maren)
    assert (asked.kind, asked.visit.id) == ("overlap", made.pk)
    assert rows(made) == before
    mail = Message.objects.get(kind="therapist_alert")
    assert mail.account_id == maren.account_id
    assert mail.facts["path"] == "/p/riverbend/desk/calendars/"


def test_it_closes_itself_when_the_event_goes_and_opens_again_when_it_comes_back(
    river: Stage, maren: Actor, visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime
) -> None:
    made = visit(river, "2026-11-19T10:00")
    event = over(made, calendar)
    compare(river, now)
    event.delete()
    compare(river, now)
    assert queries.questions(by=maren) == []
    over(made, calendar)
    assert compare(river, now) == 1
    booking.cancel(by=maren, appointment_id=made.pk, now=now)
    compare(river, now)
    assert queries.questions(by=maren) == []


def test_what_was_decided_is_not_asked_again(
    river: Stage, maren: Actor, visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime
) -> None:
    made = visit(river, "2026-11-19T10:00")
    over(made, calendar)
    compare(river, now)
    (asked,) = queries.questions(by=maren)
    for _ in range(2):
        actions.keep_visit(by=maren, question_id=asked.id, now=now)
    assert (compare(river, now), queries.questions(by=maren)) == (0, [])
    Appointment.objects.filter(pk=made.pk).update(sequence=1)  # moved: a new question
    assert compare(river, now) == 1


def test_a_visit_removed_outside_is_asked_about_and_stands(
    river: Stage, maren: Actor, visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime
) -> None:
    made, past = visit(river, "2026-11-19T10:00"), visit(river, "2026-11-16T10:00", state="completed")
    calendar.missing = [str(made.pk), str(past.pk)]
    calendar.save()
    assert [compare(river, now) for _ in range(3)] == [1, 0, 0]
    (asked,) = queries.questions(by=maren)
    assert (asked.kind, asked.visit.id, rows(made)[0]) == ("gone", made.pk, "confirmed")
    assert OutsideCalendar.objects.get().missing == []


def test_only_staff_see_and_settle_them(
    river: Stage, maren: Actor, client_of: Callable[..., Actor], foothills: Stage, staff_of: Callable[..., Actor],
    visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime,
) -> None:  # fmt: skip
    over(visit(river, "2026-11-19T10:00"), calendar)
    compare(river, now)
    question = CalendarQuestion.objects.get()
    tomasz = client_of(river, "tomasz@clients.example")
    attempts: list[Callable[[], Any]] = [
        lambda: queries.questions(by=tomasz),
        lambda: actions.keep_visit(by=tomasz, question_id=question.pk, now=now),
        lambda: actions.keep_visit(by=maren, question_id=calendar.pk, now=now),
        lambda: actions.compare(by=maren, therapist_id=calendar.therapist_id, now=now),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_however_many_questions(
    river: Stage, maren: Actor, visit: Callable[..., Appointment], calendar: OutsideCalendar, now: datetime, count: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    for day in range(count):
        over(visit(river, f"2026-11-{19 + day}T10:00"), calendar)
    compare(river, now)
    with django_assert_num_queries(2):
        assert len(queries.questions(by=maren)) == count
