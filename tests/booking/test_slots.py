"""What is offered, at the clinic and at home, and why the rest is not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.availability import actions as availability
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.practice.models import Offer, Practice, Room, Therapist
from unknot.practice.queries import PracticeFacts, ServiceFacts, services
from unknot.travel.queries import Point

Facts = Callable[[Stage], PracticeFacts]
NEAR = Point(53.4700, -113.5600)


def menu(slug: str) -> ServiceFacts:
    return next(one for one in services() if one.slug == slug)


def offer(
    facts: Facts, stage: Stage, day: date, now: datetime, *, service: str = "therapeutic-60", **more: Any
) -> list[queries.Slot]:
    return queries.open_slots(practice=facts(stage), service=menu(service), first=day, last=day, now=now, **more)


def times(slots: list[queries.Slot]) -> list[str]:
    return [slot.local_start[11:] for slot in slots]


def put(stage: Stage, facts: Facts, start: str, now: datetime, **wish: Any) -> queries.Hold:
    """A hold by nobody in particular."""
    practice = facts(stage)
    base: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": None, "place_slug": None}
    return actions.hold_slot(by=Actor(), practice=practice, local_start=start, now=now, **(base | wish))


def test_a_day_at_the_studio(river: Stage, facts: Facts, now: datetime) -> None:
    slots = offer(facts, river, date(2026, 11, 19), now)
    assert times(slots)[:2] == ["09:00", "09:15"]
    assert times(slots)[-1] == "16:00"
    assert "11:45" not in times(slots)  # the break begins at 12:30
    first = slots[0]
    assert (first.therapist_slug, first.place_slug, first.mode, first.extra_minutes) == (
        "maren-oduya",
        "studio",
        "clinic",
        0,
    )
    assert first.key == "maren-oduya|studio|2026-11-19T09:00"
    assert first.ends_at - first.starts_at == timedelta(hours=1)


def test_notice_and_horizon_bound_the_offer(river: Stage, facts: Facts, now: datetime) -> None:
    today = local(now, "America/Edmonton").date()
    assert times(offer(facts, river, today, now))[0] == "13:15"  # two hours from 10:00, then the break
    assert offer(facts, river, today - timedelta(days=1), now) == []
    every = queries.open_slots(
        practice=facts(river), service=menu("therapeutic-60"), first=date.min, last=date.max, now=now
    )
    assert every[-1].local_start[:10] == "2027-01-16"
    assert every == sorted(every, key=lambda slot: slot.starts_at)
    few = queries.open_slots(
        practice=facts(river), service=menu("therapeutic-60"), first=date.min, last=date.max, now=now, limit=3
    )
    assert few == every[:3]


def test_staff_look_inside_the_notice(river: Stage, facts: Facts, now: datetime) -> None:
    today = local(now, "America/Edmonton").date()
    assert times(offer(facts, river, today, now, freely=True))[0] == "10:00"


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_does_not_depend_on_the_team(
    hills: Stage, facts: Facts, now: datetime, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    keep = sorted(hills.therapists)[:count]
    for slug, row in hills.therapists.items():
        if slug not in keep:
            row.active = False
            row.save()
    practice, service = facts(hills), menu("therapeutic-60")
    first, last = date(2026, 11, 19), date(2026, 12, 16)
    queries.open_slots(practice=practice, service=service, first=first, last=last, now=now)
    with django_assert_num_queries(4):  # the practice's edition, the diary, other practices, outside calendars
        slots = queries.open_slots(practice=practice, service=service, first=first, last=last, now=now)
    assert {slot.therapist_slug for slot in slots} == set(keep)
    extras = tuple(one for one in practices.addons() if one.kit)
    with django_assert_num_queries(4):
        queries.open_slots(
            practice=practice, service=service, extras=extras, needs=["quiet"], first=first, last=last, now=now
        )


def test_the_first_starts_of_each_therapist(hills: Stage, facts: Facts, now: datetime) -> None:
    wish: dict[str, Any] = {
        "practice": facts(hills),
        "service": menu("deep-tissue-60"),
        "first": date(2026, 11, 19),
        "last": date(2026, 11, 25),
        "now": now,
    }
    found = queries.first_starts(**wish)
    offers = {hills.therapists[one.slug].pk for one in hills.role.therapists if "deep-tissue-60" in one.services}
    assert set(found) == offers
    every = queries.open_slots(**wish)
    assert found == {one: [slot for slot in every if slot.therapist_id == one][:3] for one in offers}


def test_c23_free_for_half_the_time_is_not_free(hills: Stage, facts: Facts, now: datetime) -> None:
    hills.services["therapeutic-90"].minutes = 120
    hills.services["therapeutic-90"].save()
    slots = offer(facts, hills, date(2026, 11, 23), now, service="therapeutic-90")  # Monday
    at_nine = {slot.therapist_slug for slot in slots if slot.local_start.endswith("T09:00")}
    assert at_nine == {"noor-haddad", "owen-blackwood"}  # Dev starts at ten
    hills.services["therapeutic-90"].refresh_from_db()
    noor = hills.therapists["noor-haddad"]
    availability.add_exception(
        by=system(hills.practice.id), therapist_id=noor.pk, day=date(2026, 11, 23), kind="closed", now=now
    )
    slots = offer(facts, hills, date(2026, 11, 23), now, service="therapeutic-90")
    assert "noor-haddad" not in {slot.therapist_slug for slot in slots}


def test_c29_the_only_start_of_a_day_can_be_booked(river: Stage, facts: Facts, now: datetime) -> None:
    maren = river.therapists["maren-oduya"]
    availability.add_exception(
        by=system(river.practice.id),
        therapist_id=maren.pk,
        day=date(2026, 11, 22),
        kind="extra",
        opens=600,
        closes=660,
        now=now,
    )
    assert times(offer(facts, river, date(2026, 11, 22), now)) == ["10:00"]
    assert put(river, facts, "2026-11-22T10:00", now).visit.local_start == "2026-11-22T10:00"
    assert times(offer(facts, river, date(2026, 11, 22), now)) == []


def test_c06_wall_time_holds_when_clocks_change(river: Stage, facts: Facts, now: datetime) -> None:
    river.practice.timezone, river.practice.horizon_days = "America/Toronto", 400
    river.practice.save()
    hours = [
        availability.WeeklyHours(availability.OpeningRule(day, 540, 1020), river.places["studio"].pk)
        for day in range(7)
    ]
    maren = river.therapists["maren-oduya"]
    availability.set_hours(by=system(river.practice.id), therapist_id=maren.pk, hours=hours, breaks=[], now=now)
    slots = queries.open_slots(
        practice=facts(river), service=menu("therapeutic-60"), first=date(2027, 11, 5), last=date(2027, 11, 9), now=now
    )
    first = {slot.local_start[:10]: slot for slot in reversed(slots)}
    assert [slot.local_start[11:] for slot in first.values()] == ["09:00"] * 5
    assert first["2027-11-06"].starts_at == datetime(2027, 11, 6, 13, 0, tzinfo=UTC)
    assert first["2027-11-07"].starts_at == datetime(2027, 11, 7, 14, 0, tzinfo=UTC)
    for slot in list(first.values()):
        held = put(river, facts, slot.local_start, now)
        assert held.visit.starts_at == slot.starts_at


def test_c06_a_repeated_hour_is_sold_once(river: Stage, facts: Facts, now: datetime) -> None:
    river.practice.timezone, river.practice.horizon_days = "America/Toronto", 400
    river.practice.save()
    maren, studio = river.therapists["maren-oduya"], river.places["studio"].pk
    night = [availability.WeeklyHours(availability.OpeningRule(day, 0, 300), studio) for day in range(7)]
    availability.set_hours(by=system(river.practice.id), therapist_id=maren.pk, hours=night, breaks=[], now=now)
    autumn = offer(facts, river, date(2027, 11, 7), now)
    assert len({slot.local_start for slot in autumn}) == len(autumn)
    assert times(autumn).count("01:30") == 1
    spring = offer(facts, river, date(2027, 3, 14), now)
    assert [one for one in times(spring) if one.startswith("02")] == []


def test_rooms_run_out(hills: Stage, facts: Facts, now: datetime) -> None:
    Room.objects.exclude(name="Aspen").update(active=False)
    put(hills, facts, "2026-11-23T12:30", now, therapist_slug="noor-haddad")
    others = offer(facts, hills, date(2026, 11, 23), now)
    assert {slot.therapist_slug for slot in others} > {"ivan-petrov", "dev-malhotra"}
    inside = [one for one in times(others) if "11:15" < one < "13:45"]
    assert inside == []  # an hour and its quarter of an hour before and after 12:30-13:45
    with pytest.raises(actions.SlotTakenError, match="room") as caught:
        put(hills, facts, "2026-11-23T12:30", now, therapist_slug="dev-malhotra")
    assert (caught.value.code, caught.value.extra["reason"]) == ("slot-taken", "no-room")


def test_any_therapist_is_whoever_has_the_least_to_do(hills: Stage, facts: Facts, now: datetime) -> None:
    chosen = [put(hills, facts, "2026-11-23T13:00", now).visit for _ in range(3)]
    assert len({one.therapist_id for one in chosen}) == 3
    assert len({one.room_id for one in chosen}) == 3


def test_taken_in_another_practice_without_a_word_why(river: Stage, hands: Stage, facts: Facts, now: datetime) -> None:
    """Maren also works at Open Hands' studio."""
    maren = river.therapists["maren-oduya"]
    second = Therapist.objects.create(
        practice=hands.practice, account_id=maren.account_id, slug="maren", name="Maren Oduya", base=None
    )
    service = hands.services["therapeutic-60"]
    Offer.objects.create(practice=hands.practice, therapist=second, service=service)
    rule = availability.WeeklyHours(availability.OpeningRule(3, 540, 1020), hands.places["strathcona-studio"].pk)
    availability.set_hours(by=system(hands.practice.id), therapist_id=second.pk, hours=[rule], breaks=[], now=now)
    put(hands, facts, "2026-11-19T10:00", now, therapist_slug="maren")
    with tenancy.scope(practice_id=river.practice.id):
        free = times(offer(facts, river, date(2026, 11, 19), now))
        assert free[:2] == ["11:15", "11:30"]
        with pytest.raises(actions.SlotTakenError) as caught:
            put(river, facts, "2026-11-19T10:00", now)
        assert "Open Hands" not in caught.value.message + str(caught.value.extra)
        assert Appointment.across_practices.count() == 0
        found = queries.board.busy_elsewhere([maren.account_id], now, now + timedelta(days=5))
        assert [type(part) for part in found[0]] == [UUID, datetime, datetime]


