"""From the first page to a booked visit without a pointer: Tab, Space, Enter and typing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]

EMAIL = "keys@visitors.example"
MOST_TABS = 200


def reach(page: Any, selector: str) -> None:
    """Tabs on until the focus is on what `selector` names, and shows itself."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            break
    else:
        raise AssertionError(f"{selector} can't be reached on {page.url}")
    ring = """() => {
      const at = document.activeElement, style = getComputedStyle(at), label = at.closest("label");
      const ringed = (one) => one && (one.outlineStyle !== "none" || one.boxShadow !== "none");
      return ringed(style) || ringed(label && getComputedStyle(label));
    }"""
    assert page.evaluate(ring), f"the focus does not show on {selector} of {page.url}"


def press(page: Any, selector: str, key: str = "Enter", *, leads_to: str = "") -> None:
    """Reaches something and presses a key on it."""
    reach(page, selector)
    page.keyboard.press(key)
    if leads_to:
        page.wait_for_url(leads_to)


def test_a_visit_is_booked_by_keyboard(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(width=1280)
    page.goto("/p/riverbend/")
    press(page, 'a[href="/p/riverbend/book/"]', leads_to="**/book/")
    press(page, 'input[name="service"][value="therapeutic-60"]', "Space")
    press(page, 'main button[type="submit"]', leads_to="**/book/times/**")
    if not page.locator("button.slot").count():
        press(page, ".empty a.button", leads_to="**/book/times/**from=**")
    press(page, "button.slot", leads_to="**/book/details/**")
    details = page.url
    press(page, 'main a[href*="/screening/"]', leads_to="**/screening/**")
    for heading in ("safe today", "your health"):
        page.get_by_role("heading", level=1, name=heading).wait_for()
        for card in range(page.locator('input[name="none"]').count()):
            value = page.locator('input[name="none"]').nth(card).get_attribute("value")
            press(page, f'input[name="none"][value="{value}"]', "Space")
        press(page, 'main form button[type="submit"]')
    page.wait_for_url("**/screening/result/")
    press(page, 'main a[href="/p/riverbend/book/"]', leads_to="**/book/")
    press(page, 'main a[href*="/book/details/"]', leads_to=details)
    reach(page, "#id_email")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    page.get_by_label("Code").wait_for()
    code = demo.wait_for_mail(EMAIL, r"Your code: (\S+)").group(1)
    reach(page, 'input[name="code"]')
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url(details)
    reach(page, 'input[name="name"]')
    page.keyboard.type("Keys Only")
    reach(page, 'input[name="phone"]')
    page.keyboard.type("780 555 0163")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/visits/*/?new=1")
    assert page.get_by_role("heading", level=1).inner_text().startswith("See you ")
