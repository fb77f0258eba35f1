"""Fixtures for every test."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.browser import QUIET, find_chromium
from tests.post_box import Postbox, open_postbox
from tests.stub_server import Handler, Server
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.kernel.actors import Actor
from unknot.people.models import Account
from unknot.people.sign_in import METHODS
from unknot.practice import queries as practice_queries

NO_BROWSER = "no Chromium: tools/browser.sh says how to get one"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped, and say so."""
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names the tests that did not run for want of a browser."""
    skipped = [one.nodeid for one in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(one.longrepr)]
    if skipped:
        terminalreporter.section("not run, because there is no browser")
        for name in sorted(skipped):
            terminalreporter.write_line(name)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After the owner made the tables, every connection of the tests works as the application's role."""
    from django.db import connection

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO unknot_app")
        connection.close()
        connection.settings_dict["OPTIONS"]["options"] = "-c role=unknot_app"
    ours = connection.introspection.django_table_names
    connection.introspection.django_table_names = lambda **how: [*ours(**how), *QUEUE]
    yield
    connection.introspection.django_table_names = ours
    with django_db_blocker.unblock():
        connection.close()
        del connection.settings_dict["OPTIONS"]["options"]


QUEUE = ["procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers"]
"""Tables that Django does not count as its own (their models are not managed), so that the emptying after a test with
real transactions would pass them by: what it had put in the queue would be there for whichever test comes next."""


@pytest.fixture
def now() -> datetime:
    """A quiet Tuesday morning in Edmonton: 17 November 2026, 09:00 local."""
    return datetime(2026, 11, 17, 16, 0, tzinfo=UTC)


@pytest.fixture
def riverbend(db: None, now: datetime) -> Stage:
    """The solo practice of the cast, without history."""
    return build_practice(cast.RIVERBEND, now=now)


@pytest.fixture
def foothills(db: None, now: datetime) -> Stage:
    """The clinic of the cast, without history."""
    return build_practice(cast.FOOTHILLS, now=now)


@pytest.fixture
def openhands(db: None, now: datetime) -> Stage:
    """The marketplace of the cast, without history."""
    return build_practice(cast.OPENHANDS, now=now)


def _actor(stage: Stage, account_id: UUID) -> Actor:
    return practice_queries.actor(account_id, stage.practice.id, strong=True)


@pytest.fixture
def client_of() -> Callable[[Stage, str], Actor]:
    """`client_of(stage, email)`: a client of the cast as an actor in that practice."""
    return lambda stage, email: _actor(stage, stage.clients[email].account_id)


@pytest.fixture
def staff_of() -> Callable[[Stage, str], Actor]:
    """`staff_of(stage, role)`: the first member of staff with that role as an actor."""
    return lambda stage, role: _actor(stage, next(person.pk for held, person in stage.staff if held == role))


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """`signed_in(account_id, strong=True)`: a browser without JavaScript, signed in."""

    def sign_in(account_id: UUID, *, strong: bool = True) -> Client:
        browser = Client()
        browser.force_login(
            Account.objects.get(pk=account_id), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        session = browser.session
        session[METHODS] = [{"method": "mfa" if strong else "code", "at": 0}]
        session.save()
        return browser

    return sign_in


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the whole run; pages come from contexts of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """`serve(handler or bytes)`: a server for the length of the test."""
    made: list[Server] = []

    def start(answer: Handler | bytes, host: str = "127.0.0.1") -> Server:
        handler: Handler = (lambda wire, _: wire.sendall(answer)) if isinstance(answer, bytes) else answer
        made.append(Server(handler, host))
        return made[-1]

    yield start
    for one in made:
        one.socket.close()


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server on the loopback, and the settings that lead there."""
    with open_postbox(settings) as box:
        yield box
