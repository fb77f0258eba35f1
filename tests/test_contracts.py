"""The import contracts hold, and each of them can fail: a planted break is reported by the contract meant for it."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unknot.config.settings import ROOMS

ROOT = Path(__file__).resolve().parent.parent
LINT = Path(sys.executable).with_name("lint-imports")


def lint(tree: Path) -> list[str]:
    """Names of the broken contracts of the source tree `tree/src/unknot`."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [LINT, "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )
    broken = [line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert (done.returncode == 0) == (not broken), done.stdout + done.stderr
    return broken


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package that may be broken."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates", "data", "migrations")
    shutil.copytree(ROOT / "src/unknot", tmp_path / "src/unknot", ignore=ignored)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/contracts.py", tmp_path / "tools/contracts.py")
    return tmp_path


def test_the_tree_keeps_all_contracts(tree: Path) -> None:
    assert lint(tree) == []


HOUSE = "The house: a room uses the rooms below it; grounds carry no room"
ROOM = "A room: the same floors everywhere, and no other file"
PURE = "Pure code takes values and gives values"
THIN = "Pages, calls, jobs, forms and gateways reach tables through actions and queries only"
HTML = "The JSON API knows no HTML forms"
DOOR = "From outside, a room shows its doors only"
LIBRARY = "Every library has its place"
CIRCLES = "No circles anywhere"

PLANTS = {
    "a room looks up": ("people/events.py", "import unknot.practice.queries", [HOUSE, PURE, CIRCLES]),
    "a ground knows a room": ("db/planted.py", "import unknot.people.queries", [HOUSE, CIRCLES]),
    "a room knows the wiring": ("practice/events.py", "import unknot.config.env", [HOUSE, PURE, CIRCLES]),
    "a new top-level drawer": ("drawer.py", "", [HOUSE]),
    "a drawer in a room": ("people/handy.py", "", [ROOM]),
    "a floor looks up": ("people/policies.py", "import unknot.people.actions", [ROOM, CIRCLES]),
    "a table in pure code": ("people/domain/planted.py", "import django.db", [PURE]),
    "the disk in pure code": ("people/domain/planted.py", "import os", [PURE]),
    "a stray library in pure code": ("people/domain/planted.py", "import yaml", [PURE, LIBRARY]),
    "a page looks into a table": ("people/views/planted.py", "import unknot.people.models", [THIN]),
    "a call uses a form": ("people/api.py", "import unknot.people.forms", [HTML]),
    "a back door": ("practice/policies.py", "import unknot.people.policies", [DOOR]),
    "a library away from its place": ("practice/queries.py", "import typst", [LIBRARY]),
    "a library without a place": ("practice/queries.py", "import requests", [LIBRARY]),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.replace(" ", "-"))
def test_a_planted_break_is_reported(tree: Path, plant: str) -> None:
    where, line, contracts = PLANTS[plant]
    path = tree / "src/unknot" / where
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")
    broken = lint(tree)
    assert set(contracts) <= set(broken), broken
    assert broken


def test_every_room_stands_in_every_list() -> None:
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    rooms = {f"unknot.{room}" for room in ROOMS if (ROOT / "src/unknot" / room / "apps.py").exists()}
    assert rooms <= set(read["importlinter:contract:room"]["containers"].split())
    assert rooms <= set(read["importlinter:contract:door"]["rooms"].split())
    layers = [f"unknot.{line.strip('()')}" for line in read["importlinter:contract:house"]["layers"].split()]
    assert [one.removeprefix("unknot.") for one in layers if one in rooms] == [
        r for r in ROOMS if f"unknot.{r}" in rooms
    ]
