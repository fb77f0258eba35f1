"""Coming together, by browsers without a script: choose, hold, say who, join, answer, move, cancel."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.booking.views.test_public import slots
from tests.booking.views.test_whom import text
from unknot.booking.models import Appointment, Group
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.notifications.models import Message

BASE = "/p/foothills/together/"
WANT = {"people": "2", "s1": "therapeutic-60", "s2": "therapeutic-75", "t1": "", "t2": "", "place": ""}
ALEX = {"p2-who": "other", "p2-called": "Alex", "p2-email": "alex@visitors.example"}


def screened(stage: Stage, client_id: Any, outcome: str = "clear") -> None:
    now = timezone.now()
    with tenancy.scope(practice_id=stage.practice.id):
        Intake.objects.create(
            practice=stage.practice,
            client_id=client_id,
            outcome=outcome,
            created_at=now,
            screened_at=now,
            valid_until=now + timedelta(days=60),
        )


@pytest.fixture
def maya(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """Maya's browser; her answers are valid."""
    client = foothills.clients["maya@clients.example"]
    screened(foothills, client.pk)
    return signed_in(client.account_id)


def hold(browser: Client, **more: str) -> str:
    """Keeps the first start and gives the address of the details."""
    first = slots(browser.get(f"{BASE}times/", WANT | more))[0]
    answer = browser.post(f"{BASE}hold/", WANT | more | {"slot": first})
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])


def booked(browser: Client) -> str:
    """Maya and Alex, booked; the address of their group."""
    later = (timezone.now() + timedelta(days=5)).date().isoformat()
    answer = browser.post(hold(browser, **{"from": later}), {"p1-who": "me", **ALEX})
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"]).removesuffix("?new=1")


def link(stage: Stage) -> str:
    with tenancy.scope(practice_id=stage.practice.id):
        return str(Message.objects.get(kind="group_invite").facts["path"])


def states(stage: Stage) -> list[str]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Appointment.objects.order_by("id").values_list("state", flat=True))


def test_two_choose_a_time_and_are_booked(foothills: Stage, maya: Client) -> None:
    assert "/p/foothills/together/" in text(maya.get("/p/foothills/book/"))
    assert text(maya.get(BASE, {"people": "3"})).count("<fieldset") == 3
    details = hold(maya)
    page = text(maya.get(details))
    assert "Kept for all of you until" in page
    assert states(foothills) == ["held", "held"]
    done = maya.post(details, {"p1-who": "me", **ALEX})
    page = text(maya.get(done["Location"]))
    assert "See you all" in page
    assert "has to answer" in page
    assert sorted(states(foothills)) == ["confirmed", "requested"]
    assert maya.get(details)["Location"] == done["Location"].removesuffix("?new=1")
    assert link(foothills).startswith("/p/foothills/join/")


def test_everything_typed_comes_back_when_somebody_is_missing(foothills: Stage, maya: Client) -> None:
    details = hold(maya)
    answer = maya.post(details, {"p1-who": "me", "p2-who": "other", "p2-called": "Alex", "p2-email": "x"})
    assert answer.status_code == 422
    assert 'value="Alex"' in text(answer)
    twice = maya.post(details, {"p1-who": "me", "p2-who": "me"})
    assert "everybody once" in text(twice)
    assert states(foothills) == ["held", "held"]


def test_whose_questions_are_missing_is_said_with_a_way_to_them(
    foothills: Stage, signed_in: Callable[..., Client]
) -> None:
    browser = signed_in(foothills.clients["anders@clients.example"].account_id)
    details = hold(browser)
    page = text(browser.get(details))
    assert "Answer for yourself" in page
    answer = browser.post(details, {"p1-who": "me", **ALEX})
    assert answer.status_code == 422
    assert "safety questions" in text(answer)
    assert states(foothills) == ["held", "held"]
    with tenancy.scope(practice_id=foothills.practice.id):
        assert not Message.objects.exists()


def test_somebody_not_signed_in_keeps_times_and_is_asked_to(foothills: Stage) -> None:
    browser = Client()
    details = hold(browser)
    assert "Send me a code" in text(browser.get(details))
    assert browser.post(details, {"p1-who": "me", **ALEX}).status_code == 422
    assert Client().get(details).status_code == 404


