"""Series of more than a plain hour at the clinic: with additions, kit, what a client needs, and at home."""

import contextlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.booking import actions, queries
from unknot.booking.domain.parts import AddedTwiceError, NotThereError
from unknot.booking.domain.series import SeriesRule
from unknot.booking.models import Appointment, Series
from unknot.booking.queries import Chosen
from unknot.booking.queries.board import HomeAddressNeededError
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.practice import queries as practices
from unknot.practice.models import Room
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

pytestmark = pytest.mark.django_db
Facts = Callable[[Stage], PracticeFacts]
HOME, FAR = Point(53.4700, -113.5600), Point(53.5200, -113.5000)
MAYA = "maya@clients.example"


def weekly(count: int, first: str = "2026-11-23T13:00") -> SeriesRule:
    return SeriesRule(datetime.fromisoformat(first), 1, "weeks", count)


@pytest.fixture
def wish(hills: Stage, facts: Facts) -> Callable[..., actions.SeriesWish]:
    """`wish(count, **changes)`: Mondays at one with Ivan, at the clinic."""

    def made(count: int = 3, **changes: Any) -> actions.SeriesWish:
        usual: dict[str, Any] = {
            "practice": facts(hills),
            "service_slug": "therapeutic-60",
            "rule": weekly(count),
            "therapist_slug": "ivan-petrov",
        }
        return actions.SeriesWish(**(usual | changes))

    return made


@pytest.fixture
def home(river: Stage, facts: Facts) -> Callable[..., actions.SeriesWish]:
    """`home(count, **changes)`: Wednesdays at one with Maren, at somebody's home."""

    def made(count: int = 3, **changes: Any) -> actions.SeriesWish:
        usual: dict[str, Any] = {
            "practice": facts(river),
            "service_slug": "home-therapeutic-60",
            "rule": weekly(count, "2026-11-25T13:00"),
            "therapist_slug": "maren-oduya",
            "place_slug": "home",
            "home": HOME,
            "home_address": "3 Aspen Drive, T6R 1A1",
        }
        return actions.SeriesWish(**(usual | changes))

    return made


def book(stage: Stage, wish: actions.SeriesWish, now: datetime, email: str = MAYA) -> queries.SeriesFacts:
    by = system(stage.practice.id)
    client_id = UUID(str(stage.clients[email].pk))
    return actions.book_series(by=by, wish=wish, intake_id=None, client_id=client_id, now=now)


def reasons(stage: Stage, wish: actions.SeriesWish, now: datetime) -> list[str]:
    found = actions.preview_series(by=system(stage.practice.id), wish=wish, now=now)
    return [one.reason for one in found]


def another(stage: Stage, facts: Facts, now: datetime, at: str, **changes: Any) -> queries.VisitFacts:
    usual: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": "ivan-petrov", "place_slug": None}
    return actions.book_directly(
        by=system(stage.practice.id),
        practice=facts(stage),
        local_start=at,
        client_id=list(stage.clients.values())[1].pk,
        intake_id=None,
        now=now,
        **(usual | changes),
    )


def test_additions_are_part_of_every_visit(hills: Stage, wish: Callable[..., Any], now: datetime) -> None:
    found = book(hills, wish(add=["cupping", "foot-massage"], needs=["low_table"]), now)
    assert {(one.minutes, one.price.minor) for one in found.visits} == {(85, 11000 + 2500 + 1800)}
    assert {one.what for one in found.visits} == {"Therapeutic massage, 60 minutes, with cupping and foot massage"}
    assert {one.need_slugs for one in found.visits} == {("low_table",)}
    assert {one.room_name for one in found.visits} <= {"Cedar", "Dogwood"}


def test_the_preview_counts_the_whole_visit(
    hills: Stage, facts: Facts, wish: Callable[..., Any], now: datetime
) -> None:
    another(hills, facts, now, "2026-11-30T14:15")
    assert reasons(hills, wish(), now) == ["", "", ""]
    longer = wish(add=["cupping", "foot-massage"])
    assert reasons(hills, longer, now) == ["", "taken", ""]
    with pytest.raises(actions.SeriesConflictError) as refused:
        book(hills, longer, now)
    assert refused.value.extra["numbers"] == [2]
    near = refused.value.planned[1].alternatives
    assert near
    assert {one.slot.ends_at - one.slot.starts_at for one in near} == {timedelta(minutes=85)}


def test_kit_that_is_in_use_on_one_date(hills: Stage, facts: Facts, wish: Callable[..., Any], now: datetime) -> None:
    service, extras = queries.chosen_parts("therapeutic-60", ["hot-stones"])
    first = date(2026, 11, 23)
    slot = queries.open_slots(
        practice=facts(hills), service=service, extras=extras, first=first, last=first + timedelta(days=5), now=now
    )[0]
    rule = weekly(3, slot.local_start)
    stones = wish(add=["hot-stones"], therapist_slug=slot.therapist_slug, rule=rule)
    assert reasons(hills, stones, now) == ["", "", ""]
    second = f"{rule.first + timedelta(days=7):%Y-%m-%dT%H:%M}"
    others = [one.slug for one in practices.therapists() if one.slug != slot.therapist_slug]
    for slug in others:
        with contextlib.suppress(actions.SlotTakenError, actions.OutsideHoursError):
            taken = another(hills, facts, now, second, therapist_slug=slug)
            break
    Appointment.objects.filter(pk=taken.id).update(kit_units=[practices.kit(["hot-stones"])[0].id])
    assert reasons(hills, stones, now) == ["", "no-kit", ""], "there is one set of stones"
    found = book(hills, wish(add=["hot-stones"], therapist_slug=slot.therapist_slug, rule=rule, chosen={2: None}), now)
    assert all(Appointment.objects.get(pk=one.id).kit_units for one in found.visits)


