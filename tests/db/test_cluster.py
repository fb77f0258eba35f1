"""The life of the embedded server, with real processes. Only processes that a test started are ended here."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from unknot.db import binaries, cluster, server

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
WORKER = """
import json, sys
from pathlib import Path
from unknot.db.cluster import ensure
one = ensure(Path(sys.argv[1]), durable=sys.argv[2] == 'durable')
print(json.dumps({"url": one.url(), "data": str(one.data), "pid": one.process and one.process.pid}), flush=True)
sys.stdin.read()
one.stop()
"""


class Worker:
    """A process that makes sure of the cluster, tells about it, and stops it when told to."""

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = False,
        program: Path = ROOT / "src",
        python: str | Path = sys.executable,
        **how: Any,
    ) -> None:
        environment = {**os.environ, "PYTHONPATH": str(program), "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [python, "-c", WORKER, folder, "durable" if durable else "fleeting"]
        self.process = subprocess.Popen(argv, stdin=-1, stdout=-1, stderr=-1, text=True, env=environment, **how)
        self._facts: dict[str, Any] = {}

    @property
    def facts(self) -> dict[str, Any]:
        if not self._facts:
            assert self.process.stdout is not None
            assert self.process.stderr is not None
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            self._facts = json.loads(line)
        return self._facts

    def end(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An open folder; what lived in it is forgotten."""
    path = Path(tempfile.mkdtemp(prefix="unknot-life-"))
    path.chmod(0o755)
    yield path
    cluster.forget(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def worker(folder: Path) -> Iterator[Callable[..., Worker]]:
    """`worker()`: a process of the kind above on `folder`."""
    begun: list[Worker] = []

    def begin(where: Path = folder, **how: Any) -> Worker:
        begun.append(Worker(where, **how))
        return begun[-1]

    yield begin
    for one in begun:
        with contextlib.suppress(ValueError, BrokenPipeError):
            one.end()


def write(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def read(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept ORDER BY word")]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 20
    while is_alive(pid):
        assert time.monotonic() < deadline, f"{pid} still lives"
        time.sleep(0.05)


def test_the_first_starts_it_and_the_second_shares_it(worker: Callable[..., Worker]) -> None:
    first = worker()
    write(first.facts["url"], "from the first")
    second = worker()
    assert second.facts == {**first.facts, "pid": None}
    assert read(second.facts["url"]) == ["from the first"]
    second.end()
    assert read(first.facts["url"]) == ["from the first"]
    first.end()
    wait_for_end(first.facts["pid"])


def test_eight_at_once_start_exactly_one(worker: Callable[..., Worker]) -> None:
    facts = [one.facts for one in [worker() for _ in range(8)]]
    assert len({one["url"] for one in facts}) == 1
    assert sum(one["pid"] is not None for one in facts) == 1


def test_a_killed_server_comes_back_with_every_committed_row(worker: Callable[..., Worker]) -> None:
    first = worker(durable=True)
    write(first.facts["url"], "committed")
    os.kill(first.facts["pid"], signal.SIGKILL)
    second = worker()
    assert second.facts["pid"] not in (None, first.facts["pid"])
    assert read(second.facts["url"]) == ["committed"]


def test_the_server_ends_with_a_killed_supervisor(worker: Callable[..., Worker]) -> None:
    first = worker(durable=True)
    write(first.facts["url"], "committed")
    first.process.kill()
    wait_for_end(first.facts["pid"])
    assert read(worker().facts["url"]) == ["committed"]


def test_a_pid_file_that_names_a_stranger_does_not_stop_it(worker: Callable[..., Worker]) -> None:
    first = worker(durable=True)
    write(first.facts["url"], "kept")
    data = Path(first.facts["data"])
    os.kill(first.facts["pid"], signal.SIGKILL)
    wait_for_end(first.facts["pid"])
    owner = data.stat().st_uid  # a stranger of the same user: PostgreSQL can't know it from a server of its own
    stranger = subprocess.Popen(["sleep", "60"], user=owner, cwd="/")
    try:
        _, _, rest = (data / "postmaster.pid").read_text().partition("\n")
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{rest}")
        assert read(worker().facts["url"]) == ["kept"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_path_longer_than_a_socket_may_have(folder: Path, worker: Callable[..., Worker]) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    one = worker(deep)
    write(one.facts["url"], "deep")
    assert Path(one.facts["data"]).is_relative_to(deep)
    assert read(one.facts["url"]) == ["deep"]


def test_half_made_data_is_made_anew(folder: Path, worker: Callable[..., Worker]) -> None:
    major = binaries.major_version(binaries.find_bindir())
    half = folder / "pg" / f"pg{major}.init"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("interrupted")
    assert Path(worker().facts["data"]) == folder / "pg" / f"pg{major}"
    assert not half.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root can work in a folder that the server's user can't enter")
def test_root_with_a_closed_folder(folder: Path, worker: Callable[..., Worker]) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    one = worker(closed)
    try:
        assert Path(one.facts["data"]).is_relative_to("/var/lib/unknot/clusters")
        assert closed.stat().st_mode & 0o777 == 0o700
        assert os.stat(f"/proc/{one.facts['pid']}").st_uid != 0
    finally:
        one.end()
        cluster.forget(closed)


def open_python() -> Path | None:
    """An interpreter of our own version that other users can run."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [Path(sys.executable).resolve(), Path("/usr/bin") / version]
    return next((one for one in candidates if one.exists() and binaries.walkable(one)), None)


@pytest.mark.skipif(not IS_ROOT or open_python() is None, reason="needs root and a Python that other users can run")
def test_somebody_without_rights_or_home(
    folder: Path, worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = folder / "program"  # the checkout itself may stand where other users can't read
    site = Path(psycopg.__file__).parent.parent
    for source in (ROOT / "src/unknot/db", ROOT / "src/unknot/kernel"):
        shutil.copytree(source, program / "unknot" / source.name)
    for name in ("psycopg", "psycopg_binary", "psycopg_binary.libs"):
        shutil.copytree(site / name, program / name)
    shutil.copy(site / "typing_extensions.py", program)
    shutil.copy(ROOT / "src/unknot/__init__.py", program / "unknot")
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(binaries.reachable(binaries.find_bindir())))
    nobody = pwd.getpwnam("nobody")
    own = folder / "own"
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    one = worker(own, program=program, python=open_python(), **who)
    write(one.facts["url"], "nobody's")
    assert os.stat(f"/proc/{one.facts['pid']}").st_uid == nobody.pw_uid
    assert Path(one.facts["data"]).stat().st_mode & 0o777 == 0o700
    assert read(one.facts["url"]) == ["nobody's"]


def test_no_binaries_is_one_clear_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_PG_BINDIR", str(folder))
    with pytest.raises(binaries.NoPostgresError, match="names a folder without a postgres program"):
        cluster.ensure(folder)


def test_a_server_that_can_not_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "RETRY_SECONDS", 0.5)
    one = cluster.ensure(folder, durable=False)
    one.stop()
    (one.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(server.StartError, match="no_such_setting"):
        cluster.ensure(folder, durable=False)