def test_times_that_ran_out_lead_back_to_times(foothills: Stage, maya: Client) -> None:
    details = hold(maya)
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    answer = maya.get(details)
    assert answer.status_code == 409
    assert slots(answer)


@pytest.mark.parametrize(
    "typed",
    [{"people": "9"}, {"people": "x"}, {"s1": "nothing"}, {"s2": "home-therapeutic-60"}, {"from": "9999-99-99"}],
)
def test_odd_wishes_are_answered_kindly(foothills: Stage, typed: dict[str, str]) -> None:
    assert Client().get(f"{BASE}times/", WANT | typed).status_code in {200, 422}
    assert Client().get(BASE, WANT | typed).status_code == 200


@pytest.mark.parametrize("slot", ["", "|", "clinic|x", "nowhere|2026-12-01T09:00", "clinic|2001-01-01T09:00", "|" * 99])
def test_made_up_starts_are_refused(foothills: Stage, slot: str) -> None:
    assert Client().post(f"{BASE}hold/", WANT | {"slot": slot}).status_code in {404, 409, 422}
    with tenancy.scope(practice_id=foothills.practice.id):
        assert not Group.objects.exists()


def test_who_is_brought_along_proves_the_address_answers_and_is_sure(
    foothills: Stage, maya: Client, signed_in: Callable[..., Client]
) -> None:
    group = booked(maya)
    alex = signed_in(account("alex@visitors.example", "Alex Quill").pk, strong=False)
    assert alex.get(group).status_code == 404
    joined = alex.post(link(foothills))
    assert joined["Location"] == group
    page = text(alex.get(group))
    assert "Answer the safety questions" in page
    assert alex.post(group).status_code == 422
    with tenancy.scope(practice_id=foothills.practice.id):
        visit = Appointment.objects.get(state="requested")
    screened(foothills, visit.client_id)
    assert "I am coming" in text(alex.get(group))
    assert alex.post(group).status_code == 302
    assert set(states(foothills)) == {"confirmed"}
    page = text(alex.get(group))
    assert "Maya" in page
    for secret in ("Thorne", "maya@", "Move all of you", "Cancel for"):
        assert secret not in page
    assert alex.get(f"{group}cancel/").status_code == 404
    assert alex.get(f"{group}move/").status_code == 404
    assert "Quill" not in text(maya.get(group))