def test_home_starts_leave_time_to_drive(river: Stage, facts: Facts, now: datetime) -> None:
    wednesday = date(2026, 11, 18)
    far = Point(53.5500, -113.4900)
    free = offer(facts, river, wednesday, now, service="home-therapeutic-60", home=far)
    assert (free[0].place_slug, free[0].mode, free[0].place_id) == ("home", "home", None)
    base = river.places["maren-base"]
    drive = queries.slots.promised_drive()(Point(base.lat, base.lon), far)
    assert 20 <= drive <= 35
    assert times(free)[0] == "10:45"  # from 10:00: the drive, and ten minutes to set up


def test_c12_only_what_can_be_reached(river: Stage, facts: Facts, now: datetime) -> None:
    friday = date(2026, 11, 20)
    here, far = Point(53.4702, -113.5610), Point(53.5500, -113.4900)
    wish: dict[str, Any] = {"service_slug": "home-therapeutic-60", "place_slug": "home", "home_address": "1 Elm Row"}
    put(river, facts, "2026-11-20T12:00", now, home=here, **wish)
    near = times(offer(facts, river, friday, now, service="home-therapeutic-60", home=here))
    away = times(offer(facts, river, friday, now, service="home-therapeutic-60", home=far))
    # 13:00, pack up 15, no drive, set up 10
    assert next(one for one in near if one > "12:00") == "13:30"
    drive = queries.slots.promised_drive()(here, far)
    ready = datetime(2026, 11, 20, 13, 0) + timedelta(minutes=15 + drive + 10)  # noqa: DTZ001
    first = next(one for one in away if one > "12:00")
    assert ready.strftime("%H:%M") <= first < (ready + timedelta(minutes=15)).strftime("%H:%M")
    with pytest.raises(actions.SlotTakenError):
        put(river, facts, "2026-11-20T13:15", now, home=far, **wish)


