"""Several services in one visit (case C31)."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from django.test import Client

from unknot.booking import actions, queries
from unknot.booking.domain.parts import AddedAloneError, AddedTwiceError, NotThereError
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
THURSDAY = date(2026, 11, 19)
BOTH = ("cupping", "foot-massage")


def starts(stage: Stage, facts: Facts, now: datetime, *added: str) -> list[str]:
    service, extras = queries.chosen_parts("therapeutic-60", added)
    found = queries.open_slots(
        practice=facts(stage), service=service, extras=extras, first=THURSDAY, last=THURSDAY, now=now
    )
    return [one.local_start[11:] for one in found]


def test_additions_make_one_longer_visit_with_one_buffer(
    river: Stage, facts: Facts, book: Callable[..., queries.VisitFacts], now: datetime
) -> None:
    visit = book("2026-11-19T09:00", add=list(BOTH))
    assert (visit.minutes, visit.price.minor) == (85, 11000 + 2500 + 1800)
    assert [(part.minutes, part.price.minor) for part in visit.parts] == [(60, 11000), (15, 2500), (10, 1800)]
    assert visit.what == "Therapeutic massage, 60 minutes, with cupping and foot massage"
    row = Appointment.objects.get()
    assert (row.blocked.upper - row.ends_at).total_seconds() == 15 * 60
    assert starts(river, facts, now)[0] == "10:45"  # 09:00 + 85 + 15 = 10:40, on the grid 10:45


def test_removing_an_addition_opens_earlier_and_later_starts(
    river: Stage, facts: Facts, book: Callable[..., queries.VisitFacts], now: datetime
) -> None:
    book("2026-11-19T10:30")
    assert starts(river, facts, now)[:2] == ["09:00", "09:15"]
    assert starts(river, facts, now, "foot-massage")[0] == "09:00"
    assert starts(river, facts, now, *BOTH)[0] == "13:15", "85 minutes and the clean-up do not fit before 10:30"
    assert starts(river, facts, now)[-1] == "16:00"
    assert starts(river, facts, now, *BOTH)[-1] == "15:30"


def test_moving_keeps_the_parts(book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime) -> None:
    visit = book("2026-11-19T09:00", add=["cupping"])
    moved = actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-19T14:00", now=now).visit
    assert (moved.minutes, moved.price, moved.parts) == (75, visit.price, visit.parts)


def test_what_was_agreed_stays_when_the_menu_changes(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor
) -> None:
    visit = book("2026-11-19T09:00", add=["cupping"])
    row = river.services["cupping"]
    row.name, row.minutes, row.price_minor, row.active = "Glass cups", 30, 9900, False
    row.save()
    again = queries.visit(visit.id, by=tomasz)
    assert (again.minutes, again.price.minor, again.added[0].name) == (75, 13500, "Cupping")
    assert [one.slug for one in queries.extras_of(again)] == ["cupping"]


def test_only_who_gives_all_parts_is_offered(hills: Stage, facts: Facts, now: datetime) -> None:
    service, extras = queries.chosen_parts("therapeutic-60", ["cupping"])
    found = queries.open_slots(
        practice=facts(hills), service=service, extras=extras, first=THURSDAY, last=THURSDAY, now=now
    )
    assert {one.therapist_slug for one in found} == {"ivan-petrov"}


def test_what_makes_no_visit_is_refused(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    def hold(service: str, *added: str, place: str = "studio") -> None:
        actions.hold_slot(
            by=tomasz,
            practice=facts(river),
            service_slug=service,
            therapist_slug=None,
            place_slug=place,
            local_start="2026-11-19T09:00",
            add=added,
            now=now,
        )

    with pytest.raises(AddedAloneError):
        hold("cupping")
    with pytest.raises(AddedTwiceError):
        hold("therapeutic-60", "cupping", "cupping")
    with pytest.raises(NotFoundError):
        hold("therapeutic-60", "hot-air")
    with pytest.raises(NotThereError):
        queries.chosen_parts("home-therapeutic-60", ["cupping"], at_home=True)
    assert not Appointment.objects.exists()


def test_the_menu_lists_additions_apart(river: Stage) -> None:
    assert {one.slug for one in practices.addons()} == set(BOTH)
    assert not {one.slug for one in practices.services()} & set(BOTH)


def test_a_browser_without_scripts_books_a_massage_with_an_addition(riverbend: Stage) -> None:
    browser = Client()
    page = browser.get("/p/riverbend/book/")
    assert b'value="cupping"' in page.content
    then = browser.post("/p/riverbend/book/", {"service": "therapeutic-60", "add": list(BOTH), "place": ""})
    assert then.url == "/p/riverbend/book/times/?service=therapeutic-60&add=cupping&add=foot-massage"
    times = browser.get(then.url)
    assert times.context["minutes"] == 85
    assert "85 minutes in all" in times.content.decode()
    slot = times.context["days"][0].slots[0].value
    kept = browser.post("/p/riverbend/book/hold/", {"service": "therapeutic-60", "add": ["foot-massage"], "slot": slot})
    details = browser.get(kept.url)
    assert details.context["visit"].minutes == 70, "what the form names counts, not what was chosen before"
    assert "and Foot massage, 10 minutes" in details.content.decode()


def test_the_call_takes_additions(riverbend: Stage, now: datetime) -> None:
    browser = Client()
    asked = browser.get("/api/v1/practices/riverbend/slots?service=therapeutic-60&add=cupping&add=foot-massage").json()
    assert (asked["minutes"], asked["add"]) == (85, list(BOTH))
    wish = {"practice": "riverbend", "service": "therapeutic-60", "add": list(BOTH), "place": "studio"}
    found = browser.post(
        "/api/v1/holds", wish | {"local_start": asked["slots"][0]["local_start"]}, content_type="application/json"
    ).json()
    assert [part["minutes"] for part in found["visit"]["parts"]] == [60, 15, 10]
    assert found["visit"]["price"]["minor"] == 15300
    alone = browser.get("/api/v1/practices/riverbend/slots?service=cupping")
    assert (alone.status_code, alone.json()["type"].rsplit("/", 1)[-1]) == (422, "added-alone")
    assert UUID(found["id"])
