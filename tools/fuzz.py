"""Tries the API of a live demo with thousands of valid and broken requests, as nobody and as people of the demo.

    .venv/bin/python tools/fuzz.py [--max-examples N] [--seconds N] [--as nobody,client,therapist,owner] [-- more]

What follows `--` goes to schemathesis. Ends with one sentence and exit code 0 or 1.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = {"client": "maya@clients.example", "therapist": "noor@foothills.example", "owner": "ruth@foothills.example"}
BOUND = 0.7
"""Share of requests whose ids and slugs are real; the others are made up."""


def main() -> int:
    """Runs it all; the exit code."""
    given = options()
    with tempfile.TemporaryDirectory(prefix="unknot-fuzz-") as folder:
        data, port = Path(folder), free_port()
        data.chmod(0o755)
        demo = start_demo(data / "demo", port)
        try:
            url = f"http://localhost:{port}"
            wait_until_ready(demo, url, data)
            config = data / "schemathesis.toml"
            known = known_values(data / "demo", url)
            config.write_text((ROOT / "tools/fuzz.toml").read_text() + bindings(known))
            os.environ["UNKNOT_FUZZ_KNOWN"] = json.dumps(known)
            tokens = {one["email"]: one["token"] for one in json.loads((data / "demo/demo.json").read_text())["people"]}
            failed = [who for who in given.people if not run(who, tokens, url, config, given)]
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)
    if failed:
        print(f"fuzz: findings as {', '.join(failed)}; each is shown above with a request that repeats it.")
        return 1
    print(f"fuzz: no findings as {', '.join(given.people)}, {given.max_examples} examples a call and phase.")
    return 0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("fuzz")
    parser.add_argument("--max-examples", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=240, help="at most, for each person")
    parser.add_argument("--as", dest="people", default="nobody,client,therapist,owner")
    parser.add_argument("more", nargs="*", help="for schemathesis")
    given = parser.parse_args()
    given.people = given.people.split(",")
    if unknown := [who for who in given.people if who not in {"nobody", *PEOPLE}]:
        parser.error(f"nobody knows {', '.join(unknown)}")
    return given


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_demo(data: Path, port: int) -> "subprocess.Popen[bytes]":
    # Rate limits have tests of their own; here they would hide every other answer.
    environment = {**os.environ, "UNKNOT_LIMIT_FACTOR": "1000000", "PYTHONPATH": str(ROOT / "src")}
    for name in ("DATABASE_URL", "UNKNOT_SECRET_KEY", "UNKNOT_MASTER_KEY"):
        environment.pop(name, None)
    words = ["demo", "--port", str(port), "--data", str(data), "--no-browser"]
    with data.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "unknot.config.command", *words], env=environment, stdout=log, stderr=log, cwd=ROOT
        )


def wait_until_ready(demo: "subprocess.Popen[bytes]", url: str, data: Path) -> None:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        if demo.poll() is not None:
            break
        time.sleep(0.2)
    sys.exit(f"fuzz: the demo did not start:\n{(data / 'demo.log').read_text()[-2000:]}")


def known_values(data: Path, url: str) -> dict[str, list[str]]:
    """Real ids, slugs and free starts of the demo, so that requests get past the door."""
    sys.path.insert(0, str(ROOT / "src"))
    from unknot.config import environment

    for name in ("DATABASE_URL", "UNKNOT_SECRET_KEY", "UNKNOT_MASTER_KEY"):
        os.environ.pop(name, None)
    environment.prepare(data)
    environment.attach_database(data, as_owner=True, say=lambda line: None)
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = {key: column(connection, query) for key, query in QUERIES.items()}
    slots = f"{url}/api/v1/practices/foothills/slots?service=therapeutic-60&therapist=noor-haddad"
    with urllib.request.urlopen(slots, timeout=60) as answer:  # noqa: S310
        free = [one["local_start"] for one in json.load(answer)["slots"]]
    return found | WORDS | {"body.local_start": free}


def bindings(known: dict[str, list[str]]) -> str:
    """The known values as dictionaries of schemathesis."""
    lines = [f"[dictionaries.d{at}]\nvalues = {json.dumps(values)}\n" for at, values in enumerate(known.values())]
    names = [name for name in known if name != "body.local_start"]  # its example is enough
    bound = [f'"{name}" = {{ dictionary = "d{at}", probability = {BOUND} }}\n' for at, name in enumerate(names)]
    return "\n" + "".join([*lines, "[parameters]\n", *bound])


MAYA = "(SELECT id FROM people_client WHERE name = 'Maya Thorne')"
HER_VISITS = f"FROM booking_appointment a WHERE a.client_id = {MAYA}"
QUERIES = {
    "path.appointment_id": f"SELECT id {HER_VISITS} ORDER BY starts_at DESC LIMIT 20",
    "path.session_id": f"SELECT s.id FROM treatment_session s, (SELECT id AS visit {HER_VISITS}) v "  # noqa: S608
    "WHERE s.appointment_id = v.visit ORDER BY s.ended_at DESC NULLS FIRST LIMIT 20",
    "path.client_id": f"SELECT {MAYA}",
    "path.receipt_id": f"SELECT id FROM payments_receipt WHERE client_id = {MAYA} LIMIT 20",  # noqa: S608
}
WORDS = {
    "path.slug": ["foothills"],
    "body.practice": ["foothills"],
    "query.service": ["therapeutic-60", "deep-tissue-60", "relaxation-90"],
    "body.service": ["therapeutic-60"],
    "query.therapist": ["noor-haddad", "ivan-petrov"],
    "body.therapist": ["noor-haddad"],
    "body.place": ["clinic"],
    "body.window": ["average_24h"],
    "body.value": [4],
    "body.instrument": ["nprs", "psfs", "pgic", "grc", "rmdq", "ftf", "mschober", "mmst", "soreness", "goal"],
}


def column(connection: Any, query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(query)]


def run(who: str, tokens: dict[str, str], url: str, config: Path, given: argparse.Namespace) -> bool:
    """One run as one person; whether nothing was found."""
    print(f"fuzz: as {who}", flush=True)
    words = [ROOT / ".venv-fuzz/bin/schemathesis", "--config-file", config, "run", f"{url}/api/v1/openapi.json"]
    words += ["--max-examples", str(given.max_examples), "--no-color", "--generation-database", "none", *given.more]
    if who != "nobody":
        words += ["--header", f"Authorization: Bearer {tokens[PEOPLE[who]]}"]
    try:
        done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True, timeout=given.seconds)
    except subprocess.TimeoutExpired:
        print(f"fuzz: as {who} was not done after {given.seconds} s")
        return False
    if done.returncode:
        print(done.stdout, done.stderr)
    else:
        print("\n".join(line for line in done.stdout.splitlines() if "generated" in line))
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
