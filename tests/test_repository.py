"""The repository itself: locks install anywhere, Makefile and continuous integration say the same, nothing private."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def tracked() -> list[Path]:
    """Files under version control, or (in an unpacked archive) all that look like ours."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert re.findall(r"\S*(?:://|file:|--index|--find-links)\S*", text) == []
    pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^\]]*\])?==[^\s\\]+", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+(?:\[[^\]]*\])?==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(("wanted", "lock"), [("requirements.in", LOCKS[0]), ("requirements-dev.in", LOCKS[1])])
def test_everything_wanted_is_locked_and_says_why(wanted: str, lock: str) -> None:
    locked = {re.sub(r"[-_.]+", "-", one).lower() for one in re.findall(r"^([\w.-]+)", (ROOT / lock).read_text(), re.M)}
    for line in (ROOT / wanted).read_text().splitlines():
        if line and not line.startswith(("#", "-r")):
            name = re.split(r"[\[<>=~ ]", line, maxsplit=1)[0]
            assert re.sub(r"[-_.]+", "-", name).lower() in locked, f"{name}: run make lock"
            assert "# " in line, f"{name}: say why it is here"


def test_run_time_and_development_agree() -> None:
    pins = [dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / name).read_text(), re.M)) for name in LOCKS]
    differing = {
        name: (version, pins[1].get(name)) for name, version in pins[0].items() if pins[1].get(name) != version
    }
    assert differing == {}


def test_continuous_integration_runs_what_people_run() -> None:
    script = (ROOT / ".ci/run").read_text()
    used = set(re.findall(r"\bmake ([a-z]+)", script))
    assert used == {"check", "test", "fuzz", "torture"}
    assert used <= targets()
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_makefile_names_what_is_there() -> None:
    text = (ROOT / "Makefile").read_text()
    assert {"demo", "test", "check", "bench"} <= targets()
    phony = set(re.search(r"^\.PHONY:(.*)$", text, re.MULTILINE).group(1).split())  # type: ignore[union-attr]
    assert targets() - {"help"} <= phony
    for script in re.findall(r"\btools/\w+\.sh\b", text):
        assert (ROOT / script).exists(), script


def test_nothing_of_this_machine_or_of_real_people() -> None:
    forbidden = re.compile(
        r"/(?:home|Users)/[a-z]\w*/|[a-z0-9.]+@(?!(?:[\w.-]+\.)?(?:example|localhost|testserver)\b)[\w-]+\.(?:com|org|net|ca)\b"
    )
    found = []
    for path in tracked():
        if path.suffix in {".py", ".md", ".html", ".toml", ".sh", ".txt", ".json", ""} and path.name not in LOCKS:
            text = path.read_text(errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {one.group(0)}" for one in forbidden.finditer(text)]
    assert found == []


def test_no_merge_was_left_half_done() -> None:
    left = re.compile(rb"^\s*(<{7} |>{7} )", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in tracked() if left.search(path.read_bytes())] == []
