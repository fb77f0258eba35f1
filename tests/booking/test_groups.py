"""Two to four people at once: held, booked, moved and seen as one, without seeing one another."""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from unknot.booking import actions, queries
from unknot.booking.actions import Person
from unknot.booking.domain.groups import GroupSizeError
from unknot.booking.models import Appointment, Group
from unknot.booking.queries import GroupFacts, GroupQuestion, Seat
from unknot.config.demo_data.build import Stage
from unknot.intake import actions as intakes
from unknot.intake import domain as questions
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError, UnknotError
from unknot.notifications.models import Message
from unknot.people import actions as people
from unknot.people.models import Account, Client
from unknot.practice import queries as practices
from unknot.practice.models import Room
from unknot.practice.queries import PracticeFacts

AT = "2026-11-19T10:00"
ANY = Seat("therapeutic-60")
COUPLE = [ANY, Seat("therapeutic-75")]
ALEX = Person(called="Alex Quill", email="alex@visitors.example")


@pytest.fixture
def maya(hills: Stage, client_of: Callable[..., Actor], now: datetime, answered: Callable[..., UUID]) -> Actor:
    """A client of Foothills with a child, both with valid answers."""
    by = client_of(hills, "maya@clients.example")
    child = people.add_dependant(by=by, name="Iris Thorne", born_on=date(2017, 3, 21), relation="child", now=now)
    for one in (by.client_id, child):
        answered(hills, one, now=now)
    assert by.account_id
    return practices.actor(by.account_id, by.practice_id, strong=True)


@pytest.fixture
def hold(hills: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime) -> Callable[..., Any]:
    """`hold(by, seats, local_start=)`: keeps times for all."""

    def kept(by: Actor, seats: list[Seat] = COUPLE, **more: Any) -> actions.GroupHold:
        asked = {"practice": facts(hills), "place_slug": "clinic", "local_start": AT, "now": now}
        return actions.hold_group(by=by, seats=seats, **asked | more)

    return kept


@pytest.fixture
def couple(maya: Actor, hold: Callable[..., Any], now: datetime) -> GroupFacts:
    """Maya and Alex, who does not know yet."""
    kept = hold(maya)
    return actions.book_group(
        by=maya, group_id=kept.id, secret=kept.secret, people_coming=[Person(maya.client_id), ALEX], now=now
    )


def alex(hills: Stage, email: str = ALEX.email) -> Actor:
    """Alex, signed in with a code to that address, no client anywhere."""
    person = Account.objects.filter(email=email).first() or Account.objects.create_user(email)
    return practices.actor(person.pk, hills.practice.id, strong=False)


def token(found: GroupFacts) -> str:
    path = str(Message.objects.get(kind="group_invite").facts["path"])
    assert path.startswith("/p/foothills/join/")
    return path.split("/")[-2]


def rows() -> list[Appointment]:
    return list(Appointment.objects.exclude(state="expired").order_by("created_at", "id"))


def every_no() -> dict[str, str]:
    return {row: "no" for card in questions.short_questions() for row in card.rules}


# Offers


def test_a_start_is_offered_only_if_everybody_fits_at_once(
    hills: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime
) -> None:
    thursday = date(2026, 11, 19)

    def starts(seats: list[Seat]) -> set[str]:
        found = queries.group_starts(GroupQuestion(facts(hills), tuple(seats), now), first=thursday, last=thursday)
        return {one.local_start[11:] for one in found}

    assert "08:00" in starts([Seat("therapeutic-60", "noor-haddad"), ANY]), "Noor and Owen work from eight"
    assert "08:00" not in starts([ANY, ANY, ANY])
    assert starts([Seat("therapeutic-60", "noor-haddad")] * 2) == set()
    assert "10:00" in starts([ANY] * 4), "four rooms, five therapists"
    with pytest.raises(GroupSizeError):
        starts([ANY] * 5)


