"""The diary in a browser: dragging asks, the keyboard does the same, what others book appears by itself."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.conftest import Demo, sign_in_as, violations

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]

SAM, NOOR = "sam@foothills.example", "noor@foothills.example"
DESK = "/p/foothills/desk/"
ACTIVE = "('confirmed', 'requested', 'arrived', 'in_session', 'completed', 'held')"


@pytest.fixture
def visit(demo: Demo) -> tuple[str, str]:
    """A confirmed visit of Foothills with free time of its therapist two hours later: id and day."""
    rows = demo.rows(
        "SELECT a.id::text, a.local_start FROM booking_appointment a JOIN practice_practice p ON p.id = a.practice_id"  # noqa: S608
        " WHERE p.slug = 'foothills' AND a.state = 'confirmed' AND a.starts_at > now() + interval '2 days'"
        " AND a.starts_at < now() + interval '30 days'"
        " AND NOT EXISTS (SELECT 1 FROM booking_appointment b WHERE b.practitioner_id = a.practitioner_id"
        " AND b.id <> a.id"
        f" AND b.state IN {ACTIVE} AND b.starts_at::date BETWEEN a.starts_at::date - 1 AND a.starts_at::date + 1)"
        " ORDER BY a.starts_at"
    )
    assert rows, "the demo has no visit alone on its day"
    return rows[0][0], rows[0][1][:10]


def start_of(demo: Demo, visit: str) -> str:
    [(start,)] = demo.rows("SELECT local_start FROM booking_appointment WHERE id = %s", visit)
    return str(start)


def open_day(page: Any, demo: Demo, day: str, *, view: str = "day") -> None:
    sign_in_as(page, demo, SAM, "foothills")
    page.goto(f"{DESK}{view}/?date={day}&therapist=")


def drag(page: Any, visit: str, down: int) -> None:
    """Takes the visit `down` pixels further down."""
    card = page.locator(f"#visit-{visit}")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + down / 2, steps=4)
    page.mouse.move(x, y + down, steps=4)
    assert page.locator(".target").inner_text() != ""
    page.mouse.up()


def test_dragging_asks_and_moves_only_after_yes(demo: Demo, person: Callable[..., Any], visit: tuple[str, str]) -> None:
    visit_id, day = visit
    before = start_of(demo, visit_id)
    page = person(width=1280, height=1000)
    open_day(page, demo, day)
    # Up or down, to where its therapist works: a quarter of an hour is one step of the grid.
    quarter = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.diary')).gridAutoRows) * 3")
    later = int(before[11:13]) < 13
    drag(page, visit_id, round(quarter) * (2 if later else -2))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name="Move the visit?").wait_for()
    assert "moving costs nothing" in dialog.inner_text()
    assert "by mail to" in dialog.inner_text()
    assert start_of(demo, visit_id) == before, "nothing changes before the yes"
    dialog.get_by_role("link", name="Leave it where it is").click()
    dialog.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == f"open-{visit_id}", "the place is kept"
    drag(page, visit_id, round(quarter) * (2 if later else -2))
    dialog.get_by_role("button", name="Move it").click()
    page.get_by_text("Moved to ").wait_for()
    moved = datetime.fromisoformat(start_of(demo, visit_id)) - datetime.fromisoformat(before)
    assert moved == timedelta(minutes=30 if later else -30)
    page.wait_for_function("(id) => document.activeElement.id === id", arg=f"open-{visit_id}")


def test_escape_gives_a_drag_up(demo: Demo, person: Callable[..., Any], visit: tuple[str, str]) -> None:
    page = person(width=1280, height=1000)
    open_day(page, demo, visit[1])
    card = page.locator(f"#visit-{visit[0]}")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 120, steps=4)
    assert page.locator(".target").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".target").count() == 0
    page.mouse.up()
    assert not page.get_by_role("dialog").is_visible()


def test_the_keyboard_does_the_same(demo: Demo, person: Callable[..., Any], visit: tuple[str, str]) -> None:
    visit_id, day = visit
    before = start_of(demo, visit_id)
    page = person(width=1280)
    open_day(page, demo, day)
    page.locator(f"#open-{visit_id}").focus()
    page.keyboard.press("ArrowDown")
    if page.evaluate("document.activeElement.id") == f"open-{visit_id}":  # the last of that therapist's day
        page.keyboard.press("ArrowUp")
    assert page.evaluate("Boolean(document.activeElement.closest('[data-column]'))")
    assert page.evaluate("document.activeElement.id") != f"open-{visit_id}"
    # A refusal because many write at that moment asks to try again, and a person would.
    assert any(moved_by_keyboard(page, visit_id) for _ in range(3)), page.get_by_role("dialog").inner_text()
    assert start_of(demo, visit_id) != before


def moved_by_keyboard(page: Any, visit_id: str) -> bool:
    """Opens the visit, chooses the first other time and says yes; False if no "Moved" came in six seconds."""
    page.keyboard.press("Escape")
    page.locator(f"#open-{visit_id}").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Move or change length").focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("heading", name="Move or change length").wait_for()
    assert "/desk/day/" in page.url, "the diary stays where it was"
    assert violations(page) == []
    dialog.locator("button[name=to]").first.focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("heading", name="Move the visit?").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'H1'")  # the focus is where the question is
    dialog.get_by_role("button", name="Move it").focus()
    page.keyboard.press("Enter")
    try:
        page.get_by_text("Moved to ").wait_for(timeout=6000)
    except PlaywrightTimeout:
        return False
    return True


def test_somebody_else_s_booking_appears_by_itself(
    demo: Demo, person: Callable[..., Any], visit: tuple[str, str]
) -> None:
    page = person(width=1280)
    open_day(page, demo, visit[1])
    page.evaluate("window.stayed = true")
    at = page.locator(f"#open-{visit[0]}")
    at.focus()
    demo.rows("UPDATE booking_appointment SET state = 'arrived' WHERE id = %s", visit[0])
    try:
        page.evaluate("htmx.trigger('#pulse', 'look-again')")
        page.locator(f"#visit-{visit[0]}[data-state=arrived]").wait_for()
        page.wait_for_function("document.querySelector('[data-diary-status]').textContent.includes('up to date')")
        assert page.evaluate("window.stayed"), "the page was not loaded again"
        assert page.evaluate("document.activeElement.id") == f"open-{visit[0]}", "the focus stays"
        at.press("Enter")
        page.get_by_role("dialog").get_by_role("heading", level=1).wait_for()
        demo.rows("UPDATE booking_appointment SET state = 'confirmed' WHERE id = %s", visit[0])
        page.evaluate("htmx.trigger('#pulse', 'look-again')")
        page.wait_for_timeout(400)
        assert page.locator(f"#visit-{visit[0]}[data-state=arrived]").count() == 1, "never under an open visit"
        page.keyboard.press("Escape")
        page.locator(f"#visit-{visit[0]}[data-state=confirmed]").wait_for()
    finally:
        demo.rows("UPDATE booking_appointment SET state = 'confirmed' WHERE id = %s", visit[0])


def test_on_paper_it_is_a_page_for_each_therapist(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(width=1280)
    open_day(page, demo, today())
    page.emulate_media(media="print")
    assert not page.locator(".desk-nav, .coming, .switch-row").first.is_visible()
    breaks = page.locator(".column").evaluate_all("(all) => all.map((one) => getComputedStyle(one).breakBefore)")
    assert breaks == ["auto"] + ["page"] * (len(breaks) - 1)
    assert len(breaks) == 6
    pages = page.pdf(format="Letter")
    assert len(re.findall(rb"/Type\s*/Page\b", pages)) >= 6
    assert page.locator(".column h2 .print-only").first.is_visible()
    assert page.locator(".board a[href^='tel:']").first.is_visible()


def today() -> str:
    """Where the demo is."""
    return datetime.now(ZoneInfo("America/Edmonton")).date().isoformat()


LOOKS = ("day/?therapist=&date={day}", "day/?by=rooms&date={day}", "week/?therapist=&date={day}",
         "week/?therapist=noor-haddad&date={day}", "book/?therapist=noor-haddad&service=therapeutic-60")  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")])
def test_a_full_day_is_sound_for_everybody(demo: Demo, person: Callable[..., Any], width: int, scheme: str) -> None:
    page = person(width=width, color_scheme=scheme)
    sign_in_as(page, demo, SAM, "foothills")
    found = []
    for look in LOOKS if scheme == "light" else LOOKS[:2]:
        page.goto(DESK + look.format(day=today()))
        found += violations(page)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{page.url}: {wide} px wide at {width} px")
    assert found == []


def test_between_two_clients_on_a_phone(demo: Demo, person: Callable[..., Any]) -> None:
    """Who is next stands above the fold, and the targets are large."""
    page = person(width=390, height=844)
    sign_in_as(page, demo, NOOR, "foothills")
    page.goto(f"{DESK}hours/")
    assert violations(page) == []
    page.goto(f"{DESK}day/")
    assert page.locator(".board .column").count() == 1
    assert page.locator(".hours").is_hidden()
    for button in page.locator(".coming .button:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 56


def test_without_scripts_everything_is_a_page(demo: Demo, person: Callable[..., Any], visit: tuple[str, str]) -> None:
    page = person(width=1280, js=False)
    open_day(page, demo, visit[1])
    page.locator(f"#open-{visit[0]}").click()
    page.get_by_role("link", name="Move or change length").click()
    page.locator("button[name=to]").first.click()
    page.get_by_role("button", name="Move it").click()
    page.wait_for_url(f"**/desk/day/?date={date.fromisoformat(visit[1])}**")
    assert page.get_by_text("Moved to ").is_visible()


def test_a_day_reads_in_full_and_choosing_it_leads_to_its_times(demo: Demo, person: Callable[..., Any]) -> None:
    """Case C25; and C10: another zone on the device changes neither the times nor anything that is kept."""
    page = person(width=390, timezone_id="Asia/Tokyo")
    page.goto("/p/foothills/book/times/?service=therapeutic-60")
    assert page.get_by_text("All times are Edmonton time").is_visible()
    day = page.locator("details.day:not([open])").first
    words = day.locator("summary").inner_text()
    assert re.fullmatch(r"[A-Z][a-z]+day \d+ [A-Z][a-z]+ 20\d\d, [\w]+ times? free", words)
    day.locator("summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('details.day[open] button.slot')")
    assert page.locator("[data-times-status]").inner_text() == words
    first = page.evaluate("document.activeElement.value")
    here = person(width=390, timezone_id="America/Edmonton")
    here.goto("/p/foothills/book/times/?service=therapeutic-60")
    assert here.locator(f'button.slot[value="{first}"]').count() == 1