def test_a_clinic_shift_is_a_place_too(river: Stage, facts: Facts, now: datetime) -> None:
    """Friday: studio 10-12, then home visits from 12: the first one starts after the drive from the studio."""
    friday = date(2026, 11, 20)
    by, maren = system(river.practice.id), river.therapists["maren-oduya"]
    far = Point(53.5500, -113.4900)
    early = times(offer(facts, river, friday, now, service="home-therapeutic-60", home=far))[0]
    availability.add_exception(
        by=by, therapist_id=maren.pk, day=friday, kind="changed", mode="home", opens=720, closes=1140, now=now
    )
    from_base = times(offer(facts, river, friday, now, service="home-therapeutic-60", home=far))[0]
    availability.add_exception(by=by, therapist_id=maren.pk, day=friday, kind="extra", opens=600, closes=720, now=now)
    from_studio = times(offer(facts, river, friday, now, service="home-therapeutic-60", home=far))[0]
    assert early < from_base <= from_studio


def test_at_the_clinic_the_way_from_a_home_visit_counts(river: Stage, facts: Facts, now: datetime) -> None:
    friday = date(2026, 11, 20)
    far = Point(53.5500, -113.4900)
    maren = river.therapists["maren-oduya"]
    availability.add_exception(
        by=system(river.practice.id), therapist_id=maren.pk, day=friday, kind="extra", opens=600, closes=1140, now=now
    )
    wish: dict[str, Any] = {"service_slug": "home-therapeutic-60", "place_slug": "home", "home_address": "1 Elm Row"}
    put(river, facts, "2026-11-20T12:00", now, home=far, **wish)
    after = next(one for one in times(offer(facts, river, friday, now)) if one > "12:00")
    drive = queries.slots.promised_drive()(far, Point(53.4668, -113.5772))
    ready = datetime(2026, 11, 20, 13, 15) + timedelta(minutes=drive)  # noqa: DTZ001
    assert ready.strftime("%H:%M") <= after < (ready + timedelta(minutes=20)).strftime("%H:%M")
    before = [one for one in times(offer(facts, river, friday, now)) if one < "12:00"]
    assert before == ["10:00"]  # later there is no time to clean up, drive and set up before noon
    put(river, facts, "2026-11-20T16:00", now, home=far, **wish)
    leave = datetime(2026, 11, 20, 16, 0) - timedelta(minutes=10 + drive + 15 + 60)  # noqa: DTZ001
    last = [one for one in times(offer(facts, river, friday, now)) if one < "16:00"][-1]
    assert (leave - timedelta(minutes=20)).strftime("%H:%M") < last <= leave.strftime("%H:%M")


