"""`unknot doctor`: is everything as it should be? Each finding says what to do. Exit 1 when something is wrong."""

import argparse
import json
import os
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from unknot.config import environment
from unknot.config.findings import FAIL, NOTE, OK, WARN, Finding

MINIMUM_SERVER = 15
# Newest minor releases known when this version was made; older ones have published security holes.
KNOWN_MINORS = {15: 20}
CLOCK_SECONDS = 0.5
HEARTBEAT_SECONDS, LATE_JOB_MINUTES = 120, 15
LOW_DISK, NO_DISK = 2 * 2**30, 200 * 2**20  # bytes
STALE_BACKUP = timedelta(hours=26)


Check = Callable[[], Iterator[Finding]]


def run(words: list[str], *, say: Callable[[str], None]) -> int:
    """Looks at everything, prints the findings (`--json`: as JSON) and returns 1 if one of them is a failure."""
    parser = argparse.ArgumentParser("unknot doctor", description="Checks this installation and says what to do.")
    parser.add_argument("--json", action="store_true", help="findings as a JSON list")
    parser.add_argument("--deep", action="store_true", help="also looks into the data for what must never be")
    parser.add_argument("--all", action="store_true", help="with --deep: everything there ever was, not the last days")
    given = parser.parse_args(words)
    data = environment.data_folder()
    environment.prepare(data)
    cluster = environment.attach_database(data, as_owner=False, say=say)
    import django

    django.setup()
    try:
        findings = examine(deeply=given.deep or given.all, everything=given.all)
    finally:
        if cluster:
            cluster.stop()
    if given.json:
        print(json.dumps([asdict(one) for one in findings], indent=2))  # noqa: T201 - the command's answer
    else:
        for one in findings:
            print(f"{one.status.upper():<5} {one.check}: {one.says}" + (f"\n      {one.do}" if one.do else ""))  # noqa: T201
        bad = sum(one.status == FAIL for one in findings)
        print(f"\n{bad} to mend." if bad else "\nNothing is wrong.")  # noqa: T201
    return int(any(one.status == FAIL for one in findings))


def examine(*, deeply: bool = False, everything: bool = False) -> list[Finding]:
    """All findings. A check that breaks is a finding itself; without a database the checks that need it are left
    out. `deeply` looks into the data too, see `doctor_deep`.
    """
    findings = _guarded("database", database)
    if not any(one.status == FAIL for one in findings):
        from unknot.config import doctor_deep, doctor_zones

        inside: dict[str, Check] = {
            "clock": clock,
            "role": role,
            "migrations": migrations,
            "worker": worker,
            "zones": doctor_zones.zones,
        }
        if deeply:
            inside["deep"] = lambda: doctor_deep.deep(everything=everything)
        for name, check in inside.items():
            findings += _guarded(name, check)
    outside = {"mail": mail, "permissions": permissions, "disk": disk, "backups": backups, "settings": switches}
    for name, check in outside.items():
        findings += _guarded(name, check)
    return findings


