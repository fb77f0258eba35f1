"""Whatever is killed comes back with everything that was committed; whoever is told to end leaves nothing behind."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Demo, start_demo, stop_demo

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("falls")]

EMAIL = "stays@visitors.example"
BACK_SECONDS = 40


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder for demos that fall."""
    made = Path(tempfile.mkdtemp(prefix="unknot-falls-"))
    made.chmod(0o755)
    yield made / "demo"
    shutil.rmtree(made, ignore_errors=True)


def test_falls_lose_nothing_and_leave_nothing(folder: Path) -> None:
    demo = start_demo(folder)
    try:
        visit = _books_while_the_worker_is_down(demo)
        _database_falls(demo)
        _the_visit_is_there(demo, visit)
        _exactly_one_confirmation(demo)
        _dies_at_once(demo)
        again = start_demo(folder)
        try:
            _the_visit_is_there(again, visit)
            _exactly_one_confirmation(again)
            _ends_when_told(again)
        finally:
            stop_demo(again.process)
    finally:
        stop_demo(demo.process)


def _books_while_the_worker_is_down(demo: Demo) -> dict[str, Any]:
    """The worker is killed first, so that the mail is still to be sent when the booking is made."""
    [token] = demo.tokens(EMAIL)
    with demo.api({"token": token}) as api:
        free = api.get("/practices/riverbend/slots", params={"service": "relaxation-60", "place": "studio"}).json()
        groups = api.get("/screening").json()["groups"]
        wish = {key: free["slots"][-1][key] for key in ("therapist", "place", "local_start")}
        wish |= {"practice": "riverbend", "service": "relaxation-60", "name": "Stays Put"}
        wish["screening"] = {question["id"]: "no" for group in groups for question in group["questions"]}
        os.kill(_child(demo, "worker"), signal.SIGKILL)
        booked = api.post("/appointments", json=wish)
    assert booked.status_code == 201
    return {"token": token, "told": booked.json()}


def _database_falls(demo: Demo) -> None:
    """The postmaster is killed: the supervisor brings it back, and web and worker find it again."""
    os.kill(_child(demo, "postgres"), signal.SIGKILL)
    deadline = time.monotonic() + BACK_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.3)
        try:
            if httpx.get(f"{demo.url}/healthz", timeout=5).status_code == 200 and _child(demo, "postgres"):
                return
        except httpx.HTTPError:
            continue
    raise AssertionError((demo.data.parent / f"{demo.data.name}.log").read_text()[-2000:])


def _the_visit_is_there(demo: Demo, visit: dict[str, Any]) -> None:
    with demo.api({"token": visit["token"]}) as api:
        found = api.get(f"/appointments/{visit['told']['id']}")
    assert found.status_code == 200
    assert found.json() == visit["told"]


def _exactly_one_confirmation(demo: Demo) -> None:
    demo.wait_for_mail(EMAIL, "booked", seconds=60)
    time.sleep(3)  # a second one would come within the worker's next rounds
    assert len(demo.mails(EMAIL)) == 1


def _dies_at_once(demo: Demo) -> None:
    """The supervisor itself is killed: the kernel ends its children."""
    assert demo.process is not None
    before = _family(demo.process.pid)
    assert len(before) > 4
    demo.process.kill()
    demo.process.wait(10)
    _all_gone(before)


def _ends_when_told(demo: Demo) -> None:
    assert demo.process is not None
    before = _family(demo.process.pid)
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(30) in (0, 128 + signal.SIGTERM)
    _all_gone(before)


def _all_gone(pids: dict[int, str], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    left = pids
    while left and time.monotonic() < deadline:
        time.sleep(0.2)
        now = _processes()
        left = {pid: words for pid, words in left.items() if pid in now and now[pid][1] == words}
    assert left == {}


def _child(demo: Demo, word: str) -> int:
    """The process id of the supervisor's own child whose command line has `word`; 0 if there is none."""
    assert demo.process is not None
    mine = [pid for pid, (parent, words) in _processes().items() if parent == demo.process.pid and word in words]
    return mine[0] if mine else 0


def _family(root: int) -> dict[int, str]:
    """Every descendant of a process, with its command line."""
    seen, found = _processes(), {root}
    while more := {pid for pid, (parent, _) in seen.items() if parent in found} - found:
        found |= more
    return {pid: seen[pid][1] for pid in found - {root}}


def _processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every living process; ended ones that nobody collected are left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if state != "Z":
            found[int(entry.name)] = (int(parent), words)
    return found
