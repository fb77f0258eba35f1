"""Two at one home: a therapist and a table for each, both there at the same time, each with their own drive."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from unknot.booking import actions, queries
from unknot.booking.actions import Person
from unknot.booking.models import Appointment, Group
from unknot.booking.queries import GroupQuestion, HomeAddressNeededError, Seat
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point, locate

BOTH = (Seat("home-therapeutic-60"), Seat("home-therapeutic-90"))
THURSDAY = date(2026, 11, 19)
AT = "2026-11-19T16:00"
HERE = Point(53.545, -113.49)
Facts = Callable[[Stage], PracticeFacts]


def question(hands: Stage, facts: Facts, now: datetime, **more: Any) -> GroupQuestion:
    return GroupQuestion(facts(hands), BOTH, now, place_slug="home", home=HERE, **more)


def starts(hands: Stage, facts: Facts, now: datetime) -> list[str]:
    found = queries.group_starts(question(hands, facts, now), first=THURSDAY, last=THURSDAY)
    return [one.local_start for one in found]


@pytest.fixture
def hold(hands: Stage, facts: Facts, now: datetime) -> Callable[..., actions.GroupHold]:
    """`hold(start)`: keeps it for both, at one address."""

    def kept(start: str = AT, **more: Any) -> actions.GroupHold:
        usual: dict[str, Any] = {"place_slug": "home", "home": HERE, "home_address": "5 Elm Row, T6E 1A1", "now": now}
        return actions.hold_group(
            by=system(hands.practice.id), practice=facts(hands), seats=BOTH, local_start=start, **usual | more
        )

    return kept


def test_both_come_to_the_same_door_at_the_same_time(hands: Stage, hold: Callable[..., Any], now: datetime) -> None:
    kept = hold()
    rows = list(Appointment.objects.filter(pk__in=kept.visits))
    assert {(one.mode, one.place_id, one.room_id) for one in rows} == {("home", None, None)}
    assert {(one.home_address, one.home_lat, one.home_lon) for one in rows} == {
        ("5 Elm Row, T6E 1A1", HERE.lat, HERE.lon)
    }
    assert len({one.practitioner_id for one in rows}) == 2
    ids = [one.pk for one in hands.clients.values()][:2]
    found = actions.book_group(
        by=system(hands.practice.id),
        group_id=kept.id,
        secret=kept.secret,
        people_coming=[Person(one) for one in ids],
        now=now,
    )
    assert {one.address for one in found.visits} == {"5 Elm Row, T6E 1A1"}


def test_offered_only_while_both_work_and_can_be_had(
    hands: Stage, facts: Facts, hold: Callable[..., Any], now: datetime
) -> None:
    offered = starts(hands, facts, now)
    assert offered, "Amara until six, Jules from three"
    assert all("15:00" <= one[11:] <= "17:00" for one in offered)
    hold(offered[0])
    with pytest.raises(actions.SlotTakenError):
        hold(offered[0])
    assert Group.objects.count() == 1


def test_each_therapist_s_own_drive_counts(hands: Stage, facts: Facts, now: datetime) -> None:
    before = starts(hands, facts, now)
    far = Point(53.41, -113.53)
    actions.hold_slot(
        by=Actor(),
        practice=facts(hands),
        service_slug="home-therapeutic-60",
        therapist_slug="amara-nwosu",
        place_slug="home",
        local_start="2026-11-19T14:00",
        home=far,
        home_address="1 Far Row",
        now=now,
    )
    after = starts(hands, facts, now)
    assert after
    assert min(after) > min(before), "Amara has to drive over first, and Jules does not come alone"
    alone = queries.open_slots(
        practice=facts(hands),
        service=queries.chosen_parts("home-therapeutic-60", ())[0],
        first=THURSDAY,
        last=THURSDAY,
        now=now,
        therapist_slug="jules-tremblay",
        place_slug="home",
        home=HERE,
    )
    assert min(one.local_start for one in alone) <= min(before), "Jules alone could have come as early as before"


def test_one_therapist_does_not_do_both_at_once(hands: Stage, facts: Facts, now: datetime) -> None:
    twice = GroupQuestion(
        facts(hands),
        (Seat("home-therapeutic-60", "amara-nwosu"),) * 2,
        now,
        place_slug="home",
        home=HERE,
    )
    assert queries.group_starts(twice, first=THURSDAY, last=THURSDAY) == []


def test_they_move_together_and_stay_at_home(hands: Stage, hold: Callable[..., Any], now: datetime) -> None:
    kept = hold("2026-11-19T15:30")
    ids = [one.pk for one in hands.clients.values()][:2]
    by = system(hands.practice.id)
    coming = [Person(one) for one in ids]
    found = actions.book_group(by=by, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)
    moved = actions.move_group(by=by, group_id=found.id, local_start="2026-11-20T15:30", now=now)
    assert {(one.local_start, one.address) for one in moved.then} == {("2026-11-20T15:30", "5 Elm Row, T6E 1A1")}


def test_without_an_address_nothing_is_kept(hold: Callable[..., Any]) -> None:
    with pytest.raises(HomeAddressNeededError):
        hold(home=None)
    assert Group.objects.count() == 0


@pytest.mark.django_db
def test_a_visitor_asks_for_two_at_home_and_the_address_is_in_no_link(openhands: Stage) -> None:
    browser, base = Client(), "/p/openhands/together/"
    wish = {"people": "2", "place": "home", "s1": "home-therapeutic-60", "s2": "home-therapeutic-60"}
    asked = browser.get(f"{base}times/", wish)
    assert asked.status_code == 302
    assert asked["Location"].startswith(f"{base}home/?")
    form = browser.get(asked["Location"]).content.decode()
    assert "Street and number" in form
    wrong = browser.post(f"{base}home/", wish | {"street": "5 Elm Row", "postal_code": "X0X 9Z9"})
    assert wrong.status_code == 422
    assert "5 Elm Row" in wrong.content.decode()
    sent = browser.post(f"{base}home/", wish | {"street": "5 Elm Row", "postal_code": "T6E 1A1"})
    assert sent.status_code == 302
    assert "Elm" not in sent["Location"]
    page = browser.get(sent["Location"])
    assert page.status_code == 200
    assert "5 Elm Row" in page.content.decode()
    slot = page.context["days"][0].slots[0].value
    kept = browser.post(f"{base}hold/", wish | {"slot": slot})
    assert kept.status_code == 302, kept.content.decode()
    with tenancy.scope(practice_id=openhands.practice.id):
        rows = list(Appointment.objects.filter(state="held"))
    here = locate("T6E 1A1").point
    assert [(one.mode, one.home_address, one.home_lat) for one in rows] == [
        ("home", "5 Elm Row, T6E 1A1", here.lat)
    ] * 2
