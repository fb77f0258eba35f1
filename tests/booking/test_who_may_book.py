"""Rules of the menu about new clients, approval and skills (case M6), and the workload guard."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.practice import queries as practices
from unknot.practice.models import Credential
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
Book = Callable[..., queries.VisitFacts]
THURSDAY = date(2026, 11, 19)
AT = "2026-11-19T09:00"


def rule(stage: Stage, slug: str = "therapeutic-60", **rules: Any) -> None:
    row = stage.services[slug]
    for name, value in rules.items():
        setattr(row, name, value)
    row.save()


def had_a_visit(visit: queries.VisitFacts) -> None:
    Appointment.objects.filter(pk=visit.id).update(state="completed")


def test_somebody_new_is_shown_what_to_begin_with(river: Stage, book: Book) -> None:
    rule(river, "deep-tissue-60", new_clients="no")
    with pytest.raises(actions.NotForNewError, match="begin with: Therapeutic massage, 60 minutes") as refused:
        book(AT, service_slug="deep-tissue-60")
    assert refused.value.extra == {"instead": "therapeutic-60"}
    assert not Appointment.objects.exists()
    had_a_visit(book(AT))
    assert book("2026-11-19T11:00", service_slug="deep-tissue-60").state == "confirmed"


def test_a_stranger_may_keep_the_time_and_is_asked_when_known(
    river: Stage, facts: Facts, tomasz: Actor, now: datetime, answered: Callable[..., UUID]
) -> None:
    rule(river, new_clients="no")
    wish: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": None, "place_slug": "studio"}
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=AT, now=now, **wish)
    with pytest.raises(actions.NotForNewError):
        actions.book(
            by=tomasz,
            hold_id=hold.id,
            secret=hold.secret,
            intake_id=answered(river, tomasz.client_id, now=now),
            now=now,
        )
    assert queries.hold(hold.id, secret=hold.secret, now=now).visit.state == "held", "kept meanwhile"


def test_some_bookings_wait_for_the_practice(river: Stage, book: Book) -> None:
    rule(river, new_clients="approval")
    first = book(AT)
    assert (first.state, first.answer_by is not None) == ("requested", True)
    had_a_visit(first)
    assert book("2026-11-19T11:00").state == "confirmed"
    rule(river, approval=True)
    assert book("2026-11-19T14:00").state == "requested"


def test_staff_decide_for_themselves(river: Stage, book: Book, tomasz: Actor) -> None:
    rule(river, new_clients="no", approval=True)
    by = system(river.practice.id)
    assert book(AT, by=by, client_id=tomasz.client_id, intake_id=None).state == "confirmed"


def test_only_a_checked_skill_counts(river: Stage, facts: Facts, book: Book, now: datetime) -> None:
    rule(river, skill="deep_tissue")
    assert book(AT).therapist_slug == "maren-oduya"
    Credential.objects.filter(title="Deep tissue").update(verified_at=None)
    found = queries.open_slots(
        practice=facts(river),
        service=practices.service_at("therapeutic-60"),
        first=THURSDAY,
        last=THURSDAY,
        now=now,
    )
    assert found == []
    with pytest.raises(actions.NotGivenError):
        book("2026-11-19T11:00")


def test_the_choice_says_who_may_book_and_the_details_lead_on(foothills: Stage) -> None:
    browser = Client()
    page = browser.get("/p/foothills/book/").content.decode()
    assert page.count("For people we have treated before") == 1
    times = browser.get("/p/foothills/book/times/?service=lymphatic-60")
    slot = times.context["days"][0].slots[0].value
    kept = browser.post("/p/foothills/book/hold/", {"service": "lymphatic-60", "slot": slot})
    details = browser.get(kept.url).content.decode()
    assert "If you have been here, sign in and we see it." in details
    assert "?service=therapeutic-60" in details


def limit(stage: Stage, **limits: int) -> None:
    therapist = stage.therapists["maren-oduya"]
    for name, value in limits.items():
        setattr(therapist, name, value)
    therapist.save()


def free(stage: Stage, facts: Facts, now: datetime, service: str = "therapeutic-60", **more: Any) -> int:
    wanted = practices.service_at(service)
    found = queries.open_slots(practice=facts(stage), service=wanted, first=THURSDAY, last=THURSDAY, now=now, **more)
    return len(found)


@pytest.mark.parametrize("limits", [{"most_visits": 1}, {"most_minutes": 119}])
def test_a_full_day_is_not_offered(river: Stage, facts: Facts, book: Book, now: datetime, limits: Any) -> None:
    limit(river, **limits)
    assert free(river, facts, now)
    book(AT)
    assert not free(river, facts, now)
    with pytest.raises(actions.SlotTakenError) as refused:
        book("2026-11-19T11:00")
    assert refused.value.extra["reason"] == "day-full"
    days = {one["local_start"][:10] for one in refused.value.extra["alternatives"]}
    assert days, "other days are still open"
    assert THURSDAY.isoformat() not in days
    reason = queries.why_not(
        practice=facts(river),
        service=practices.service_at("therapeutic-60"),
        wall=datetime(2026, 11, 19, 11),  # noqa: DTZ001 - a wall time
        now=now,
    )
    assert reason is not None
    assert reason.sentence.startswith("Maren Oduya's day is full: ")


def test_deep_minutes_leave_lighter_work_open(river: Stage, facts: Facts, book: Book, now: datetime) -> None:
    limit(river, most_deep_minutes=100)
    book(AT, service_slug="deep-tissue-60")
    assert not free(river, facts, now, "deep-tissue-60")
    assert free(river, facts, now, "therapeutic-60")


def test_staff_may_set_the_limit_aside_with_a_reason(
    river: Stage, facts: Facts, book: Book, tomasz: Actor, now: datetime
) -> None:
    limit(river, most_visits=1)
    book(AT)
    by = system(river.practice.id)
    more: dict[str, Any] = {"by": by, "client_id": tomasz.client_id, "intake_id": None}
    with pytest.raises(actions.SlotTakenError):
        book("2026-11-19T11:00", **more)
    assert free(river, facts, now, freely=True)
    visit = book("2026-11-19T11:00", **more, override_reason="Back in spasm, Maren agrees")
    assert Appointment.objects.get(pk=visit.id).override_reason == "Back in spasm, Maren agrees"


def test_moving_within_a_full_day_counts_the_visit_once(river: Stage, book: Book, tomasz: Actor, now: datetime) -> None:
    limit(river, most_visits=1)
    visit = book(AT)
    moved = actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-19T14:00", now=now)
    assert moved.visit.local_start == "2026-11-19T14:00"
