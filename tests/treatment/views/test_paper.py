"""The note on paper: what is signed is what is printed, and hostile text stays text."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client

from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.treatment import actions, queries
from unknot.treatment.models import Note

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
HOSTILE = '#image("/etc/passwd") $x$ *bold* <b>\\ 体 ع'


@pytest.fixture
def browser(
    visit: VisitFacts, maren: Actor, tomasz: Actor, begin: Callable[..., UUID], signed_in: Callable[..., Client]
) -> Client:
    """Maren's browser after twelve minutes with Tomasz, who asked for less once."""
    session_id = begin(visit, START)
    tap = actions.tap(
        by=tomasz, session_id=session_id, tap_id=uuid4(), signal="lighter", now=START + timedelta(minutes=2)
    )
    actions.acknowledge(by=maren, session_id=session_id, seq=tap.seq, now=START + timedelta(minutes=2, seconds=7))
    actions.end_session(by=maren, session_id=session_id, ended_by="client", now=START + timedelta(minutes=12))
    return signed_in(maren.account_id)


def form(browser: Client, address: str) -> dict[str, str]:
    text = browser.get(address).content.decode()
    found = dict(re.findall(r'name="(version|editor|d_s\d+_minutes)" value="(\d+|[0-9a-f-]{36})"', text))
    assert "version" in found
    return found | {"d_s01_minutes": "12", "assessment": "Fine."}


def words(pdf: bytes, folder: Path) -> str:
    path = folder / "note.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return " ".join(found.stdout.decode().split())


def test_degrees_the_plan_beside_what_was_done_and_the_time_to_adjust_reach_paper(
    visit: VisitFacts, browser: Client, maren: Actor, tmp_path: Path
) -> None:
    address = f"/p/riverbend/desk/visits/{visit.id}/note/"
    typed = form(browser, address) | {"words": HOSTILE, "do": "sign", "f0_region": "low_back", "f0_laterality": "left"}
    typed |= {"f0_m0_movement": "flexion", "f0_m0_way": "passive", "f0_m0_before": "40", "f0_m0_after": "55"}
    assert browser.post(address, typed).status_code == 302
    shown = browser.get(f"{address}print/").content.decode()
    first, second = (browser.get(f"{address}pdf/") for _ in range(2))
    assert (first["Content-Type"], first["Content-Disposition"]) == (
        "application/pdf",
        'inline; filename="note-2026-11-19.pdf"',
    )
    assert first.content == second.content
    text = words(first.content, tmp_path)
    for part in ("Flexion, passive: 40° before, 55° after", "Time to adjust: 7 s", "Planned and done"):
        assert part in shown
        assert part.lower() in text.lower()
    assert "left out" in text
    assert "Sum 60 12" in text
    assert '#image("/etc/passwd") $x$ *bold* <b>\\' in text
    assert "Draft, not signed" not in text
    found = queries.note_of(visit.id, by=maren, now=START)
    assert found is not None
    assert found.record.hash in text
    assert found.intact
    [motion] = found.record.note.objective.findings[0].motions
    assert motion.gained == 15


def test_a_draft_says_so_and_nothing_is_no_paper(
    visit: VisitFacts, browser: Client, tmp_path: Path, tomasz: Actor, signed_in: Callable[..., Client]
) -> None:
    address = f"/p/riverbend/desk/visits/{visit.id}/note/pdf/"
    assert "Draft, not signed" in words(browser.get(address).content, tmp_path)
    assert signed_in(tomasz.account_id).get(address).status_code == 404
    Note.objects.all().delete()
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"f0_m0_before": "40"}, "Choose the movement that was measured."),
        ({"f0_m0_movement": "flexion", "f0_m0_before": "250"}, "less than or equal to 200"),
    ],
)
def test_degrees_that_can_not_be_stay_in_the_form(
    visit: VisitFacts, browser: Client, typed: dict[str, str], said: str
) -> None:
    address = f"/p/riverbend/desk/visits/{visit.id}/note/"
    answer = browser.post(address, form(browser, address) | typed | {"do": "save", "words": "kept as typed"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "kept as typed" in text
    assert f'value="{typed["f0_m0_before"]}"' in text
