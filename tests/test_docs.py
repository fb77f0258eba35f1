"""What is there is written down, and what is written down is there."""

import re
from pathlib import Path

import pytest

from tools import api_routes
from unknot.config.command import RUNNERS
from unknot.config.settings import ROOMS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MODES = {"tutorials", "how-to", "reference", "explanation", "decisions", "images"}
README_LINES, DECISION_LINES = 40, 50
READ = re.compile(r'(?:env\.(?:text|flag|number|words)\(|environ(?:\.get)?[\[(])\s*"([A-Z_]+)"')
NOT_OURS = {"DISPLAY", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"}


def page(name: str) -> str:
    return (DOCS / name).read_text()


def first_column(name: str) -> list[str]:
    """What the tables of a page list."""
    return re.findall(r"^\| `([^`]+)` \|", page(name), re.MULTILINE)


def test_every_setting_is_described_and_no_other() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), ROOT / "tests/browser.py"]
    read = {name for path in sources for name in READ.findall(path.read_text())} - NOT_OURS
    listed = first_column("reference/settings.md")
    assert len(listed) == len(set(listed)) > 15
    assert set(listed) == read


def test_every_command_is_described_and_no_other() -> None:
    found = {path.stem.replace("_", "-") for path in (ROOT / "src").glob("unknot/*/management/commands/[a-z]*.py")}
    listed = {one.split()[1] for one in first_column("reference/commands.md")}
    assert found | set(RUNNERS) == listed
    assert len(listed) == len(first_column("reference/commands.md"))


def test_rooms_stand_in_their_order() -> None:
    listed = first_column("reference/rooms.md")
    assert listed[: len(ROOMS)] == ROOMS
    grounds = {path.parent.name for path in (ROOT / "src/unknot").glob("*/__init__.py")} - set(ROOMS)
    assert grounds <= set(listed)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is(room: str) -> None:
    readme = ROOT / "src/unknot" / room / "README.md"
    lines = readme.read_text().splitlines()
    assert lines[0].lower() == f"# {room}"
    assert 5 <= len(lines) <= README_LINES


def test_the_table_of_calls_is_that_of_the_program() -> None:
    text = page("reference/api.md")
    assert api_routes.table().count("\n") > 5
    assert api_routes.page(text) == text, "run `make reference`"


def decisions() -> list[Path]:
    return sorted((DOCS / "decisions").glob("*.md"))


def test_decisions_are_numbered_and_one_page() -> None:
    for number, path in enumerate(decisions(), start=1):
        assert re.fullmatch(rf"{number:04}-[a-z0-9-]+\.md", path.name)
        text = path.read_text()
        assert text.startswith(f"# {number:04} ")
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]
        assert len(text.splitlines()) <= DECISION_LINES
    assert len(decisions()) >= 11


def test_the_four_modes_and_no_other_folder() -> None:
    assert {path.name for path in DOCS.iterdir() if path.is_dir()} <= MODES
    assert [path.name for path in DOCS.glob("*.md")] == ["README.md"]


def test_links_lead_somewhere() -> None:
    pages = [*DOCS.rglob("*.md"), *(ROOT / "src").rglob("README.md"), *ROOT.glob("*.md")]
    links = [
        (path, target)
        for path in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
        if "://" not in target and not target.startswith("mailto:")
    ]
    assert [
        f"{path.relative_to(ROOT)}: {target}" for path, target in links if not (path.parent / target).exists()
    ] == []
    assert len(links) > 10


def test_every_page_is_reached_from_the_first() -> None:
    index = page("README.md")
    listed = {path for path in DOCS.rglob("*.md") if path.parent.name in MODES - {"decisions", "images"}}
    assert [path.name for path in sorted(listed) if path.relative_to(DOCS).as_posix() not in index] == []
