"""What import contracts can not show: keys point down, actions speak one form, every route is declared."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from unknot.config.api import api
from unknot.config.settings import ROOMS
from unknot.db.tenancy import TenantModel

HEIGHT = {room: height for height, room in enumerate(reversed(ROOMS))}

# Actions that leave something of the form out, each with what and why.
EXCUSED = {
    "people.account_for": ({"by", "now"}, "before anybody is signed in"),
    "people.make_token": ({"by"}, "the command line and the demo act for the account they name"),
    "notifications.schedule": ({"by", "now"}, "part of the action that calls it, which has said who and when"),
    "notifications.visit_facts": ({"by", "now"}, "shapes a value for `schedule`; writes nothing"),
    "notifications.visit_of_many": ({"by", "now"}, "shapes a value for `schedule`; writes nothing"),
    "notifications.cancel_for": ({"by", "now", "keywords"}, "part of the action that calls it"),
    "notifications.deliver": ({"by"}, "the job that sends; nobody asked for it by name"),
    "notifications.stop": ({"by"}, "a signed link in a mail: its holder need not sign in"),
    "audit.queue_up": ({"by", "now", "keywords"}, "a lock, nothing is written"),
    "booking.take_hold": ({"by"}, "the holder's secret says who"),
    "booking.take_group": ({"by"}, "the holder's secret says who"),
    "booking.practices_to_keep": ({"by", "now"}, "lists what the keeping jobs go through"),
}


def room_of(thing: Any) -> str:
    """The room (or ground) a class or function of ours stands in."""
    return str(thing.__module__).split(".")[1]


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("unknot.")]


def test_foreign_keys_point_down_and_leave_no_trace() -> None:
    faults, seen = [], 0
    for model in our_models():
        for field in model._meta.local_fields:
            target = field.remote_field.model if field.remote_field else None
            if target is None or not target.__module__.startswith("unknot."):
                continue
            seen += 1
            if field.remote_field.related_name != "+":
                faults.append(f"{model.__name__}.{field.name}: related_name is not '+'")
            if issubclass(model, TenantModel) and field.name == "practice":
                continue  # the wall itself, declared by the ground
            if HEIGHT[room_of(target)] > HEIGHT[room_of(model)]:
                faults.append(f"{model.__name__}.{field.name} points up to {target.__name__}")
    assert faults == []
    assert seen > 40


def actions() -> Iterator[tuple[str, FunctionType]]:
    """Public functions of every room's `actions`, under their full name."""
    for room in ROOMS:
        if find_spec(f"unknot.{room}.actions") is None:
            continue
        module = import_module(f"unknot.{room}.actions")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and function.__module__.startswith(module.__name__):
                yield f"{room}.{name}", function


def test_actions_speak_one_form() -> None:
    faults, found = [], dict(actions())
    for name, function in found.items():
        parameters = inspect.signature(function).parameters
        lacks = {word for word in ("by", "now") if word not in parameters}
        if any(one.kind == one.POSITIONAL_OR_KEYWORD for one in parameters.values()):
            lacks.add("keywords")
        excused, _ = EXCUSED.get(name, (set(), ""))
        if lacks != excused:
            faults.append(f"{name} lacks {sorted(lacks)}, excused are {sorted(excused)}")
        if not (function.__doc__ or "").strip():
            faults.append(f"{name}: no docstring")
    assert faults == []
    assert len(found) > 5


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, f"{prefix}{one.pattern}")
        elif isinstance(one, URLPattern):
            yield f"{prefix}{one.pattern}", one.callback


def our_routes() -> list[tuple[str, Any]]:
    found = routes(get_resolver().url_patterns)
    return [(path, view) for path, view in found if view.__module__.startswith("unknot.")]


def test_every_page_says_who_may_see_it() -> None:
    assert [path for path, view in our_routes() if not hasattr(view, "access")] == []
    assert len(our_routes()) > 5


def test_pages_stand_in_views() -> None:
    elsewhere = [f"{path} is in {v.__module__}" for path, v in our_routes() if ".views." not in v.__module__]
    assert elsewhere == ["healthz is in unknot.web.health"]


def test_views_are_named_for_their_audience_and_rooms_for_their_addresses() -> None:
    """A page's address name starts with the room it stands in, so that a link shows where to look."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(getattr(resolver.urlconf_name, "__name__", "")).startswith(
            "unknot."
        ):
            for _, view in routes(resolver.url_patterns):
                assert room_of(view) == resolver.app_name


def operations() -> list[tuple[str, Any]]:
    """Every call of the JSON API as `METHOD /path` with its function."""
    return [
        (f"{method} {prefix}{path}", operation)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def test_every_call_says_who_may_make_it_and_what_it_answers() -> None:
    faults = []
    for name, operation in operations():
        if not hasattr(operation.view_func, "access"):
            faults.append(f"{name}: no access declared")
        if not operation.summary or not {400, 413, 422, 429} <= set(operation.response_models):
            faults.append(f"{name}: no summary, or its refusals are not described")
    assert faults == []
    assert len(operations()) > 3


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_table_says_what_a_row_is(model: type[models.Model]) -> None:
    own = vars(model).get("__doc__") or ""
    assert own.strip()
    assert not own.startswith(f"{model.__name__}("), "Django's own docstring: say what a row is"


# Whoever reaches out of this machine by a library of their own, each with what for. Addresses that people give us are
# fetched by `unknot.web.outbound` alone.
WIRE = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "ssl", "telnetlib", "urllib.request"}
REACH_OUT = {
    "unknot.web.outbound": "the guarded client",
    "unknot.notifications.gateways.smtp.client": "the mail server of the settings",
    "unknot.config.doctor": "asks that mail server whether it is there",
    "unknot.config.demo": "asks its own server whether it answers",
}


def reaching_out(name: str, source: str) -> set[str]:
    """The parts of the wire that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        found |= {one for one in named if one in WIRE or one.split(".")[0] in WIRE}
    return found if name not in REACH_OUT else set()


def test_only_the_guarded_client_opens_addresses() -> None:
    root = Path(__file__).resolve().parent.parent / "src"
    modules = {".".join(path.relative_to(root).with_suffix("").parts): path for path in root.rglob("*.py")}
    faults = {name: reaching_out(name, path.read_text()) for name, path in modules.items()}
    assert {name: parts for name, parts in faults.items() if parts} == {}
    assert set(REACH_OUT) <= set(modules)


@pytest.mark.parametrize(
    "line", ["import socket", "from urllib.request import urlopen", "from urllib import request", "import http.client"]
)
def test_control_a_planted_fetch_is_found(line: str) -> None:
    assert reaching_out("unknot.booking.actions.planted", f"def f():\n    {line}\n")


READS_ZONES = {
    "unknot.__init__": "turns the host's away for the whole process",
    "unknot.kernel.zones": "zones of the tzdata package",
    "unknot.config.doctor_zones": "compares the host's",
}


def test_zones_come_from_the_kernel_alone() -> None:
    """`ZoneInfo(name)` reads the host's files, which lag behind the law: see docs/explanation/time.md."""
    root = Path(__file__).resolve().parent.parent / "src"
    named = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "zoneinfo")
        or (isinstance(node, ast.Import) and any(one.name == "zoneinfo" for one in node.names))
    }
    assert named == set(READS_ZONES)
