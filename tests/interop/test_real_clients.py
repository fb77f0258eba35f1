"""Debian's `vdirsyncer` and `khal` read our feed from a real server and agree with us on every instant."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from unknot.booking import actions as booking
from unknot.booking.models import Appointment
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.interop import actions
from unknot.kernel.actors import system
from unknot.kernel.zones import clock_runs, instant_of, local, minute_of
from unknot.practice import queries as practices

MISSING = [name for name in ("khal", "vdirsyncer") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (Debian packages)"),
]
ZONE = "America/Toronto"


class Programs:
    """The two programs with a home of their own in `folder`, reading one address."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.store = folder, folder / "store"
        self.store.mkdir()
        (folder / "vdirsyncer.ini").write_text(
            f'[general]\nstatus_path = "{folder}/status"\n'
            '[pair diary]\na = "ours"\nb = "here"\ncollections = null\n'
            f'[storage ours]\ntype = "http"\nurl = "{url}"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.store}"\nfileext = ".ics"\n'
        )
        (folder / "khal.ini").write_text(
            f"[calendars]\n[[diary]]\npath = {self.store}\nreadonly = True\n"
            f"[sqlite]\npath = {folder}/khal.db\n"
            "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
            "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        )

    def run(self, *words: str) -> str:
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "NO_PROXY": "*", **home}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sync(self) -> None:
        for verb in ("discover", "sync"):
            self.run("vdirsyncer", "-c", f"{self.folder}/vdirsyncer.ini", verb)

    def listed(self, first: datetime) -> list[tuple[str, str, str]]:
        """(start, end, title) in UTC, as khal says them, for five days."""
        said = self.run(
            "khal", "-c", f"{self.folder}/khal.ini", "list", "--day-format", "",
            "--format", "{start-long}|{end-long}|{title}", f"{first:%Y-%m-%d}", "5d",
        )  # fmt: skip
        lines = [line.split("|") for line in said.splitlines() if "|" in line]
        return [(start, end, title.split(" :: ")[0].strip()) for start, end, title in lines]


@pytest.fixture
def stage(now: datetime) -> Stage:
    """Riverbend, moved to a zone whose clock changes, committed."""
    made = build_practice(cast.RIVERBEND, now=now)
    with tenancy.scope(practice_id=made.practice.id):
        made.practice.timezone = ZONE
        made.practice.save()
    return made


def next_change() -> datetime:
    """Local midnight of the next day on which the clock changes there."""
    now = minute_of(timezone.now())
    changed = next(start for start, _, _ in clock_runs(now, now + 366 * 1440, ZONE) if start > now)
    return local(instant_of(changed), ZONE).replace(hour=0, minute=0, tzinfo=None, fold=0)


def said_by_us(*visits: Appointment) -> list[tuple[str, str, str]]:
    spans = sorted((one.starts_at, one.ends_at) for one in visits)
    return [(f"{a.astimezone(UTC):%Y-%m-%d %H:%M}", f"{b.astimezone(UTC):%Y-%m-%d %H:%M}", "Busy") for a, b in spans]


def test_they_agree_on_every_instant_over_a_clock_change(
    stage: Stage, visit: Callable[..., Appointment], live_server: Any, tmp_path: Path
) -> None:
    change = next_change()
    walls = [change + timedelta(days=day, hours=10) for day in (-1, 0, 1)]
    visits = [visit(stage, f"{wall:%Y-%m-%dT%H:%M}") for wall in walls]
    gaps = [later.starts_at - sooner.starts_at for sooner, later in pairwise(visits)]
    assert sorted(abs(gap - timedelta(days=1)) for gap in gaps) == [timedelta(), timedelta(hours=1)]
    with tenancy.scope(practice_id=stage.practice.id):
        account_id = stage.therapists["maren-oduya"].account_id
        by = practices.actor(account_id, stage.practice.id, strong=True)
        secret = actions.make_feed(by=by, now=timezone.now())
    programs = Programs(tmp_path, f"{live_server.url}/p/riverbend/feeds/{secret}/diary.ics")

    programs.sync()
    assert len(list(programs.store.glob("*.ics"))) == 3
    assert programs.listed(change - timedelta(days=2)) == said_by_us(*visits)

    with tenancy.scope(
        practice_id=stage.practice.id
    ):  # what is cancelled vanishes there too, what stays is not doubled
        booking.cancel(by=system(stage.practice.id), appointment_id=visits[1].pk, now=timezone.now())
    programs.sync()
    assert programs.listed(change - timedelta(days=2)) == said_by_us(visits[0], visits[2])
