"""The demo practices' articles: real Markdown files, brought in by the same import that anyone uses."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.website.actions import ImportReport, PostFile, import_posts

FOLDER = Path(__file__).parent / "posts"
WRITTEN_AS_OF = date(2026, 11, 20)


def write(*, practice_id: UUID, slug: str, now: datetime) -> ImportReport:
    """Imports the practice's articles, their dates moved so that they stay as fresh as on the day they were written."""
    late = now.date() - WRITTEN_AS_OF
    files = [
        PostFile(path.name, _moved(path.read_text(encoding="utf-8"), late).encode())
        for path in sorted((FOLDER / slug).glob("*.md"))
    ]
    with tenancy.scope(practice_id=practice_id):
        return import_posts(by=system(practice_id), files=files, now=now)


def _moved(text: str, late: timedelta) -> str:
    return re.sub(
        r"^date: (\d{4}-\d\d-\d\d)$",
        lambda found: f"date: {date.fromisoformat(found[1]) + late}",
        text,
        count=1,
        flags=re.MULTILINE,
    )