def test_what_is_offered_can_be_held_and_nothing_else(
    hills: Stage, maya: Actor, hold: Callable[..., Any], facts: Callable[[Stage], PracticeFacts], now: datetime
) -> None:
    hold(maya)
    day = date(2026, 11, 19)
    offered = {
        one.local_start
        for one in queries.group_starts(GroupQuestion(facts(hills), tuple(COUPLE), now), first=day, last=day)
    }
    for minute in range(7 * 60, 19 * 60, 45):
        start = f"2026-11-19T{minute // 60:02}:{minute % 60:02}"
        try:
            kept = hold(maya, local_start=start)
        except UnknotError:
            assert start not in offered
        else:
            assert start in offered
            Appointment.objects.filter(pk__in=kept.visits).delete()


def test_the_number_of_queries_does_not_grow_with_days_or_team(
    hills: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime, django_assert_max_num_queries: Any
) -> None:
    for last in (date(2026, 11, 19), date(2026, 12, 10)):
        with django_assert_max_num_queries(40):
            queries.group_starts(GroupQuestion(facts(hills), tuple(COUPLE), now), first=date(2026, 11, 19), last=last)


# Held and booked as one


def test_everybody_has_their_own_hands_and_table(maya: Actor, hold: Callable[..., Any]) -> None:
    kept = hold(maya, [ANY, ANY, Seat("therapeutic-75"), Seat("relaxation-60")])
    found = list(Appointment.objects.filter(pk__in=kept.visits))
    assert len({one.practitioner_id for one in found}) == len({one.room_id for one in found}) == 4
    assert {one.starts_at for one in found} == {found[0].starts_at}
    assert {one.hold_expires_at for one in found} == {kept.expires_at}
    assert {one.state for one in found} == {"held"}


def test_nobody_is_held_if_one_does_not_fit(maya: Actor, hold: Callable[..., Any]) -> None:
    hold(maya, [ANY] * 4)
    with pytest.raises(actions.SlotTakenError) as refused:
        hold(maya, COUPLE)
    near = refused.value.extra["alternatives"]
    assert len(near) == 3
    assert all(len(one["therapists"]) == 2 for one in near)
    assert Group.objects.count() == 1
    assert len(rows()) == 4
    hold(maya, COUPLE, local_start=near[0]["local_start"], place_slug=near[0]["place"])


def test_holds_end_together_and_choosing_again_lets_the_first_go(
    maya: Actor, hold: Callable[..., Any], now: datetime, hills: Stage
) -> None:
    first = hold(maya, [ANY] * 4)
    second = hold(maya, [ANY] * 4, replaces=(first.id, first.secret))
    assert {one.state for one in Appointment.objects.filter(pk__in=first.visits)} == {"expired"}
    later = second.expires_at + timedelta(seconds=1)
    actions.expire_holds(by=system(hills.practice.id), now=later)
    assert {one.state for one in Appointment.objects.filter(pk__in=second.visits)} == {"expired"}
    for wrong in (second.secret, "wrong"):
        with pytest.raises((queries.HoldOverError, queries.UnknownHoldError)):
            actions.book_group(
                by=maya, group_id=second.id, secret=wrong, people_coming=[Person(maya.client_id)] * 4, now=later
            )


def test_old_group_holds_of_nobody_are_forgotten(maya: Actor, hold: Callable[..., Any], hills: Stage) -> None:
    kept = hold(maya)
    by = system(hills.practice.id)
    actions.expire_holds(by=by, now=kept.expires_at)
    actions.expire_holds(by=by, now=kept.expires_at + timedelta(days=8))
    assert not Appointment.objects.exists()


def test_a_parent_and_a_child_are_booked_at_once(maya: Actor, hold: Callable[..., Any], now: datetime) -> None:
    kept, child = hold(maya, [ANY, ANY]), next(iter(maya.dependants))
    coming = [Person(maya.client_id), Person(child)]
    found = actions.book_group(by=maya, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)
    assert [one.client_id for one in found.visits] == [maya.client_id, child]
    assert {one.state for one in found.visits} == {"confirmed"}
    assert [one.called for one in found.parts] == ["Maya", "Iris"]
    again = actions.book_group(by=maya, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)
    assert again == found
    assert len(rows()) == 2