def test_right_and_wrong_links_look_the_same(foothills: Stage, maya: Client, signed_in: Callable[..., Client]) -> None:
    booked(maya)
    right, wrong = link(foothills), "/p/foothills/join/made-up-link/"
    stranger = signed_in(foothills.clients["anders@clients.example"].account_id)

    def plain(answer: Any) -> tuple[int, str]:
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|/p/foothills/join/[^"]+', "", text(answer))
        return answer.status_code, page

    assert plain(Client().get(right)) == plain(Client().get(wrong))
    assert plain(Client().post(right)) == plain(Client().post(wrong))
    assert plain(stranger.get(right)) == plain(stranger.get(wrong))
    assert plain(stranger.post(right)) == plain(stranger.post(wrong))
    assert stranger.post(right).status_code == 404


def test_guesses_are_counted(foothills: Stage, signed_in: Callable[..., Client], settings: Any) -> None:
    settings.UNKNOT_LIMIT_FACTOR = 1
    browser = signed_in(foothills.clients["anders@clients.example"].account_id)
    answers = [browser.post(f"/p/foothills/join/guess-{number}/").status_code for number in range(8)]
    assert answers[:6] == [404] * 6
    assert answers[6:] == [429] * 2


def test_all_move_and_one_or_all_cancel(foothills: Stage, maya: Client) -> None:
    group = booked(maya)
    page = maya.get(f"{group}move/?with=anybody&from={(timezone.now() + timedelta(days=6)).date()}")
    slot = slots(page)[0]
    sure = maya.post(f"{group}move/", {"slot": slot, "with": "anybody"})
    assert "Moving is free" in text(sure)
    assert maya.post(f"{group}move/", {"slot": slot, "with": "anybody", "sure": "1"}).status_code == 302
    with tenancy.scope(practice_id=foothills.practice.id):
        starts = set(Appointment.objects.values_list("local_start", flat=True))
        visits = list(Appointment.objects.values_list("pk", "state"))
    assert starts == {slot.split("|")[1]}
    alexs = next(pk for pk, state in visits if state == "requested")
    mine = next(pk for pk, state in visits if state == "confirmed")
    assert "You come together with others" in text(maya.get(f"/p/foothills/my/visits/{mine}/"))
    assert "Cancel for one of you?" in text(maya.get(f"{group}cancel/?visit={alexs}"))
    assert maya.post(f"{group}cancel/", {"visit": str(alexs)}).status_code == 302
    assert sorted(states(foothills)) == ["cancelled", "confirmed"]
    assert "Cancel for all of you?" in text(maya.get(f"{group}cancel/"))
    maya.post(f"{group}cancel/")
    assert set(states(foothills)) == {"cancelled"}
    assert maya.get(f"{group}cancel/?visit=x").status_code == 404


def test_a_late_move_of_all_is_asked_waits_and_is_taken_back(foothills: Stage, maya: Client, sam: Client) -> None:
    """Who booked sees their group in every state of it, also that of somebody with an account of their own."""
    group = booked(maya)
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.update(change_hours=720)
        [old] = set(Appointment.objects.values_list("local_start", flat=True))
        alex = Appointment.objects.get(state="requested")
        other = foothills.clients["anders@clients.example"]
        alex.client, alex.account_id = other, other.account_id
        alex.save()
    page = maya.get(f"{group}move/?with=anybody&from={(timezone.now() + timedelta(days=6)).date()}")
    assert "another time needs our yes" in text(page)
    wish = {"slot": slots(page)[0], "with": "anybody"}
    sure = text(maya.post(f"{group}move/", wish))
    assert "Ask for this time" in sure
    assert "until then all of you keep the old time" in sure
    for _ in range(2):  # asked, taken back, and once more
        assert maya.post(f"{group}move/", wish | {"sure": "1"}).status_code == 302
        page = text(maya.get(group))
        assert "Asked. All your times stay" in page
        assert "You asked for another time for all of you" in page
        sheet = group.replace("/my/", "/desk/")
        assert "They asked for another time" in text(sam.get(sheet))
        with tenancy.scope(practice_id=foothills.practice.id):
            assert Appointment.objects.filter(state="held", moves__isnull=False).count() == 2
        back = maya.post(f"{group}change/")
        assert (back.status_code, back["Location"]) == (302, group)
        answer = maya.get(group)
        assert answer.status_code == 200
        assert "Taken back. Your visits stay as they were." in text(answer)
        assert "You asked for another time" not in text(answer)
        assert "They asked" not in text(sam.get(sheet))
        with tenancy.scope(practice_id=foothills.practice.id):
            standing = Appointment.objects.filter(state__in=["confirmed", "requested"], moves=None)
            assert list(standing.values_list("local_start", flat=True)) == [old, old]
            assert not Appointment.objects.filter(state="held").exists()
    assert maya.post(f"{group}change/").status_code == 404, "nothing waits any more"


def test_only_who_booked_takes_the_wish_of_all_back(
    foothills: Stage, maya: Client, signed_in: Callable[..., Client]
) -> None:
    group = booked(maya)
    alex = signed_in(account("alex@visitors.example", "Alex Quill").pk, strong=False)
    assert alex.post(link(foothills)).status_code == 302
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.update(change_hours=720)
    page = maya.get(f"{group}move/?with=anybody&from={(timezone.now() + timedelta(days=6)).date()}")
    maya.post(f"{group}move/", {"slot": slots(page)[0], "with": "anybody", "sure": "1"})
    assert alex.get(group).status_code == 200
    assert "You asked" not in text(alex.get(group))
    assert alex.post(f"{group}change/").status_code == 404
    assert states(foothills).count("held") == 2
    assert "You asked" in text(maya.get(group))


def test_the_therapist_sees_that_they_come_together(
    foothills: Stage, maya: Client, signed_in: Callable[..., Client]
) -> None:
    booked(maya)
    with tenancy.scope(practice_id=foothills.practice.id):
        visit = Appointment.objects.select_related("therapist").get(state="confirmed")
    hands = signed_in(visit.therapist.account_id)
    day = text(hands.get(f"/p/foothills/desk/day/?date={visit.local_start[:10]}&therapist={visit.therapist.slug}"))
    assert "Together with Alex" in day
    assert "Comes together with Alex" in text(hands.get(f"/p/foothills/desk/visits/{visit.pk}/"))
