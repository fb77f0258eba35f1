"""`unknot`: the command line. Commands of the rooms are Django management commands; these are the ones that run
things.
"""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module

from unknot import __version__
from unknot.config import environment, processes
from unknot.db.server import Cluster
from unknot.kernel.errors import UnknotError

Run = Callable[[list[str]], int]


def say(line: str) -> None:
    """One line of progress, at once."""
    print(f"unknot: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the command line's own voice


def main(argv: list[str] | None = None) -> int:
    """Runs `unknot <command> ...` and returns its exit code; refusals become one clear sentence."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else "--help"
    try:
        if name in {"-h", "--help", "help"}:
            return _help()
        if name == "--version":
            print(__version__)  # noqa: T201
            return 0
        if name in RUNNERS:
            return RUNNERS[name](words[1:])
        return _management(name, words[1:])
    except UnknotError as error:
        say(error.message)
        return 1


def _help() -> int:
    print("unknot COMMAND [options]\n\nRun things:")  # noqa: T201
    for name, runner in RUNNERS.items():
        print(f"  {name:<18} {(runner.__doc__ or '').strip().splitlines()[0]}")  # noqa: T201
    print("\nWork with a practice's data (each has --help):")  # noqa: T201
    print("  import-posts  guide  screen  backup  restore  rezone  reindex  simulate-response  token")  # noqa: T201
    return 0


def _attached(*, as_owner: bool = False) -> Cluster | None:
    data = environment.data_folder()
    environment.prepare(data)
    cluster = environment.attach_database(data, as_owner=as_owner, say=say)
    import django

    django.setup()
    return cluster


def _management(name: str, words: list[str]) -> int:
    """A room's command, by its name with dashes."""
    from django.core.management import get_commands, load_command_class

    snake = name.replace("-", "_")
    cluster = None
    if snake in WITHOUT_DATABASE:
        environment.prepare(environment.data_folder())
        os.environ.setdefault("DATABASE_URL", "postgresql:///unknot")  # never connected to
        import django

        django.setup()
    else:
        cluster = _attached(as_owner=snake in AS_OWNER)
    try:
        app = get_commands().get(snake)
        if app is None:
            say(f"There is no command '{name}'. `unknot --help` lists them.")
            return 2
        load_command_class(str(app), snake).run_from_argv(["unknot", name, *words])
    finally:
        if cluster:
            cluster.stop()
    return 0


def migrate(words: list[str]) -> int:
    """Brings the database to this version's tables. Safe to repeat."""
    parser = argparse.ArgumentParser("unknot migrate")
    parser.add_argument("--check", action="store_true", help="only tell whether something is to be done")
    given = parser.parse_args(words)
    cluster = _attached(as_owner=True)
    try:
        from django.core.management import call_command

        call_command("migrate", check_unapplied=given.check, verbosity=0)
        say("the database is up to date")
    finally:
        if cluster:
            cluster.stop()
    return 0


def serve(words: list[str]) -> int:
    """The web server, for production."""
    parser = argparse.ArgumentParser("unknot serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(words)
    cluster = _attached()
    processes.stop_on_signals()
    supervisor = processes.Supervisor(environment.data_folder() / "logs", say, cluster)
    try:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        supervisor.start("web", processes.web_server(host=given.host, port=given.port, workers=given.workers))
        say(f"serving on http://{given.host}:{given.port}")
        supervisor.watch()
    finally:
        supervisor.stop()
        if cluster:
            cluster.stop()
    return 0


def worker(words: list[str]) -> int:
    """The background worker, for production: mail, reminders, check-ins."""
    argparse.ArgumentParser("unknot worker").parse_args(words)
    cluster = _attached()
    try:
        from django.core.management import call_command

        options = ["--concurrency=4", "--fetch-job-polling-interval=1", "--shutdown-graceful-timeout=8"]
        call_command("procrastinate", "worker", *options)
    finally:
        if cluster:
            cluster.stop()
    return 0


def doctor(words: list[str]) -> int:
    """Checks database, migrations, worker, mail, zone data, permissions; exit 1 when something is wrong."""
    return int(import_module("unknot.config.doctor").run(words, say=say))


def demo(words: list[str]) -> int:
    """Everything at once on this machine, with demo practices and people."""
    return int(import_module("unknot.config.demo").run(words, say=say))


RUNNERS: dict[str, Run] = {"demo": demo, "serve": serve, "worker": worker, "migrate": migrate, "doctor": doctor}
WITHOUT_DATABASE = {"guide", "screen", "simulate_response"}
AS_OWNER = {"backup", "restore", "shell", "dbshell"}

if __name__ == "__main__":
    sys.exit(main())
