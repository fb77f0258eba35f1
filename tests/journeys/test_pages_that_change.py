"""Pages that are there for a while only: running late, a record handed over, a late move of all, two at one home."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Demo, sign_in_as
from tests.journeys.test_pages import FRONT_DESK, PHONE, WIDTHS, faults, look  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_running_late(demo: Demo, look: Callable[..., Any], width: int) -> None:  # noqa: F811
    [(late, email)] = demo.rows(
        "SELECT l.id::text, c.email FROM booking_latevisit l JOIN booking_appointment a ON a.id = l.visit_id"
        " JOIN people_client p ON p.id = a.client_id JOIN people_account c ON c.id = p.account_id"
        " ORDER BY l.id LIMIT 1"
    )
    page = look(width=width)
    sign_in_as(page, demo, email, "foothills")
    page.goto(f"/p/foothills/my/late/{late}/")
    assert "running late" in page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_role("button", name="is fine").count() == 1
    found = faults(page)
    sign_in_as(page, demo, FRONT_DESK, "foothills")
    page.goto("/p/foothills/desk/late/")
    found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_record_handed_over(
    demo: Demo,
    look: Callable[..., Any],  # noqa: F811
    width: int,
) -> None:
    """From the carer's list over the mail to the grown person's own first page."""
    once = time.time_ns()  # a person takes one record over, also where the demo runs on
    name, address = f"Grown Quarry {once}", f"grown-{once}@visitors.example"
    page = look(width=width)
    sign_in_as(page, demo, "maya@clients.example", "foothills")
    page.goto("/p/foothills/my/people/add/")
    page.get_by_label("name", exact=False).first.fill(name)
    page.get_by_label("birth", exact=False).fill("2004-02-29")
    page.get_by_label("My child").check()
    page.locator("main form button[type=submit]").click()
    page.get_by_text("Saved. They have a record of their own now.").wait_for()
    found = faults(page)
    page.locator("section.card", has_text=name).get_by_role("link", name="Hand it over").click()
    page.get_by_role("button", name="Send the invitation").wait_for()
    found += faults(page)
    page.get_by_label("address", exact=False).fill(address)
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("Sent. Once").wait_for()
    link = demo.wait_for_mail(address, r"(/p/foothills/own-record/\S+)").group(1)
    grown = look(width=width)
    grown.goto(link)
    found += faults(grown)
    grown.get_by_label("address", exact=False).fill(address)
    grown.get_by_role("button", name="Send me a code").click()
    grown.get_by_label("Code").wait_for()
    grown.get_by_label("Code").fill(demo.wait_for_mail(address, r"Your code: (\S+)").group(1))
    grown.get_by_role("button", name="Sign in").click()
    grown.get_by_role("button", name="Take my record over").wait_for()
    found += faults(grown)
    grown.get_by_role("button", name="Take my record over").click()
    grown.get_by_text("The record is yours now").wait_for()
    found += faults(grown)
    page.goto("/p/foothills/my/people/")
    assert page.get_by_text(name).count() == 0
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_late_move_of_all(demo: Demo, look: Callable[..., Any], width: int) -> None:  # noqa: F811
    """Asked, waiting on both sides, and taken back, so that the next one finds the group as it was."""
    [(group, visit)] = demo.rows(
        "SELECT g.id::text, a.id::text FROM booking_group g JOIN booking_groupvisit v ON v.group_id = g.id"
        " JOIN booking_appointment a ON a.id = v.appointment_id JOIN people_client c ON c.id = a.client_id"
        " JOIN people_account p ON p.id = c.account_id WHERE p.email = 'anders@clients.example' LIMIT 1"
    )
    set_hours = (
        "UPDATE booking_appointment SET change_hours = %s"
        " WHERE id IN (SELECT appointment_id FROM booking_groupvisit WHERE group_id = %s)"
    )
    [(hours,)] = demo.rows("SELECT change_hours FROM booking_appointment WHERE id = %s", visit)
    demo.rows(set_hours, 720, group)
    page, desk = look(width=width), look(width=width)
    try:
        sign_in_as(page, demo, "anders@clients.example", "foothills")
        page.goto(f"/p/foothills/my/together/{group}/move/?with=anybody")
        assert page.get_by_text("another time needs our yes").count() == 1
        found = faults(page)
        page.locator("button.slot").first.click()
        page.get_by_role("button", name="Ask for this time").wait_for()
        found += faults(page)
        page.get_by_role("button", name="Ask for this time").click()
        page.get_by_role("heading", name="You asked for another time for all of you").wait_for()
        found += faults(page)
        sign_in_as(desk, demo, FRONT_DESK, "foothills")
        for path in ("requests/", f"together/{group}/", f"visits/{visit}/sheet/"):
            desk.goto(f"/p/foothills/desk/{path}")
            found += faults(desk)
        page.get_by_role("button", name="Take it back").click()
        page.get_by_text("Taken back.").wait_for()
        page.get_by_role("heading", name="Who comes").wait_for()
        found += faults(page)
    finally:
        demo.rows(set_hours, hours, group)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_two_at_one_home(demo: Demo, look: Callable[..., Any], width: int) -> None:  # noqa: F811
    """The address, times for both with their drives, and who they are."""
    page = look(width=width)
    page.goto("/p/openhands/together/home/?people=2&s1=home-therapeutic-60&s2=home-therapeutic-90&place=home")
    found = faults(page)
    page.get_by_label("Street and number").fill("5 Elm Row")
    page.get_by_label("Postal code").fill("T6E 1A1")
    page.get_by_role("button", name="See times for all of you").click()
    page.wait_for_url(re.compile("/together/times/"))
    assert page.get_by_text("5 Elm Row").count()
    found += faults(page)
    if not page.locator("button.slot").count():  # what is free differs with the day on which the demo began
        page.get_by_role("link", name="Look at").click()
        page.locator("button.slot").first.wait_for()
        found += faults(page)
    page.locator("button.slot").first.click()
    page.get_by_role("heading", name="Nearly there: who comes?").wait_for()
    found += faults(page)
    assert found == []


def test_refused_forms_say_why_where_it_was_typed(demo: Demo, person: Callable[..., Any]) -> None:
    """The console names a refusal, so these are looked at without it."""
    page = person(width=PHONE)
    page.goto("/p/openhands/together/home/?people=2&s1=home-therapeutic-60&s2=home-therapeutic-90&place=home")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="See times for all of you").click()
    page.get_by_role("alert").wait_for()
    found = faults(page)
    assert found == []