def test_no_room_fits_what_they_need(hills: Stage, wish: Callable[..., Any], now: datetime) -> None:
    Room.objects.filter(name__in=["Cedar", "Dogwood"]).update(active=False)
    assert set(reasons(hills, wish(needs=["low_table"]), now)) == {"no-fitting-room"}
    assert set(reasons(hills, wish(), now)) == {""}
    with pytest.raises(actions.SeriesConflictError):
        book(hills, wish(needs=["low_table"]), now)
    assert Series.objects.count() == 0


def test_parts_that_make_no_visit_are_refused_before_anything(
    hills: Stage, river: Stage, wish: Callable[..., Any], now: datetime
) -> None:
    with pytest.raises(AddedTwiceError):
        reasons(hills, wish(add=["cupping", "cupping"]), now)
    with pytest.raises(practices.UnknownServiceError):
        book(hills, wish(add=["moonlight"]), now)
    assert Appointment.objects.count() == 0


def test_moving_a_series_keeps_additions_needs_and_kit(hills: Stage, wish: Callable[..., Any], now: datetime) -> None:
    found = book(hills, wish(add=["foot-massage"], needs=["quiet"]), now)
    actions.move_series(
        by=system(hills.practice.id), series_id=found.id, number=2, local_start="2026-11-30T16:00", now=now
    )
    after = queries.series(found.id, by=system(hills.practice.id))
    assert [one.local_start[11:] for one in after.visits] == ["13:00", "16:00", "16:00"]
    assert {(one.minutes, one.price, one.what, one.need_slugs) for one in after.visits} == {
        (70, found.visits[0].price, "Therapeutic massage, 60 minutes, with foot massage", ("quiet",))
    }
    assert {one.room_name for one in after.visits} <= {"Aspen", "Dogwood"}


def test_a_series_at_home(river: Stage, facts: Facts, home: Callable[..., Any], now: datetime) -> None:
    found = book(river, home(), now, "hana@clients.example")
    assert {(one.mode, one.address, one.home_lat) for one in found.visits} == {
        ("home", "3 Aspen Drive, T6R 1A1", HOME.lat)
    }
    assert {(one.buffer_before, one.buffer_after, one.price.minor) for one in found.visits} == {(10, 15, 14500)}
    assert [one.local_start for one in found.visits] == [f"2026-{day}T13:00" for day in ("11-25", "12-02", "12-09")]


def test_the_drive_from_the_visit_before_counts_on_its_date(
    river: Stage, facts: Facts, home: Callable[..., Any], now: datetime
) -> None:
    another(
        river,
        facts,
        now,
        "2026-12-02T11:30",  # until 12:30: the buffers would fit before one o'clock, the drive does not
        service_slug="home-therapeutic-60",
        therapist_slug="maren-oduya",
        place_slug="home",
        home=FAR,
        home_address="12 Birch Mews",
    )
    assert reasons(river, home(), now) == ["", "unreachable", ""]
    with pytest.raises(actions.SeriesConflictError) as refused:
        book(river, home(), now, "hana@clients.example")
    near = refused.value.planned[1].alternatives
    assert {one.slot.mode for one in near} == {"home"}
    pick = Chosen(near[0].slot.local_start, near[0].slot.therapist_slug, "home")
    assert len(book(river, home(chosen={2: pick}), now, "hana@clients.example").visits) == 3


def test_home_and_clinic_are_not_mixed(river: Stage, home: Callable[..., Any], now: datetime) -> None:
    clinic = Chosen("2026-12-03T13:00", "maren-oduya", "studio")
    with pytest.raises(actions.SeriesChoiceError):
        book(river, home(chosen={2: clinic}), now, "hana@clients.example")
    there = Chosen("2026-12-02T13:00", "maren-oduya", "home")
    with pytest.raises(actions.SeriesChoiceError):
        book(river, home(home=None, place_slug=None, chosen={2: there}), now, "hana@clients.example")
    with pytest.raises(HomeAddressNeededError):
        reasons(river, home(home=None), now)
    with pytest.raises(NotThereError):
        reasons(river, home(add=["cupping"]), now)
    assert Appointment.objects.count() == 0


def test_moving_visits_at_home_asks_for_the_drives(
    river: Stage, facts: Facts, home: Callable[..., Any], now: datetime
) -> None:
    found = book(river, home(), now, "hana@clients.example")
    by: Actor = system(river.practice.id)
    moves = actions.move_series(
        by=by, series_id=found.id, number=1, local_start="2026-11-25T15:30", now=now, preview=True
    )
    assert [one.reason for one in moves] == ["", "", ""]
    another(
        river,
        facts,
        now,
        "2026-12-02T17:00",
        service_slug="home-therapeutic-60",
        therapist_slug="maren-oduya",
        place_slug="home",
        home=FAR,
        home_address="12 Birch Mews",
    )
    with pytest.raises(actions.SeriesMoveError) as refused:
        actions.move_series(by=by, series_id=found.id, number=1, local_start="2026-11-25T15:30", now=now)
    assert [one.reason for one in refused.value.moves] == ["", "unreachable", ""]
    assert {one.local_start[11:] for one in queries.series(found.id, by=by).visits} == {"13:00"}