def test_a_hold_that_ran_out_is_offered_at_once(river: Stage, facts: Facts, now: datetime) -> None:
    hold = put(river, facts, "2026-11-19T09:00", now)
    assert "09:00" not in times(offer(facts, river, date(2026, 11, 19), now))
    assert times(offer(facts, river, date(2026, 11, 19), hold.expires_at))[0] == "09:00"


def test_too_far_is_too_far(river: Stage, facts: Facts, now: datetime) -> None:
    calgary = Point(51.05, -114.07)
    assert offer(facts, river, date(2026, 11, 20), now, service="home-therapeutic-60", home=calgary) == []
    with pytest.raises(Exception, match="outside the area"):
        put(river, facts, "2026-11-20T12:00", now, service_slug="home-therapeutic-60", place_slug="home", home=calgary)
    with pytest.raises(queries.HomeAddressNeededError):
        put(river, facts, "2026-11-20T12:00", now, service_slug="home-therapeutic-60", place_slug="home")


def test_staff_are_told_why(river: Stage, facts: Facts, now: datetime) -> None:
    put(river, facts, "2026-11-19T10:00", now)

    def why(wall: str, **more: Any) -> str | None:
        found = queries.why_not(
            practice=facts(river),
            service=menu("therapeutic-60"),
            wall=datetime.fromisoformat(wall),
            now=now,
            **more,
        )
        return found.code if found else None

    assert why("2026-11-19T11:15") is None
    assert [why(f"2026-11-19T{start}") for start in ("10:30", "11:00", "09:00", "11:20", "07:00")] == [
        "taken",
        "their-buffer",
        "own-buffer",
        "off-grid",
        "closed",
    ]
    assert (why("2026-11-17T11:00"), why("2026-11-17T09:00"), why("2027-03-01T09:00")) == (
        "past-notice",
        "past",
        "past-horizon",
    )
    assert why("2026-11-17T11:00", freely=True) is None
    home = queries.why_not(
        practice=facts(river),
        service=menu("home-therapeutic-60"),
        wall=datetime(2026, 11, 18, 10, 0),  # noqa: DTZ001
        now=now,
        home=Point(53.55, -113.49),
    )
    assert home is not None
    assert home.code == "unreachable"


def test_practices_are_their_own(river: Stage, hands: Stage, facts: Facts, now: datetime) -> None:
    assert Practice.objects.count() == 2
    with tenancy.scope(practice_id=hands.practice.id):
        slots = offer(facts, hands, date(2026, 11, 19), now)
    assert {slot.therapist_slug for slot in slots} == {"lin-zhou", "ezra-feld"}
