"""Steps 1 to 4 on a phone that runs no scripts: plain pages and forms all the way."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys import walk
from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]

EMAIL = "orla@visitors.example"


def test_a_visit_is_found_and_booked_without_scripts(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(js=False)
    walk.read_article(page)
    walk.answer_guide(page)
    page.get_by_role("link", name="Continue to the safety questions").click()
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").locator("a").count() == page.locator("fieldset.card").count()
    walk.answer_screening(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Nothing in your answers stands in the way"
    page.get_by_role("link", name="Choose a time").click()
    walk.choose_service(page, "relaxation-60")
    kept = walk.take_first_time(page)
    walk.sign_in_by_code(page, demo, EMAIL)
    visit = walk.confirm(page, name="Orla Finch", phone="780 555 0161")
    assert demo.rows("SELECT state, local_start FROM booking_appointment WHERE id = %s", visit) == [
        ("confirmed", kept.rsplit("|", 1)[1])
    ]
    demo.wait_for_mail(EMAIL, "booked")


def test_a_stop_offers_no_booking(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(js=False)
    page.goto("/p/riverbend/screening/")
    card = page.locator("fieldset.card").first
    card.locator('input[name="yes"]').first.check()
    for other in page.locator("fieldset.card").all()[1:]:
        other.get_by_label("None of these").check()
    page.get_by_role("button", name="Continue").click()
    while "/result/" not in page.url:
        for question in page.locator("fieldset.question:has(input[type=radio])").all():
            question.locator('input[value="yes"]').check()
        page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("link", name="Choose a time").count() == 0
    assert page.locator('main a[href*="/book/"]').count() == 0
    assert page.locator('main a[href="tel:911"]').count() >= 1
