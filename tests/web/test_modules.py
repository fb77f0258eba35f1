"""The small modules in a real browser: what they promise at the top of their files."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).parents[2] / "src" / "unknot" / "web" / "static" / "web"
pytestmark = pytest.mark.browser

COMFORT = """<form data-comfort method="post" action="/comfort">
<button name="signal" value="deeper" data-label="Deeper">Deeper</button>
<button name="signal" value="stop" data-label="Stop">Stop</button></form>
<p data-comfort-status data-sent="{signal} seen" data-kept="{signal} kept" data-refused="ended"></p>"""
BODY_MAP = """<div data-bodymap="m">
<svg width="50" height="50"><rect width="50" height="50" data-region="knee:left"/></svg>
<details><summary>Legs</summary><input type="checkbox" name="region" value="knee:left">
<select data-intensity="knee:left"><option></option><option>7</option></select></details></div>"""
SESSION = """<div data-session data-elapsed="30" data-running="false" data-url="/stream">
<span data-clock="segment"></span>
<span data-clock="session"></span><p data-current></p><p data-line hidden>down</p><ol>
<li data-segment data-from="0" data-to="60"><span class="what">Warm-up</span></li>
<li data-segment data-from="60" data-to="180"><span class="what">General</span></li></ol>
<div data-cue data-word-lighter="Lighter"><span data-cue-word></span><span data-cue-time></span></div></div>"""
AUTOSAVE = '<form data-autosave="n1" data-saved-version="%s"><textarea name="plan"></textarea></form>'
COUNTDOWN = """<p data-countdown="%s" data-over="Given back">Held <span data-countdown-text></span></p>
<span role="status" data-countdown-status data-two-minutes="Two minutes" data-half-minute="Half a minute"></span>"""
STREAM = b'event: comfort\ndata: {"id": 1, "signal": "lighter", "at": "2026-11-20T17:21:00Z", "seq": 1}\n\n'


class Site(ThreadingHTTPServer):
    """Pages by path; `down` makes the comfort address fail; `taps` records what arrived."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.pages = {
            "/comfort-page": ("comfort", COMFORT),
            "/map": ("bodymap", BODY_MAP),
            "/session": ("session", SESSION),
            "/note": ("autosave", AUTOSAVE % "1"),
            "/note-newer": ("autosave", AUTOSAVE % "2"),
            "/held": ("countdown", COUNTDOWN % 1),
            "/held-121": ("countdown", COUNTDOWN % 121),
            "/held-31": ("countdown", COUNTDOWN % 31),
            "/held-90": ("countdown", COUNTDOWN % 90),
        }
        self.down = False
        self.taps: list[tuple[str, str]] = []


class Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        if self.path.startswith("/js/"):
            return self.reply("text/javascript", (STATIC / self.path[1:]).read_bytes())
        if self.path == "/stream":
            return self.reply("text/event-stream", STREAM)
        name, body = self.server.pages.get(self.path, ("focus", ""))
        page = f'<!doctype html><title>t</title>{body}<script type="module" src="/js/{name}.js"></script>'
        return self.reply("text/html", page.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.down:
            return self.reply("text/plain", b"", status=503)
        signal = "stop" if "\r\n\r\nstop\r\n" in body else "deeper"
        self.server.taps.append((signal, self.headers["Idempotency-Key"]))
        return self.reply("application/json", b"{}", status=201)

    def reply(self, kind: str, body: bytes, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(chromium: Any, site: Site) -> Iterator[Any]:
    context = chromium.new_context(base_url=f"http://127.0.0.1:{site.server_port}")
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == []


def status(tab: Any, words: str) -> None:
    tab.wait_for_function(f"document.body.innerText.includes({words!r})")


def test_a_tap_reaches_the_server_once(tab: Any, site: Site) -> None:
    tab.goto("/comfort-page")
    tab.get_by_text("Deeper").click()
    status(tab, "Deeper seen")
    assert [signal for signal, _ in site.taps] == ["deeper"]
    assert tab.evaluate("localStorage.length") == 0


def test_taps_without_a_line_are_kept_over_a_reload_and_stop_goes_first(tab: Any, site: Site) -> None:
    site.down = True
    tab.goto("/comfort-page")
    tab.get_by_text("Deeper").click()
    status(tab, "Deeper kept")
    tab.locator("[value=stop]").click()
    status(tab, "Stop kept")
    site.down = False
    tab.reload()
    status(tab, "Deeper seen")
    assert [signal for signal, _ in site.taps] == ["stop", "deeper"]
    assert len({key for _, key in site.taps}) == 2


def test_the_picture_and_the_list_follow_each_other(tab: Any) -> None:
    tab.goto("/map")
    tab.locator("rect").click()
    assert tab.locator("input").is_checked()
    assert tab.locator("details").evaluate("element => element.open")
    tab.locator("select").select_option("7")
    assert tab.locator("rect").get_attribute("data-heat") == "4"
    tab.locator("input").uncheck()
    assert tab.locator("rect").get_attribute("data-heat") is None


def test_the_session_clock_follows_the_plan_and_the_cue_shows(tab: Any) -> None:
    tab.goto("/session")
    tab.wait_for_selector("[data-cue][data-signal=lighter]")
    assert tab.locator("[data-clock=segment]").inner_text() == "0:30"
    assert tab.locator("[data-clock=session]").inner_text() == "2:30"
    assert tab.locator("[data-current]").inner_text() == "Warm-up"
    assert tab.locator("[data-cue-word]").inner_text() == "Lighter"
    states = tab.locator("[data-segment]").evaluate_all("all => all.map(one => one.dataset.state)")
    assert states == ["current", "todo"]


def test_words_survive_a_reload_until_the_server_has_a_newer_version(tab: Any) -> None:
    tab.goto("/note")
    tab.locator("textarea").fill("walk daily")
    tab.wait_for_function("localStorage.length === 1")
    tab.reload()
    assert tab.locator("textarea").input_value() == "walk daily"
    tab.goto("/note-newer")
    assert tab.locator("textarea").input_value() == ""
    assert tab.evaluate("localStorage.length") == 0


def test_a_held_time_says_when_it_was_given_back(tab: Any) -> None:
    tab.goto("/held")
    status(tab, "Given back")


@pytest.mark.parametrize(("seconds", "words"), [(121, "Two minutes"), (31, "Half a minute")])
def test_a_held_time_speaks_twice(tab: Any, seconds: int, words: str) -> None:
    tab.goto(f"/held-{seconds}")
    status(tab, words)


def test_a_held_time_is_quiet_in_between_and_still_for_whoever_wants_it_still(tab: Any) -> None:
    tab.emulate_media(reduced_motion="reduce")
    tab.goto("/held-90")
    status(tab, "(2 min)")
    tab.wait_for_timeout(1500)
    assert tab.locator("[data-countdown-text]").inner_text() == "(2 min)"
    assert tab.locator("[data-countdown-status]").inner_text() == ""


def test_a_save_that_failed_is_tried_again_but_not_one_that_was_refused(tab: Any) -> None:
    """What htmx says after a request; the answer to a `change` would be the next request."""
    tab.goto("/note")
    tab.evaluate("window.tries = 0; document.forms[0].addEventListener('change', () => (window.tries += 1))")
    made = "new CustomEvent('htmx:afterRequest', {detail: {successful: false, xhr: {status}}})"
    said = f"(status) => document.forms[0].dispatchEvent({made})"
    tab.evaluate(said, 409)
    tab.wait_for_timeout(5500)
    assert tab.evaluate("tries") == 0
    tab.evaluate(said, 0)
    tab.wait_for_function("tries === 1", timeout=8000)
    tab.evaluate(said, 503)
    tab.context.set_offline(True)
    tab.context.set_offline(False)  # the line is back before the time is up
    tab.wait_for_function("tries === 2", timeout=2500)