def test_one_person_without_answers_keeps_everybody_from_being_booked(
    hills: Stage, maya: Actor, hold: Callable[..., Any], now: datetime
) -> None:
    other = people.add_dependant(by=maya, name="Nils Thorne", born_on=date(2015, 1, 1), relation="child", now=now)
    assert maya.account_id
    carer = practices.actor(maya.account_id, maya.practice_id, strong=True)
    kept = hold(carer, [ANY, ANY])
    with pytest.raises(actions.ScreeningNeededError):
        actions.book_group(
            by=carer,
            group_id=kept.id,
            secret=kept.secret,
            people_coming=[Person(carer.client_id), Person(other)],
            now=now,
        )
    assert {one.state for one in rows()} == {"held"}
    assert not Message.objects.exists()


def test_a_client_busy_then_keeps_everybody_from_being_booked(
    hills: Stage,
    maya: Actor,
    hold: Callable[..., Any],
    now: datetime,
    facts: Callable[[Stage], PracticeFacts],
    answered: Callable[..., UUID],
) -> None:
    actions.book_directly(
        by=maya,
        practice=facts(hills),
        service_slug="therapeutic-60",
        therapist_slug=None,
        place_slug="clinic",
        local_start="2026-11-19T10:30",
        intake_id=answered(hills, maya.client_id, now=now),
        now=now,
    )
    kept = hold(maya, [ANY, ANY])
    with pytest.raises(actions.ClientBusyError):
        actions.book_group(
            by=maya, group_id=kept.id, secret=kept.secret, people_coming=[ALEX, Person(maya.client_id)], now=now
        )
    assert sorted(one.state for one in rows()) == ["confirmed", "held", "held"]
    assert not Client.objects.filter(email=ALEX.email).exists()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_somebody_comes_for_each_seat_and_nobody_twice(
    maya: Actor, hold: Callable[..., Any], now: datetime, count: int
) -> None:
    kept = hold(maya)
    for coming in ([ALEX] * count, [Person(maya.client_id)] * 2):
        with pytest.raises(actions.GroupPeopleError):
            actions.book_group(by=maya, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)


def test_nobody_books_a_strangers_record(
    hills: Stage, maya: Actor, hold: Callable[..., Any], now: datetime, client_of: Callable[..., Actor]
) -> None:
    anders = client_of(hills, "anders@clients.example")
    kept = hold(maya)
    for other in (anders.client_id, uuid4()):
        with pytest.raises(NotFoundError):
            actions.book_group(
                by=maya,
                group_id=kept.id,
                secret=kept.secret,
                people_coming=[Person(maya.client_id), Person(other)],
                now=now,
            )


# Who sees what (C24)


def test_who_is_brought_along_gets_a_link_and_answers_for_themselves(
    hills: Stage, couple: GroupFacts, now: datetime
) -> None:
    assert [(one.called, one.invited, one.waits) for one in couple.parts] == [
        ("Maya", False, False),
        ("Alex", True, True),
    ]
    assert [one.state for one in couple.visits] == ["confirmed", "requested"]
    by = alex(hills)
    visit_id = actions.join_part(by=by, token=token(couple), now=now)
    by = alex(hills)
    assert by.client_id is not None
    assert actions.join_part(by=by, token=token(couple), now=now) == visit_id
    with pytest.raises(actions.ScreeningNeededError):
        actions.answer_part(by=by, appointment_id=visit_id, intake_id=None, now=now)
    told = intakes.record_screening(by=by, answers=every_no(), now=now)
    sure = actions.answer_part(by=by, appointment_id=visit_id, intake_id=told.id, now=now)
    assert (sure.state, sure.account_id, sure.intake_id) == ("confirmed", by.account_id, told.id)
    assert actions.answer_part(by=by, appointment_id=visit_id, intake_id=told.id, now=now).state == "confirmed"
    assert not any(one.waits for one in queries.group(couple.id, by=by).parts)


def test_answers_to_talk_about_stay_a_request_and_a_stop_books_nothing(
    hills: Stage, couple: GroupFacts, now: datetime, answered: Callable[..., UUID]
) -> None:
    visit_id = actions.join_part(by=alex(hills), token=token(couple), now=now)
    by = alex(hills)
    with pytest.raises(actions.NotSafeNowError):
        actions.answer_part(
            by=by, appointment_id=visit_id, intake_id=answered(hills, by.client_id, now=now, outcome="urgent"), now=now
        )
    review = answered(hills, by.client_id, now=now, outcome="review")
    assert actions.answer_part(by=by, appointment_id=visit_id, intake_id=review, now=now).state == "requested"
    assert Message.objects.filter(kind="therapist_alert").count() == 1


