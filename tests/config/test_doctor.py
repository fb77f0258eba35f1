"""The doctor sees what ails: each check once in order and once with a planted fault."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.db import connection

from tests.zone_data import release, zone_data
from unknot.booking.models import Appointment
from unknot.config import doctor, doctor_zones
from unknot.config.demo_data.build import Stage
from unknot.config.findings import FAIL, OK, WARN, Finding
from unknot.db import tenancy
from unknot.kernel import zones

ROOT = Path(__file__).resolve().parents[2]


def statuses(findings: Iterator[Finding]) -> list[str]:
    return [one.status for one in findings]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def book(stage: Stage, *, local_start: str, starts_at: datetime) -> None:
    """A visit in the winter after Alberta stopped changing clocks."""
    service, therapist = next(iter(stage.services.values())), next(iter(stage.therapists.values()))
    ends_at = starts_at + timedelta(minutes=60)
    with tenancy.scope(practice_id=stage.practice.id):
        Appointment.objects.create(
            practice=stage.practice,
            state="confirmed",
            client=next(iter(stage.clients.values())),
            therapist=therapist,
            practitioner_id=therapist.account_id,
            service=service,
            place=next(iter(stage.places.values())),
            starts_at=starts_at,
            ends_at=ends_at,
            blocked=(starts_at, ends_at),
            local_start=local_start,
            timezone="America/Edmonton",
            zone_data="2026e",
            price_minor=1,
            currency="CAD",
            created_at=starts_at,
        )


def zone_findings(now: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in doctor_zones.zones(now=now):
        found.setdefault(one.status, []).append(one.says)
    return found


def test_a_visit_where_the_zone_data_puts_it(riverbend: Stage, now: datetime) -> None:
    book(riverbend, local_start="2027-01-15T10:00", starts_at=datetime(2027, 1, 15, 16, tzinfo=UTC))
    found = zone_findings(now)
    assert FAIL not in found
    assert len(found[OK]) == 2  # the release in use; where the visits stand


@pytest.mark.django_db
def test_the_release_of_the_zone_data_is_named_and_an_old_one_is_a_failure(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tzdata.zi").write_text("# version 2025b\n# This zic input file is in the public domain.\n")
    monkeypatch.setattr(doctor_zones, "HOST_ZONES", tmp_path)
    found = next(doctor_zones.zones(now=now))
    assert (found.check, found.status) == ("zone data", OK)
    assert f"tzdata {zones.zone_data_version()} is in use" in found.says
    assert found.says.endswith("this host has: 2025b")
    with zone_data("2026d", release("2026d")):
        found = next(doctor_zones.zones(now=now))
    assert (found.status, found.says.split(" is ")[0]) == (FAIL, "tzdata 2026d")
    (tmp_path / "tzdata.zi").unlink()
    assert next(doctor_zones.zones(now=now)).says.endswith("not said")


def test_a_visit_computed_with_older_zone_data(riverbend: Stage, now: datetime) -> None:
    book(riverbend, local_start="2027-01-15T10:00", starts_at=datetime(2027, 1, 15, 17, tzinfo=UTC))
    assert [says.split(" stand")[0] for says in zone_findings(now)[FAIL]] == ["1 future visits"]


def test_a_host_with_other_clocks_is_a_warning_only(
    riverbend: Stage, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(riverbend, local_start="2027-01-15T10:00", starts_at=datetime(2027, 1, 15, 16, tzinfo=UTC))
    (tmp_path / "America").mkdir()
    shutil.copy("/usr/share/zoneinfo/Europe/London", tmp_path / "America/Edmonton")
    monkeypatch.setattr(doctor_zones, "HOST_ZONES", tmp_path)
    found = zone_findings(now)
    assert FAIL not in found
    assert "this host has other clocks for America/Edmonton, first at 2026-11-01" in found[WARN]


@pytest.mark.django_db
def test_the_database_answers() -> None:
    assert next(one.status for one in doctor.database()) in (OK, WARN)


@pytest.mark.django_db
def test_the_role() -> None:
    assert statuses(doctor.role()) == [OK]
    sql("SET ROLE NONE")
    try:
        assert statuses(doctor.role()) == [FAIL]
    finally:
        sql("SET ROLE unknot_app")


@pytest.mark.django_db
def test_migrations() -> None:
    assert statuses(doctor.migrations()) == [OK]
    sql("SET ROLE NONE")
    sql("DELETE FROM django_migrations WHERE app = 'booking'")
    sql("SET ROLE unknot_app")
    assert [(one.status, one.do) for one in doctor.migrations()] == [(FAIL, "Run `unknot migrate`.")]


@pytest.mark.django_db
def test_the_worker() -> None:
    assert statuses(doctor.worker()) == [FAIL]
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')")
    assert statuses(doctor.worker()) == [FAIL]
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    assert statuses(doctor.worker()) == [OK]
    sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) "
        "VALUES ('default', 'none.such', now() - interval '1 hour')"
    )
    assert statuses(doctor.worker()) == [WARN]


def test_the_mail_host(settings: pytest.FixtureRequest) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port  # type: ignore[attr-defined]
    assert statuses(doctor.mail()) == [FAIL]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert statuses(doctor.mail()) == [OK]
    finally:
        controller.stop()


def test_open_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_DATA", str(tmp_path))
    secret = tmp_path / "key"
    secret.touch(mode=0o600)
    monkeypatch.setenv("UNKNOT_SECRET_KEY_FILE", str(secret))
    assert statuses(doctor.permissions()) == [OK]
    secret.chmod(0o640)
    assert [(one.status, one.do) for one in doctor.permissions()] == [(FAIL, f"chmod 600 {secret}")]


def test_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNKNOT_DATA", str(tmp_path))
    free = shutil.disk_usage(tmp_path).free
    for limit, status in (("NO_DISK", FAIL), ("LOW_DISK", WARN)):
        with monkeypatch.context() as patch:
            patch.setattr(doctor, limit, free * 2)
            assert statuses(doctor.disk()) == [status]


def test_the_age_of_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNKNOT_BACKUPS", raising=False)
    assert statuses(doctor.backups()) == [WARN]
    monkeypatch.setenv("UNKNOT_BACKUPS", str(tmp_path))
    assert statuses(doctor.backups()) == [FAIL]
    for name, hours, status in (("old", 50, WARN), ("new", 2, OK)):
        (tmp_path / name).mkdir()
        made_at = datetime.now(UTC) - timedelta(hours=hours)
        (tmp_path / name / "manifest.json").write_text(json.dumps({"made_at": made_at.isoformat()}))
        assert statuses(doctor.backups()) == [status]


def test_the_command_without_a_database(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://x@/x?host={tmp_path}",
        "UNKNOT_DATA": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "UNKNOT_SMTP_HOST": "127.0.0.1",
        "UNKNOT_SMTP_PORT": "1",
    }
    argv = [sys.executable, "-m", "unknot.config.command", "doctor", "--json"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True)
    found = {one["check"]: one["status"] for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert (found["database"], found["permissions"]) == (FAIL, OK)
    assert not {"role", "migrations", "worker", "zones"} & set(found)
