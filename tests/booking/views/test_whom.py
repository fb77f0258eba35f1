"""Booking for a child or relative, by a browser without a script."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.booking.views.test_public import HOME, TIMES, hold, screened, slots, visits
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.people.models import Client as ClientRow

ADD = "/p/riverbend/my/people/add/"
LENA = {"name": "Lena Wieland", "preferred_name": "Leni", "born_on": "2015-06-30", "relation": "child"}


@pytest.fixture
def browser(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    """Tomasz, signed in, with valid answers of his own."""
    client = riverbend.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id)
    screened(riverbend, browser, client=client)
    return browser


def wish_for(browser: Client, whom: str) -> str:
    """Chooses for whom and a time; the address of the details."""
    chosen = browser.post(HOME, {"service": "therapeutic-60", "whom": whom})
    assert chosen.status_code == 302
    return hold(browser)


def child_of(stage: Stage) -> ClientRow:
    with tenancy.scope(practice_id=stage.practice.id):
        return ClientRow.objects.get(relation="child")


def add(browser: Client) -> None:
    assert browser.post(ADD, LENA).status_code == 302


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_child_is_added_screened_and_booked_on_the_way(riverbend: Stage, browser: Client) -> None:
    details = wish_for(browser, "new")
    page = text(browser.get(details))
    assert f'href="{ADD}?next={details}"' in page
    assert browser.post(details).status_code == 422, "nobody is coming as yet"
    added = browser.post(f"{ADD}?next={details}", LENA)
    child = child_of(riverbend)
    assert added["Location"] == f"{details}?whom={child.pk}"
    page = text(browser.get(added["Location"]))
    assert "First, is it safe today for Leni?" in page
    assert f'/screening/?for={child.pk}&amp;next={details}"' in page
    assert browser.post(details).status_code == 422, "the parent's answers are not the child's"
    screened(riverbend, browser, client=child, outcome="review")
    page = text(browser.get(details))
    assert "Booking for Leni" in page
    assert "under eighteen" in page
    assert "please be there" in page
    booked = browser.post(details)
    assert booked.status_code == 302, text(booked)
    (visit,) = visits(riverbend)
    assert (visit.client_id, visit.account_id, visit.state) == (child.pk, child.account_id, "requested")
    assert "For Leni" in text(browser.get("/p/riverbend/my/"))
    assert "For Leni" in text(browser.get(f"/p/riverbend/my/visits/{visit.pk}/"))


def test_the_questions_are_asked_about_the_child(riverbend: Stage, browser: Client) -> None:
    add(browser)
    child = child_of(riverbend)
    page = f"/p/riverbend/screening/?for={child.pk}"
    assert "For Leni" in text(browser.get(page))
    first = browser.post(page, {"step": "signs", "none": ["bladder"]})
    assert first.status_code == 422, "cards without an answer come back"
    with tenancy.scope(practice_id=riverbend.practice.id):
        before = Intake.objects.filter(client_id=child.pk).count()
    assert before == 0


def test_a_hold_for_oneself_can_still_become_the_childs(riverbend: Stage, browser: Client) -> None:
    add(browser)
    child = child_of(riverbend)
    details = wish_for(browser, "")
    assert f'href="?whom={child.pk}"' in text(browser.get(details))
    assert "for Leni" in text(browser.get(f"{details}?whom={child.pk}"))
    assert "Booking as Tomasz" in text(browser.get(f"{details}?whom="))


def test_booking_for_somebody_from_a_link_and_next_time_for_oneself(riverbend: Stage, browser: Client) -> None:
    add(browser)
    child = child_of(riverbend)
    screened(riverbend, browser, client=child)
    chosen = text(browser.get(f"{TIMES}&for={child.pk}"))
    assert "For Leni:" in chosen
    first, *_, second = slots(browser.get(TIMES))
    held = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": first})
    assert browser.post(held["Location"]).status_code == 302
    held = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": second})
    assert "Booking as Tomasz" in text(browser.get(held["Location"]))
    assert "visitor" not in browser.session


def test_somebody_not_signed_in_signs_in_before_any_question(riverbend: Stage) -> None:
    browser = Client()
    details = wish_for(browser, "new")
    screened(riverbend, browser)
    page = text(browser.get(details))
    assert "Sign in first" in page
    assert "Send me a code" in page
    assert "Answer the safety questions" not in page


def test_a_newcomer_gives_their_own_contact_too(
    riverbend: Stage, signed_in: Callable[..., Client], foothills: Stage
) -> None:
    browser = signed_in(foothills.clients["maya@clients.example"].account_id)
    assert "own_phone" in text(browser.get(ADD))
    refused = browser.post(ADD, LENA)
    assert refused.status_code == 422
    assert 'value="Lena Wieland"' in text(refused)
    refused = browser.post(ADD, {**LENA, "own_name": "Maya Thorne", "own_phone": "12"})
    assert refused.status_code == 422
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert not ClientRow.objects.filter(relation="child").exists()
    assert browser.post(ADD, {**LENA, "own_name": "Maya Thorne", "own_phone": "403 555 0130"}).status_code == 302
    with tenancy.scope(practice_id=riverbend.practice.id):
        names = ClientRow.objects.filter(account=child_of(riverbend).account).order_by("name")
        assert [(one.name, one.relation) for one in names] == [("Lena Wieland", "child"), ("Maya Thorne", "")]


@pytest.mark.parametrize("changes", [{"born_on": "3000-01-01"}, {"born_on": "x"}, {"relation": "pet"}, {"name": " "}])
def test_what_cannot_be_comes_back_with_everything_typed(browser: Client, changes: dict[str, str]) -> None:
    answer = browser.post(ADD, {**LENA, **changes})
    assert answer.status_code == 422
    assert 'value="Leni"' in text(answer)


def test_nobody_is_sent_elsewhere_after_adding(browser: Client) -> None:
    assert browser.post(f"{ADD}?next=https://evil.example/", LENA)["Location"] == "/p/riverbend/my/people/"


PAGES = ["my/", "my/progress/", "my/body-map/", "my/receipts/", "my/details/", "my/access-log/", "screening/", "book/"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_about_somebody_are_for_who_looks_after_them(
    riverbend: Stage, browser: Client, signed_in: Callable[..., Client], path: str
) -> None:
    add(browser)
    child = child_of(riverbend)
    asked = f"/p/riverbend/{path}?for={child.pk}"
    mine = browser.get(asked)
    assert mine.status_code == 200
    assert "For Leni" in text(mine)
    priya = signed_in(riverbend.clients["priya@clients.example"].account_id)
    staff = signed_in(next(person.pk for role, person in riverbend.staff if role == "therapist"))
    for other in (priya, staff):
        assert other.get(asked).status_code == 404
        assert other.get(f"/p/riverbend/{path}?for={uuid4()}").status_code == 404
    assert browser.get(f"/p/riverbend/{path}?for=x").status_code == 404
    assert Client().get(asked)["Location"].startswith("/sign-in/?next=")


def test_the_list_says_age_and_who_consents(browser: Client, riverbend: Stage) -> None:
    assert "Nobody yet" in text(browser.get("/p/riverbend/my/people/"))
    add(browser)
    page = text(browser.get("/p/riverbend/my/people/"))
    age = child_of(riverbend)
    assert age.born_on == date(2015, 6, 30)
    years = timezone.now().year - 2015 - (timezone.now().strftime("%m-%d") < "06-30")
    assert f"{years} years old" in page
    assert "You consent for Leni" in page


def test_staff_see_guardian_and_age(riverbend: Stage, browser: Client, signed_in: Callable[..., Client]) -> None:
    add(browser)
    child = child_of(riverbend)
    screened(riverbend, browser, client=child)
    details = wish_for(browser, str(child.pk))
    assert browser.post(details).status_code == 302
    (visit,) = visits(riverbend)
    desk = signed_in(next(person.pk for role, person in riverbend.staff if role == "therapist"))
    day = text(desk.get(f"/p/riverbend/desk/day/?date={visit.local_start[:10]}"))
    assert "parent or guardian: Tomasz" in day
    opened = text(desk.get(f"/p/riverbend/desk/visits/{visit.pk}/"))
    assert "parent or guardian: Tomasz" in opened
    assert "guardian or decision-maker consents" in opened
    assert "Looked after by" in text(desk.get(f"/p/riverbend/desk/clients/{child.pk}/"))
