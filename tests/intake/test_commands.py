"""`unknot guide` and `unknot screen`: a file in, one JSON document out, no database."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ANSWERS = {"G2": "yes", "D3": "yes", "R01": "no", "regions": [{"region": "low_back", "laterality": "left"}]}


def run(name: str, file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command(name, answers=str(file))
    except SystemExit as ended:
        code = int(str(ended.code))
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, found


@pytest.mark.parametrize(("name", "key", "value"), [("guide", "lean", "combine"), ("screen", "outcome", "clear")])
def test_the_result_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, key: str, value: str
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(ANSWERS))
    code, found = run(name, file, capsys)
    assert (code, found[key], found["rules_version"]) == (0, value, "2026.1")


@pytest.mark.parametrize("name", ["guide", "screen"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"R99": "yes"}', "unknown-answer-id"),
        (b'{"R01": "perhaps"}', "unknown-answer-value"),
        (b'{"regions": ["moon"]}', "unknown-region"),
        (b"[]", "answers-shape"),
        (b"{", "answers-file"),
        (b"\xff", "answers-file"),
        (b"[" * 100_000, "answers-file"),
        (b" " * 1_000_001, "answers-file"),
        (None, "answers-file"),
    ],
)
def test_wrong_answers_end_with_code_2_and_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, problem: str
) -> None:
    file = tmp_path / "answers.json"
    if content is not None:
        file.write_bytes(content)
    code, found = run(name, file, capsys)
    assert (code, found["type"], found["status"]) == (2, f"/problems/{problem}", 422)
