"""A set-up of its own for a rig: data folder, embedded PostgreSQL, mail sink, web server, worker, people.

Everything is made by the rig, listens on loopback or a Unix socket, and is ended by the pids that the rig knows.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg

from rigs import clocks
from unknot.config import environment, processes
from unknot.db.cluster import ensure, forget
from unknot.db.server import Cluster

ROOT = Path(__file__).resolve().parent.parent
REVIEWED = 8
"""Every eighth client's answers have to be talked about first: their bookings become requests."""
WEB_PROCESSES, WEB_THREADS = 2, 24
Say = Callable[[str], None]


@dataclass
class Person:
    """A client with a token and valid screening answers."""

    number: int
    account_id: str
    client_id: str
    token: str


class Mails:
    """Counts what arrives, by Message-ID."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.close: Callable[[], Any] = lambda: None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        self.seen[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 Message kept"


@dataclass
class House:
    """A running set-up."""

    data: Path
    port: int
    cluster: Cluster
    supervisor: processes.Supervisor
    mails: Mails
    people: list[Person] = field(default_factory=list)
    practice_id: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    said: list[str] = field(default_factory=list)
    closing: list[Callable[[], Any]] = field(default_factory=list)
    clocks: tuple[str, ...] = ()
    """The clocks that can be made to jump here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> "psycopg.Connection[dict[str, Any]]":
        """A connection as the tables' owner, who sees over the walls."""
        return psycopg.connect(
            self.cluster.url(), row_factory=psycopg.rows.dict_row, autocommit=True, connect_timeout=5
        )

    def child(self, name: str) -> int:
        """The pid of a program the rig started."""
        found = next(one for one in self.supervisor.children if one.name == name)
        assert found.process is not None
        return found.process.pid

    def watch(self) -> None:
        """Brings back what fell, until the end; in a thread of its own."""
        while not self.ended.wait(0.1):
            for child in self.supervisor.children:
                child.falls.clear()  # a rig makes more falls a minute than a supervisor takes for an accident
            self.supervisor.look()

    def wait_until_well(self, seconds: float) -> bool:
        """True once web server and database answer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return True
            time.sleep(0.2)
        return False

    def close(self) -> None:
        """Ends everything that was started and forgets the data."""
        self.ended.set()
        self.supervisor.stop()
        self.cluster.stop()
        for close in self.closing:
            close()
        forget(self.data)
        shutil.rmtree(self.data, ignore_errors=True)


def build(*, clients: int, application: str, say: Say, more: dict[str, str] | None = None) -> House:
    """Makes and starts a set-up with one practice, its staff and so many clients. `application`: what the web server
    loads; `more`: further settings."""
    data = Path(tempfile.mkdtemp(prefix="unknot-rig-"))
    data.chmod(0o755)
    mails, mail_port = _mail_sink()
    port = free_port()
    os.environ.update(
        UNKNOT_DATA=str(data),
        UNKNOT_DEMO="1",  # staff sign in by the demo's door
        UNKNOT_DEBUG="0",
        UNKNOT_URL=f"http://localhost:{port}",
        UNKNOT_HOSTS="127.0.0.1",
        UNKNOT_SMTP_HOST="127.0.0.1",
        UNKNOT_SMTP_PORT=str(mail_port),
        UNKNOT_MAIL_DELAY="1",
        UNKNOT_LIMIT_FACTOR="1000000",
        UNKNOT_APP_ROLE="0",
        UNKNOT_CLOCK_TOLERANCE="2",
        PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    )
    os.environ.update(more or {})
    library = clocks.faketime()
    if library is not None:
        os.environ["UNKNOT_PG_BINDIR"] = str(clocks.crooked_postgres(data, library))
    environment.prepare(data)
    cluster = ensure(data, say=say)
    os.environ["DATABASE_URL"] = cluster.url()
    said: list[str] = []
    supervisor = processes.Supervisor(data / "logs", said.append, cluster)
    house = House(data, port, cluster, supervisor, mails, said=said)
    house.clocks = (clocks.WEB, clocks.WORKER, *([clocks.DATABASE] if library else []))
    house.closing.append(mails.close)
    try:
        _fill(house, clients, say)
        os.environ["UNKNOT_APP_ROLE"] = "1"
        web = processes.web_server(host="127.0.0.1", port=port, workers=WEB_PROCESSES, threads=WEB_THREADS)
        web_clock, worker_clock = ({"RIG_CLOCK": str(clocks.file_of(data, who))} for who in (clocks.WEB, clocks.WORKER))
        supervisor.start("web", [*web[:-1], application], web_clock)
        worker = [sys.executable, "-m", "rigs.crooked_worker"]
        supervisor.start("worker", worker, worker_clock, orphaned=signal.SIGKILL)
        if not house.wait_until_well(60):
            raise SystemExit(f"The web server did not answer. Its log: {(data / 'logs/web.log').read_text()[-2000:]}")
    except BaseException:
        house.close()
        raise
    threading.Thread(target=house.watch, daemon=True).start()
    return house


def free_port() -> int:
    """A port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _mail_sink() -> tuple[Mails, int]:
    from aiosmtpd.controller import Controller

    mails, port = Mails(), free_port()
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    mails.close = controller.stop
    return mails, port


def _fill(house: House, clients: int, say: Say) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    say("making the tables")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = "-c role=unknot_app"
    say(f"making a practice with {clients} clients")
    with transaction.atomic():
        _practice(house, clients)
    connection.close()


def _practice(house: House, clients: int) -> None:
    import json

    from django.utils import timezone

    from unknot.config.demo_data import build as stages
    from unknot.config.demo_data import cast
    from unknot.db import tenancy
    from unknot.intake.models import Intake
    from unknot.people.actions import make_token
    from unknot.people.models import Client

    now = timezone.now()
    stage = stages.build_practice(cast.FOOTHILLS, now=now)
    house.practice_id = str(stage.practice.id)
    staff = [
        {"role": role, "name": one.name, "email": one.email, "practice": cast.FOOTHILLS.slug}
        for role, one in stage.staff
    ]
    (house.data / "demo.json").write_text(json.dumps({"url": house.url, "people": staff, "practices": []}))
    with tenancy.scope(practice_id=stage.practice.id):
        for number in range(clients):
            account = stages.account(f"writer-{number}@clients.example", f"Writer {number}")
            client = Client.objects.create(
                practice=stage.practice,
                account=account,
                name=f"Writer {number}",
                email=account.email,
            )
            Intake.objects.create(
                practice=stage.practice,
                client_id=client.pk,
                outcome="review" if number % REVIEWED == 0 else "clear",
                created_at=now,
                screened_at=now,
                valid_until=now + timedelta(days=60),
            )
            token = make_token(account_id=account.pk, label="rig", now=now, days=None)
            house.people.append(Person(number, str(account.pk), str(client.pk), token))


def key_hash(account_id: str, key: str) -> str:
    """How the program stores the Idempotency-Key of an account's request."""
    return hashlib.sha256(f"account:{account_id}|{key}".encode()).hexdigest()
