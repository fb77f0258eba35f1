"""Files that fit in the head, functions that fit on a screen, no drawers. Exit 1 with every finding.

Limits: 400 lines a file (600 for tests, which read from case to case), 60 lines a function (docstring included).
Aim for half. Anything above stands below by name with its reason; an exception that is no longer needed is a
finding too.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 400, 600, 60
CODE = {".py", ".js", ".css", ".html", ".sh", ".typ"}
DRAWERS = {"base", "common", "core", "helper", "helpers", "lib", "manager", "managers", "misc", "service", "services"}
DRAWERS |= {"shared", "stuff", "util", "utils"}
EMPTY_WORDS = re.compile(r".(Helper|Util|Utils|Service|Processor|Manager)$")

LONG_FILES = {"src/unknot/config/demo_data/cast.py": "one table of people, which is looked up, not read"}
LONG_FUNCTIONS = {
    "tools/design_sample_data.py:context": "one literal: the values of every sample page",
    "tests/test_access.py:things": "one literal: an object of every kind an address can name",
}
NAMES = {
    "src/unknot/db/tenancy.py:TenantManager": "Django's own word for what `Model.objects` is",
    "src/unknot/people/models.py:AccountManager": "Django's own word for what `Account.objects` is",
}


def main() -> int:
    """Prints the findings and returns 1 if there are any."""
    findings = [*_findings()]
    for line in findings:
        print(line)
    return 1 if findings else 0


def _findings() -> Iterator[str]:
    used: set[str] = set()
    for path in sorted(_files()):
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text()
        lines = text.count("\n") + 1
        limit = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
        if lines > limit:
            used.add(name)
            if name not in LONG_FILES:
                yield f"{name}: {lines} lines; the limit is {limit}. Part it by subject."
        drawers = DRAWERS & {path.stem, *path.parent.relative_to(ROOT).parts}
        if drawers and path.suffix in {".py", ".js"}:
            yield f"{name}: `{min(drawers)}` is a drawer, not a name. Name it after its subject."
        if path.suffix == ".py":
            yield from _in_python(name, ast.parse(text), used)
    for name in sorted({*LONG_FILES, *LONG_FUNCTIONS, *NAMES} - used):
        yield f"tools/check_sizes.py: the exception for {name} is no longer needed. Remove it."


def _in_python(name: str, tree: ast.Module, used: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                used.add(f"{name}:{node.name}")
                if f"{name}:{node.name}" not in LONG_FUNCTIONS:
                    yield f"{name}:{node.lineno}: {node.name} has {lines} lines; the limit is {FUNCTION_LINES}."
        elif isinstance(node, ast.ClassDef) and EMPTY_WORDS.search(node.name):
            used.add(f"{name}:{node.name}")
            if f"{name}:{node.name}" not in NAMES:
                yield f"{name}:{node.lineno}: the name {node.name} says nothing. Name it after what it is."


def _files() -> Iterator[Path]:
    for folder in ("src", "tests", "tools", "bench", "rigs"):
        for path in (ROOT / folder).rglob("*"):
            generated = {"migrations", "__pycache__", "vendor"} & set(path.parts) or path.suffix not in CODE
            if path.is_file() and not generated and not path.name.endswith((".min.js", ".min.css")):
                yield path


if __name__ == "__main__":
    sys.exit(main())
