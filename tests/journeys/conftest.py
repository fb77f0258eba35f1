"""The real thing: `unknot demo` with its server, worker and mailbox, and a real browser."""

import email
import email.policy
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from unknot.db.cluster import ensure

START_SECONDS = 120


@dataclass
class Demo:
    """A running demo: its address, its people, its mail."""

    url: str
    data: Path
    process: "subprocess.Popen[bytes] | None"
    facts: dict[str, Any]

    def person(self, role: str, practice: str, name: str = "") -> dict[str, Any]:
        """One of the cast by role and practice."""
        rows = [p for p in self.facts["people"] if p["role"] == role and p["practice"] == practice]
        return next(p for p in rows if name in p["name"])

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Asks or changes the demo's database as its owner, past the walls."""
        with psycopg.connect(ensure(self.data).url(), autocommit=True) as connection:
            asked = connection.execute(statement, values)
            return asked.fetchall() if asked.description else []

    def api(self, person: dict[str, Any] | None = None) -> httpx.Client:
        """An HTTP client for the JSON API, as a person or as nobody."""
        headers = {"Authorization": f"Bearer {person['token']}"} if person else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)

    def tokens(self, *emails: str) -> list[str]:
        """Bearer tokens of people who are new here, in the given order."""
        code = (
            "import json; from django.utils.timezone import now; from unknot.people import actions;"
            f"print(json.dumps([actions.make_token(account_id=actions.account_for(email=one).pk, label='t', now=now())"
            f" for one in {emails!r}]))"
        )
        words = [sys.executable, "-m", "unknot.config.command", "shell", "--verbosity", "0", "--command", code]
        env = environment() | {"UNKNOT_DATA": str(self.data)}
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=True)
        return list(json.loads(done.stdout.splitlines()[-1]))

    def mails(self, to: str) -> list[Any]:
        """Messages to an address, oldest first."""
        found = []
        for path in sorted((self.data / "mail").glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to in str(message["To"]):
                found.append(message)
        return found

    def wait_for_mail(self, to: str, pattern: str, *, seconds: float = 30) -> re.Match[str]:
        """The first match of `pattern` in the newest mails to an address; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.mails(to)):
                body = message.get_body(("plain",))
                text = f"{message['Subject']}\n{body.get_content() if body else ''}"
                if found := re.search(pattern, text):
                    return found
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} with {pattern!r}: {[str(m['Subject']) for m in self.mails(to)]}")


def environment() -> dict[str, str]:
    """An environment of its own: nothing of the test run's settings may leak into the demo."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UNKNOT_", "DATABASE_URL", "DJANGO_", "TEST_"))}
    return kept | {"UNKNOT_LIMIT_FACTOR": "100", "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_demo(data: Path, *, port: int | None = None) -> Demo:
    """Starts `unknot demo` on a folder and waits until it answers."""
    port = port or free_port()
    words = ["demo", "--port", str(port), "--data", str(data), "--no-browser"]
    with (data.parent / f"{data.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "unknot.config.command", *words], env=environment(), stdout=log, stderr=log
        )
    url = f"http://localhost:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200 and (data / "demo.json").exists():
                return Demo(url, data, process, json.loads((data / "demo.json").read_text()))
        except httpx.HTTPError:
            time.sleep(0.2)
    stop_demo(process)
    raise AssertionError((data.parent / f"{data.name}.log").read_text()[-3000:])


def running_demo(data: Path) -> Demo:
    """The demo that somebody else runs on a data folder."""
    facts = json.loads((data / "demo.json").read_text())
    return Demo(facts["url"], data, None, facts)


def stop_demo(process: "subprocess.Popen[bytes] | None") -> None:
    """Ends a demo that we started."""
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """One demo for all journeys: a new one, or the one that runs on the folder in UNKNOT_RUNNING_DEMO."""
    if given := os.environ.get("UNKNOT_RUNNING_DEMO"):
        yield running_demo(Path(given))
        return
    folder = Path(tempfile.mkdtemp(prefix="unknot-journey-"))
    folder.chmod(0o755)
    running = start_demo(folder / "demo")
    yield running
    stop_demo(running.process)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def person(chromium: Any, demo: Demo) -> Iterator[Callable[..., Any]]:
    """`person(width=390, js=True)`: a fresh browser page for one person."""
    contexts = []

    def make(*, width: int = 390, height: int = 844, js: bool = True, **options: Any) -> Any:
        context = chromium.new_context(
            base_url=demo.url, viewport={"width": width, "height": height}, java_script_enabled=js, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in_as(page: Any, demo: Demo, email: str, practice: str) -> None:
    """Through the demo's door, as a person would click."""
    page.goto("/demo/")
    form = page.locator("form", has=page.locator(f'input[name="email"][value="{email}"]')).filter(
        has=page.locator(f'input[name="practice"][value="{practice}"]')
    )
    form.first.get_by_role("button").click()
    page.wait_for_load_state()


def open_session(page: Any, demo: Demo, *, fresh: bool = False) -> tuple[str, str]:
    """A visit of Maren's in session on her page, begun if need be (always, if `fresh`): session and visit id. Never one
    of the cast, whose visits other journeys need."""
    sign_in_as(page, demo, "maren@riverbend.example", "riverbend")
    states = ("confirmed", "arrived") if fresh else ("in_session", "confirmed", "arrived")
    [(visit,)] = demo.rows(
        "SELECT a.id::text FROM booking_appointment a JOIN practice_therapist t ON t.id = a.therapist_id "
        "LEFT JOIN people_account p ON p.id = a.account_id WHERE t.slug = 'maren-oduya' AND a.client_id IS NOT NULL "
        "AND coalesce(p.email, '') NOT LIKE '%%@clients.example' AND a.state = ANY(%s) "
        "ORDER BY a.state = 'in_session' DESC, a.starts_at DESC LIMIT 1",
        list(states),
    )
    page.goto(f"/p/riverbend/desk/visits/{visit}/")
    if page.get_by_role("link", name="Session is running").count():
        page.get_by_role("link", name="Session is running").click()
    else:
        page.get_by_role("button", name=re.compile("agrees to this plan")).click()
        page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/session/")
    return str(page.locator("[data-session]").get_attribute("data-session")), str(visit)


def violations(page: Any) -> list[str]:
    """What axe finds on a page, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
