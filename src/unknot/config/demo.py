"""`unknot demo`: database, migrations, demo practices, mailbox, web server and worker, in one go."""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from unknot.config import environment, processes
from unknot.kernel.errors import UnavailableError

READY_SECONDS = 60
Say = Callable[[str], None]


class PortTakenError(UnavailableError):
    """This port is taken by another program. Choose another with --port N."""

    code = "port-taken"


class NotReadyError(UnavailableError):
    """The web server did not answer within a minute. Its log says why."""

    code = "not-ready"


def run(words: list[str], *, say: Say) -> int:
    """Runs the demo until Ctrl-C or SIGTERM; nothing is left behind but the data folder."""
    given = _options(words)
    processes.stop_on_signals()
    data = (given.data or environment.data_folder("demo")).absolute()
    if given.fresh:
        _forget(data)
    port, mail_port = _port(given.port), _free_port()
    url = f"http://localhost:{port}"
    os.environ.update(_demo_environment(url, mail_port, data))
    environment.prepare(data)
    began = time.monotonic()
    cluster = environment.attach_database(data, as_owner=True, say=say)
    supervisor = processes.Supervisor(data / "logs", say, cluster)
    try:
        _prepare_database(data, url, say)
        _collect_static(data, say)
        os.environ["UNKNOT_APP_ROLE"] = "1"
        say("starting mailbox, web server and worker")
        supervisor.start("mailbox", [sys.executable, "-m", "unknot.config.mailbox", str(mail_port), str(data / "mail")])
        supervisor.start("web", processes.web_server(host="127.0.0.1", port=port))
        supervisor.start("worker", processes.own("worker"), orphaned=signal.SIGKILL)
        _wait_until_ready(url, data, supervisor)
        _announce(data, url, time.monotonic() - began)
        if not given.no_browser and os.environ.get("DISPLAY"):
            webbrowser.open(url)
        supervisor.watch()
    finally:
        supervisor.stop()
        if cluster:
            cluster.stop()
        say("stopped; the data is kept for next time")
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("unknot demo", description="Everything at once on this machine, with demo data.")
    parser.add_argument("--port", type=int, help="default: 8000, or the next free one")
    parser.add_argument("--data", type=Path, help="data folder; kept between runs")
    parser.add_argument("--fresh", action="store_true", help="start over with new demo data")
    parser.add_argument("--no-browser", action="store_true")
    return parser.parse_args(words)


def _forget(data: Path) -> None:
    """Drops a demo's data folder, but only one that a demo made."""
    if (data / "demo.json").exists() or (data / "secrets.json").exists():
        from unknot.db.cluster import forget

        forget(data)
        shutil.rmtree(data)


def _port(wanted: int | None) -> int:
    if wanted is None:
        return next(port for port in range(8000, 8100) if _is_free(port))
    if not _is_free(wanted):
        raise PortTakenError
    return wanted


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _demo_environment(url: str, mail_port: int, data: Path) -> dict[str, str]:
    return {
        "UNKNOT_DATA": str(data),
        "UNKNOT_DEMO": "1",
        "UNKNOT_URL": url,
        "UNKNOT_HOSTS": "127.0.0.1",
        "UNKNOT_SMTP_HOST": "127.0.0.1",
        "UNKNOT_SMTP_PORT": str(mail_port),
        "UNKNOT_MAIL_FROM": "Unknot demo <care@unknot.example>",
        "UNKNOT_MAIL_DELAY": "1",
        "UNKNOT_LIMIT_FACTOR": os.environ.get("UNKNOT_LIMIT_FACTOR", "20"),
    }


def _prepare_database(data: Path, url: str, say: Say) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    say("bringing the database up to date")
    call_command("migrate", verbosity=0)
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = "-c role=unknot_app"
    facts = import_module("unknot.config.demo_data").ensure_demo(data, say=say)
    path = data / "demo.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"url": url, **facts}, indent=2) + "\n")
    connection.close()


def _collect_static(data: Path, say: Say) -> None:
    """Collects and compresses static files, unless those of this version are there."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    def parts() -> Iterator[str]:
        for finder in get_finders():
            for path, storage in finder.list([]):
                yield f"{path}{storage.get_modified_time(path)}"

    stamp = hashlib.sha256("\n".join(sorted(parts())).encode()).hexdigest()
    mark = data / "static.stamp"
    if not mark.exists() or mark.read_text() != stamp or not Path(settings.STATIC_ROOT).exists():
        say("collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        mark.write_text(stamp)


def _wait_until_ready(url: str, data: Path, supervisor: processes.Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        supervisor.look()
        time.sleep(0.1)
    raise NotReadyError(f"The web server did not answer within a minute. Its log says why: {data / 'logs' / 'web.log'}")


def _announce(data: Path, url: str, seconds: float) -> None:
    people = json.loads((data / "demo.json").read_text())["people"]
    lines = ["", f"  Unknot is ready after {seconds:.0f} s:  {url}", f"  Sign in as anyone here:  {url}/demo/", ""]
    lines += [f"    {one['role']:<12} {one['name']:<22} {one['email']:<36} {one['practice'] or ''}" for one in people]
    lines += [
        "",
        f"  Mail that Unknot sends:  {url}/demo/mail/",
        f"  Tokens for programs:     {data / 'demo.json'}",
        "",
    ]
    lines += ["  Ctrl-C stops everything; the data is kept.", ""]
    print("\n".join(lines), flush=True)  # noqa: T201