def test_neither_sees_more_of_the_other_than_a_first_name(
    hills: Stage, maya: Actor, couple: GroupFacts, now: datetime
) -> None:
    visit_id = actions.join_part(by=alex(hills), token=token(couple), now=now)
    by = alex(hills)
    seen = queries.group(couple.id, by=by)
    assert not seen.organiser
    assert [one.id for one in seen.visits] == [visit_id]
    other = next(one for one in seen.parts if not one.own)
    assert (other.called, other.visit) == ("Maya", None)
    everything = repr(dataclasses.asdict(seen))
    for secret in ("Thorne", "maya@", str(maya.client_id), str(couple.visits[0].id), couple.visits[0].therapist_name):
        assert secret not in everything
    for reader, mine, others in ((by, visit_id, couple.visits[0]), (maya, couple.visits[0].id, couple.visits[1])):
        assert queries.visit(mine, by=reader)
        with pytest.raises(NotFoundError):
            queries.visit(others.id, by=reader)
        with pytest.raises(NotFoundError):
            actions.cancel(by=reader, appointment_id=others.id, now=now)
    for message in Message.objects.all():
        assert "Alex" not in repr(message.facts)
        assert "Maya" not in repr(message.facts)
    organiser = repr(dataclasses.asdict(queries.group(couple.id, by=maya)))
    assert "Quill" not in organiser
    assert ALEX.email not in organiser


def test_a_link_opens_nothing_for_anybody_else(
    hills: Stage, maya: Actor, couple: GroupFacts, now: datetime, client_of: Callable[..., Actor]
) -> None:
    wrong = [
        (client_of(hills, "anders@clients.example"), token(couple)),
        (alex(hills, "other@visitors.example"), token(couple)),
        (Actor(practice_id=hills.practice.id), token(couple)),
        (maya, token(couple)),
        (alex(hills), "x" + token(couple)),
        (alex(hills), "made-up"),
        (alex(hills), ""),
    ]
    for by, link in wrong:
        with pytest.raises(NotFoundError) as refused:
            actions.join_part(by=by, token=link, now=now)
        assert type(refused.value) is NotFoundError
        if by != maya:
            with pytest.raises(NotFoundError):
                queries.group(couple.id, by=by)
    assert Client.objects.get(email=ALEX.email).account_id is None


def test_who_is_a_client_here_already_keeps_their_record(
    hills: Stage, maya: Actor, hold: Callable[..., Any], now: datetime, client_of: Callable[..., Actor]
) -> None:
    anders = client_of(hills, "anders@clients.example")
    kept, before = hold(maya), Client.objects.count()
    found = actions.book_group(
        by=maya,
        group_id=kept.id,
        secret=kept.secret,
        people_coming=[Person(maya.client_id), Person(called="Anders", email="Anders@clients.example")],
        now=now,
    )
    assert queries.visits_for(anders) == [], "nothing appears before Anders says so"
    visit_id = actions.join_part(by=anders, token=token(found), now=now)
    assert [one.id for one in queries.visits_for(anders)] == [visit_id]
    assert Client.objects.count() == before


# Changes


def test_one_cancels_and_the_other_stays_or_all_cancel(maya: Actor, couple: GroupFacts, now: datetime) -> None:
    mine, alexs = couple.visits
    asked = actions.cancel_group(by=maya, group_id=couple.id, preview=True, now=now)
    assert [one.visit.id for one in asked.parts] == [mine.id, alexs.id]
    assert {one.state for one in queries.group(couple.id, by=maya).visits} == {"confirmed", "requested"}
    done = actions.cancel_group(by=maya, group_id=couple.id, only=alexs.id, now=now)
    assert [one.state for one in done.group.visits] == ["confirmed", "cancelled"]
    done = actions.cancel_group(by=maya, group_id=couple.id, now=now)
    assert [one.state for one in done.group.visits] == ["cancelled", "cancelled"]
    assert Message.objects.filter(kind="booking_cancelled").count() == 2