def _guarded(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - the doctor reports whatever ails
        said = str(error).strip().splitlines()[0] if str(error).strip() else ""
        return [Finding(name, FAIL, f"could not be checked: {type(error).__name__} {said}".strip())]


def _row(statement: str, values: list[Any] | None = None) -> tuple[Any, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchone() or ())


def database() -> Iterator[Finding]:
    """Reachable, new enough, patched."""
    from django.db import DatabaseError, connection

    try:
        version = int(_row("SELECT current_setting('server_version_num')")[0])
    except DatabaseError as error:
        said = str(error).strip().splitlines()[0]
        do = "Start PostgreSQL and check DATABASE_URL. If the role is missing, run `unknot migrate` first."
        yield Finding("database", FAIL, f"not reachable: {said}", do)
        return
    major, minor = divmod(version, 10000)
    if major < MINIMUM_SERVER:
        do = f"Move to PostgreSQL {MINIMUM_SERVER} or newer."
        yield Finding("database", FAIL, f"PostgreSQL {major}.{minor} is too old", do)
    elif minor < KNOWN_MINORS.get(major, 0):
        do = f"Install {major}.{KNOWN_MINORS[major]} or newer: it closes published security holes."
        yield Finding("database", WARN, f"PostgreSQL {major}.{minor} lacks security fixes", do)
    else:
        yield Finding("database", OK, f"PostgreSQL {major}.{minor} answers")
    host = str(connection.settings_dict["HOST"])
    if host.startswith("/") and "DATABASE_URL" in os.environ and "/pg/pg" in host:
        do = "Its binaries follow PostgreSQL's releases late. When others depend on this, use PostgreSQL of your own."
        yield Finding("database", NOTE, "this is the embedded server, on a Unix socket", do)


def clock() -> Iterator[Finding]:
    """This host's clock is the database's."""
    from django.conf import settings

    from unknot.db import clock as clocks

    asked = clocks.own()
    [said] = _row("SELECT extract(epoch FROM clock_timestamp())::float8")
    wrong = clocks.compare(asked, said, clocks.own())
    says = f"this host's clock differs from the database's by {abs(wrong):.1f} s"
    do = "Let both take the time from the same servers (chrony, systemd-timesyncd)."
    if 0 < settings.UNKNOT_CLOCK_TOLERANCE < abs(wrong):
        yield Finding("clock", FAIL, f"{says}, so that nothing is done by it", do)
    elif abs(wrong) > CLOCK_SECONDS:
        yield Finding("clock", WARN, says, do)
    else:
        yield Finding("clock", OK, "this host and the database have the same time")


def role() -> Iterator[Finding]:
    """The application works as a role that owns nothing and bypasses nothing."""
    name, is_super, bypasses = _row("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    owned = _row("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole AND relkind IN ('r', 'p')")[0]
    do = "Unset UNKNOT_APP_ROLE=0, or connect as unknot_app (`unknot migrate` makes it)."
    if is_super or bypasses:
        yield Finding("role", FAIL, f"{name} passes through the walls between practices", do)
    elif owned:
        yield Finding("role", FAIL, f"{name} owns {owned} tables and could change their walls", do)
    else:
        yield Finding("role", OK, f"{name} owns nothing and bypasses nothing")


def migrations() -> Iterator[Finding]:
    """This version's tables."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield Finding("migrations", FAIL, f"{len(plan)} not applied, first {plan[0][0]}", "Run `unknot migrate`.")
    else:
        yield Finding("migrations", OK, "all applied")


def worker() -> Iterator[Finding]:
    """Somebody does the background work, and it is not stuck."""
    alive = _row(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
        [HEARTBEAT_SECONDS],
    )[0]
    late, failed = _row(
        "SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, '-infinity') < now() - "
        "make_interval(mins => %s)), "
        "count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs",
        [LATE_JOB_MINUTES],
    )
    if not alive:
        do = "Start `unknot worker`: without it no mail and no reminder goes out."
        yield Finding("worker", FAIL, "no worker gave a sign of life in the last two minutes", do)
    elif late:
        do = "Look at the worker's log; a second worker helps if it is only busy."
        yield Finding("worker", WARN, f"{late} jobs wait longer than {LATE_JOB_MINUTES} minutes", do)
    else:
        yield Finding("worker", OK, f"{alive} at work")
    if failed:
        do = "The worker's log says why. Jobs that failed for good are kept for a look."
        yield Finding("worker", WARN, f"{failed} jobs failed for good", do)


def mail() -> Iterator[Finding]:
    """The mail host answers."""
    from django.conf import settings

    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as host:
            host.noop()
    except OSError as error:
        do = "Check UNKNOT_SMTP_HOST and UNKNOT_SMTP_PORT: nobody can sign in without the code that comes by mail."
        yield Finding("mail", FAIL, f"{where} does not answer ({type(error).__name__})", do)
    else:
        yield Finding("mail", OK, f"{where} answers")


def permissions() -> Iterator[Finding]:
    """Secrets are for their owner only."""
    data = environment.data_folder()
    files = [data / "secrets.json", data / "demo.json"]
    files += [Path(path) for name, path in os.environ.items() if name.startswith("UNKNOT_") and name.endswith("_FILE")]
    open_files = [path for path in files if path.exists() and path.stat().st_mode & 0o077]
    for path in open_files:
        yield Finding("permissions", FAIL, f"{path} can be read by others", f"chmod 600 {path}")
    if not open_files:
        yield Finding("permissions", OK, "secrets are for their owner only")


def disk() -> Iterator[Finding]:
    """Room for the data to grow."""
    free = shutil.disk_usage(environment.data_folder()).free
    says = f"{free / 2**30:.1f} GiB free"
    do = "Make room: PostgreSQL stops when the disk is full."
    status = FAIL if free < NO_DISK else WARN if free < LOW_DISK else OK
    yield Finding("disk", status, says, "" if status == OK else do)


def backups() -> Iterator[Finding]:
    """The newest backup in UNKNOT_BACKUPS is a day old at most."""
    folder = os.environ.get("UNKNOT_BACKUPS")
    if not folder:
        do = "Run `unknot backup` daily and name the folder of the backups in UNKNOT_BACKUPS."
        yield Finding("backups", WARN, "their age is not known", do)
        return
    manifests = [json.loads(path.read_text()) for path in Path(folder).glob("*/manifest.json")]
    ages = [datetime.now(UTC) - datetime.fromisoformat(one["made_at"]) for one in manifests]
    if not ages:
        yield Finding("backups", FAIL, f"there is none in {folder}", "Run `unknot backup` into a new folder there.")
        return
    hours = min(ages) / timedelta(hours=1)
    status = WARN if min(ages) > STALE_BACKUP else OK
    yield Finding("backups", status, f"the newest is {hours:.0f} hours old", "Run it daily." if status == WARN else "")


def switches() -> Iterator[Finding]:
    """Nothing that belongs on a developer's machine only."""
    from django.conf import settings

    if settings.DEBUG:
        yield Finding("settings", FAIL, "UNKNOT_DEBUG shows the program's inside", "Unset it.")
    if settings.UNKNOT_DEMO:
        yield Finding("settings", NOTE, "this is a demo: anyone can sign in as anyone", "Never put real people in it.")
    elif not settings.UNKNOT_URL.startswith("https://"):
        yield Finding(
            "settings", WARN, f"{settings.UNKNOT_URL} is not encrypted", "Serve it behind TLS; set UNKNOT_URL."
        )
    else:
        yield Finding("settings", OK, f"production at {settings.UNKNOT_URL}")
