"""`unknot import-posts` with real files."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.website.models import Article

MOJIBAKE = Path(__file__).parent / "files" / "mojibake.md"


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("import_posts", *words, stdout=out, stderr=out)
    return int(str(left.value.code)), out.getvalue()


def count(stage: Stage) -> int:
    with tenancy.scope(practice_id=stage.practice.id):
        return int(Article.objects.count())


def test_every_file_has_its_row_in_the_order_given(riverbend: Stage, tmp_path: Path) -> None:
    (tmp_path / "picture.md").write_bytes(b"\x89PNG\x00")
    files = [tmp_path / "gone.md", MOJIBAKE, tmp_path / "picture.md", tmp_path, MOJIBAKE]
    code, text = run(*map(str, files), "--practice", "riverbend", "--json")
    report: dict[str, Any] = json.loads(text)
    assert code == 1
    assert (report["practice"], report["stored"], report["refused"]) == ("riverbend", True, 3)
    assert [(one["file"], one["outcome"]) for one in report["files"]] == [
        (str(path), outcome)
        for path, outcome in zip(files, ["refused", "created", "refused", "refused", "created"], strict=True)
    ]
    assert report["files"][1]["claims"][0]["rule"] == "toxins"
    assert count(riverbend) == 2


def test_a_dry_run_stores_nothing_and_says_so(riverbend: Stage) -> None:
    code, text = run(str(MOJIBAKE), "--practice", "riverbend", "--dry-run")
    assert code == 0
    assert text.splitlines()[-1] == (
        "1 of 1 files would be imported into (dry run, nothing was stored) Riverbend Massage Therapy"
    )
    assert "  claim, body, line 13: “flushes toxins” (toxins). Better: Drink if you are thirsty." in text.splitlines()
    assert count(riverbend) == 0


def test_an_unknown_practice_is_refused_before_anything_is_read(db: None) -> None:
    assert run("gone.md", "--practice", "nowhere") == (2, "There is no practice 'nowhere'. Nothing was imported.\n")