def test_only_who_booked_and_staff_end_or_move_a_group(
    hills: Stage, couple: GroupFacts, now: datetime, staff_of: Callable[..., Actor]
) -> None:
    actions.join_part(by=alex(hills), token=token(couple), now=now)
    for by in (alex(hills), Actor(practice_id=hills.practice.id)):
        with pytest.raises(NotFoundError):
            actions.cancel_group(by=by, group_id=couple.id, now=now)
        with pytest.raises(NotFoundError):
            actions.move_group(by=by, group_id=couple.id, local_start=AT, now=now)
    with pytest.raises(NotFoundError):
        actions.cancel_group(by=staff_of(hills, "front_desk"), group_id=uuid4(), now=now)
    assert actions.cancel_group(by=staff_of(hills, "front_desk"), group_id=couple.id, now=now).parts


def test_all_move_together(maya: Actor, couple: GroupFacts, now: datetime) -> None:
    before = [one.therapist_slug for one in couple.visits]
    start = "2026-11-19T10:15"
    shown = actions.move_group(by=maya, group_id=couple.id, local_start=start, preview=True, now=now)
    assert [one.local_start for one in shown.then] == [start, start]
    assert {one.local_start for one in queries.group(couple.id, by=maya).visits} == {AT}
    moved = actions.move_group(by=maya, group_id=couple.id, local_start=start, now=now).group
    assert [one.local_start for one in moved.visits] == [start, start]
    assert [one.therapist_slug for one in moved.visits] == before
    assert [one.state for one in moved.visits] == ["confirmed", "requested"]
    assert {one.sequence for one in moved.visits} == {1}


def test_nobody_moves_if_one_can_not(maya: Actor, couple: GroupFacts, hold: Callable[..., Any], now: datetime) -> None:
    second = next(one.therapist_slug for one in couple.visits[1:])
    hold(maya, [Seat("therapeutic-60", second), ANY], local_start="2026-11-19T12:30")
    with pytest.raises(actions.SlotTakenError):
        actions.move_group(by=maya, group_id=couple.id, local_start="2026-11-19T12:30", now=now)
    assert {one.local_start for one in queries.group(couple.id, by=maya).visits} == {AT}
    moved = actions.move_group(by=maya, group_id=couple.id, local_start="2026-11-19T12:30", anybody=True, now=now).group
    assert {one.local_start for one in moved.visits} == {"2026-11-19T12:30"}


def test_staff_see_that_they_belong_together(
    hills: Stage, maya: Actor, couple: GroupFacts, staff_of: Callable[..., Actor]
) -> None:
    mine, alexs = couple.visits
    by = staff_of(hills, "therapist")
    assert queries.companions([mine.id, alexs.id, uuid4()], by=by) == {mine.id: ["Alex"], alexs.id: ["Maya"]}
    with pytest.raises(NotFoundError):
        queries.companions([mine.id], by=maya)


def test_two_tables_in_one_room_are_two_tables(hills: Stage, maya: Actor, hold: Callable[..., Any]) -> None:
    Room.objects.exclude(name="Aspen").delete()
    Room.objects.update(capacity=2)
    kept = hold(maya)
    found = Appointment.objects.filter(pk__in=kept.visits)
    assert len({one.room_id for one in found}) == 1
    assert sorted(one.room_unit for one in found) == [0, 1]
    with pytest.raises(actions.SlotTakenError):
        hold(maya, [ANY] * 3, local_start="2026-11-20T13:00")


def test_what_one_needs_of_a_room_another_does_not_take(hills: Stage, maya: Actor, hold: Callable[..., Any]) -> None:
    quiet = Seat("therapeutic-60", needs=("quiet",))
    Room.objects.exclude(name__in=["Aspen", "Birch"]).delete()
    kept = hold(maya, [ANY, quiet])
    by_id = {row.pk: row.room.name for row in Appointment.objects.filter(pk__in=kept.visits)}
    assert [by_id[one] for one in kept.visits] == ["Birch", "Aspen"], "only Aspen is quiet"
    with pytest.raises(UnknotError):
        hold(maya, [quiet, quiet], local_start="2026-11-20T13:00")
