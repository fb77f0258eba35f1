"""Headers of every answer: nothing inline may run, nothing signed-in is kept, cookies are shut."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from tests.test_access import House, address, house, ours  # noqa: F401 - a fixture

SCRIPT = """
import json, django
django.setup()
from django.conf import settings
from unknot.web.middleware import _policy
names = ["SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SAMESITE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
print(json.dumps({name: getattr(settings, name) for name in names} | {"policy": _policy("n")}))
"""


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


def test_every_page_for_every_visitor(house: House) -> None:  # noqa: F811
    found = []
    for path, _ in ours():
        for who, browser in house.browsers.items():
            answer = browser.get(address(path, house.home, house.ids["own"]))
            rules = dict(rule.split(" ", 1) for rule in answer["Content-Security-Policy"].split("; ") if " " in rule)
            name = f"{path} as {who}"
            if "unsafe" in answer["Content-Security-Policy"] or rules.get("default-src") != "'none'":
                found.append(f"{name}: {answer['Content-Security-Policy']}")
            if answer["X-Content-Type-Options"] != "nosniff" or answer["X-Frame-Options"] != "DENY":
                found.append(f"{name}: may be sniffed or framed")
            if who != "anonymous" and answer["Cache-Control"] != "no-store":
                found.append(f"{name}: may be kept, {answer['Cache-Control']}")
            if not answer.streaming and answer["Content-Type"].startswith("text/html"):
                found += [f"{name}: {one}" for one in inline(answer.content.decode())]
    assert found == []


@pytest.mark.parametrize("path", ["/p/x/?a=%00", "/api/v1/guide?a=%00", "/nothing/", "/static/nothing.css"])
def test_refusals_at_the_edge_have_them_too(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {400, 404}
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert "unsafe" not in answer["Content-Security-Policy"]


def inline(text: str) -> list[str]:
    """Scripts without a nonce, styles and handlers inside the page."""
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", text) if " src=" not in tag and " nonce=" not in tag]
    scripts = [tag for tag in scripts if 'type="application/' not in tag]
    tags = re.findall(r"<[a-z][^<>]*>", text)
    return scripts + [tag for tag in tags if re.search(r"\s(?:style|on[a-z]+)=\"", tag) or tag.startswith("<style")]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://care.example", (True, "__Host-session", True, "__Host-csrf", True, 31_536_000)),
        ("http://localhost:8000", (False, "session", False, "csrf", False, 0)),
    ],
)
def test_cookies_follow_the_address(url: str, expected: tuple[object, ...]) -> None:
    environment = {**os.environ, "UNKNOT_URL": url, "PYTHONPATH": "src"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME")
    assert (*(got[name] for name in names), got["SECURE_SSL_REDIRECT"], got["SECURE_HSTS_SECONDS"]) == expected
    assert (got["SESSION_COOKIE_HTTPONLY"], got["SESSION_COOKIE_SAMESITE"], got["CSRF_COOKIE_SAMESITE"]) == (
        True,
        "Lax",
        "Lax",
    )
    assert got["policy"].endswith("upgrade-insecure-requests") is url.startswith("https")
