"""A home visit without a line: the session goes on in a real browser, and nothing is lost or counted twice."""

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Demo, open_session, start_demo, stop_demo

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("falls")]


@pytest.fixture
def own() -> Iterator[list[Demo]]:
    """A demo that this test kills and starts again; the last of the list is the running one."""
    folder = Path(tempfile.mkdtemp(prefix="unknot-line-"))
    folder.chmod(0o755)
    running = [start_demo(folder / "demo")]
    yield running
    stop_demo(running[-1].process)
    shutil.rmtree(folder, ignore_errors=True)


def ready(page: Any) -> None:
    """The queue is open and the screen is kept on the device."""
    page.locator("[data-session][data-ready][data-cached]").wait_for()


def next_part(page: Any) -> None:
    before = page.locator("[data-session]").get_attribute("data-part")
    page.wait_for_timeout(700)  # two taps within a moment are one
    page.locator('form[data-move] [value="next"]').click()
    page.locator(f'[data-session]:not([data-part="{before}"])').wait_for()


def write_down(page: Any, words: str) -> None:
    if not page.locator("#quick").is_visible():
        page.get_by_text("Write something down").click()
    page.locator("#quick").fill(words)
    page.get_by_role("button", name="Keep").click()


def say(page: Any, word: str) -> None:
    if not page.locator("[data-said]").is_visible():
        page.get_by_text("They said it aloud").click()
    page.locator("[data-said]").get_by_role("button", name=word).click()


def sent(page: Any) -> None:
    page.locator("[data-session]:not([data-pending])").wait_for(timeout=40_000)


def marks(demo: Demo, session: str) -> list[tuple[str, str]]:
    return [
        (str(kind), str(outcome))
        for kind, outcome in demo.rows(
            "SELECT kind, outcome FROM treatment_sessionmark WHERE session_id = %s ORDER BY happened_at, id", session
        )
    ]


def parts(demo: Demo, session: str) -> list[str]:
    found = demo.rows("SELECT key FROM treatment_segmentdone WHERE session_id = %s ORDER BY started_at, id", session)
    return [str(key) for (key,) in found]


def test_the_server_dies_in_mid_session_and_no_event_is_lost(own: list[Demo], chromium: Any) -> None:
    """Killed at once, with everything under it; both screens go on, are loaded anew, and catch up after the restart."""
    demo = own[-1]
    context = chromium.new_context(base_url=demo.url, viewport={"width": 1024, "height": 768})
    page = context.new_page()
    page.set_default_timeout(20_000)
    session, visit = open_session(page, demo)
    ready(page)
    client = chromium.new_context(base_url=demo.url, viewport={"width": 390, "height": 844})
    phone = client.new_page()
    phone.goto(page.locator(".join-link").inner_text())
    next_part(page)
    sent(page)

    assert demo.process is not None
    demo.process.kill()
    demo.process.wait(10)
    page.locator("[data-line]").wait_for()
    next_part(page)
    say(page, "Lighter")
    write_down(page, "tender at the left side")
    phone.get_by_role("button", name="Deeper").click()
    phone.get_by_text("Deeper is kept").wait_for()
    page.locator("[data-kept]").get_by_text("3").wait_for()
    page.reload()  # no server at all: the screen comes from the device and goes on where it was
    page.locator("[data-session][data-ready]").wait_for()
    assert page.locator("[data-session]").get_attribute("data-part") == "s03"
    next_part(page)
    shown = page.locator("[data-current]").inner_text()
    time.sleep(2)

    own.append(start_demo(demo.data, port=int(demo.url.rsplit(":", 1)[1])))
    again = own[-1]
    sent(page)
    phone.get_by_text(re.compile("Deeper: on Maren")).wait_for(timeout=40_000)
    assert marks(again, session) == [(kind, "done") for kind in ("move", "move", "said", "note", "move")]
    assert parts(again, session) == ["s01", "s02", "s03", "s04"]
    taps = again.rows("SELECT signal, spoken FROM treatment_comfortevent WHERE session_id = %s", session)
    assert sorted(taps) == [("deeper", False), ("lighter", True)]
    page.reload()
    assert page.locator("[data-current]").inner_text() == shown
    page.locator('[data-cue][data-signal="deeper"]').wait_for()

    page.get_by_role("link", name="End session").click()
    page.get_by_role("button", name="End and go to the note").click()
    page.wait_for_url("**/note/")
    assert "tender at the left side" in page.locator("#id_objective").input_value()
    page.locator("#id_objective").press("End")
    page.locator("#id_objective").type(" and typed while the server is away")
    _note_survives(own, page, visit)
    context.close()
    client.close()


def _note_survives(own: list[Demo], page: Any, visit: str) -> None:
    """The draft of the note outlives the server, too."""
    demo = own[-1]
    assert demo.process is not None
    demo.process.kill()
    demo.process.wait(10)
    page.locator("#id_response").fill("slept")
    page.get_by_text("Kept on this device, not yet saved").wait_for()
    own.append(start_demo(demo.data, port=int(demo.url.rsplit(":", 1)[1])))
    page.reload()
    page.get_by_text("Your unsaved words are back").wait_for()
    assert "typed while the server is away" in page.locator("#id_objective").input_value()
    assert page.locator("#id_response").input_value() == "slept"
    page.get_by_role("button", name="Save draft").click()
    page.get_by_text("The draft is saved").wait_for()


def test_offline_to_the_end_and_back(demo: Demo, person: Callable[..., Any]) -> None:
    """The browser itself is offline: the therapist ends the session, and the note opens when the line is back."""
    page = person(width=1024, height=768)
    session, _ = open_session(page, demo, fresh=True)
    page.locator("[data-session][data-ready]").wait_for()
    page.context.set_offline(True)
    next_part(page)
    page.locator('form[data-move] [value="next"]').dblclick()  # oil: two taps are one
    write_down(page, "asked for a pillow")
    page.get_by_role("link", name="End session").click()
    page.locator("[data-end-here]").get_by_label("The client ended it").check()
    page.locator("#here-words").fill("the doorbell")
    page.get_by_role("button", name="End now").click()
    page.locator("[data-ended-here]").wait_for()
    assert marks(demo, session) == []
    page.context.set_offline(False)
    page.wait_for_url("**/note/", timeout=40_000)
    assert "the doorbell" in page.locator("main").inner_text()
    found = [kind for kind, outcome in marks(demo, session) if outcome == "done"]
    assert (found[0], found[-2:]) == ("move", ["note", "end"])
    assert found.count("move") == len(parts(demo, session)) - 1 <= 3


def test_a_screen_that_was_closed_without_a_line_leaves_nothing_behind(demo: Demo, person: Callable[..., Any]) -> None:
    """The tab is gone before the line is back; the note's page hands in what the device kept."""
    page = person(width=1024, height=768)
    session, visit = open_session(page, demo, fresh=True)
    page.locator("[data-session][data-ready]").wait_for()
    context = page.context
    context.set_offline(True)
    next_part(page)
    write_down(page, "left knee on a cushion")
    page.wait_for_timeout(500)
    page.close()
    context.set_offline(False)
    assert marks(demo, session) == []
    note = context.new_page()
    note.goto(f"/p/riverbend/desk/visits/{visit}/note/")
    note.locator("[data-left-marks]").wait_for()
    assert marks(demo, session) == [("move", "done"), ("note", "done")]
    note.get_by_role("link", name="Load the note anew").click()
    note.wait_for_load_state()
    assert "left knee on a cushion" in note.locator("#id_objective").input_value()
