"""Who may see a page: declared on the view, checked in one place, tested for every route.

A view without this declaration fails the build (`tests/test_access.py`). The rooms that know practices and people are
named in the settings, because grounds may not import rooms.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.module_loading import import_string

from unknot.db import tenancy
from unknot.kernel.actors import STAFF, Actor
from unknot.kernel.errors import NotFoundError, UnknotError
from unknot.kernel.zones import zone
from unknot.web import limits, problems
from unknot.web.streams import answer as event_answer

FOR = "for"
"""The query parameter that names the record somebody acts for: `?for=<client id>` of a person they look after."""
ANYONE = "anyone"
SIGNED_IN = "signed_in"


class PracticeFacts(Protocol):
    """What every page of a practice may say about it."""

    id: UUID
    slug: str
    name: str
    timezone: str
    jurisdiction: str


class PracticeRequest(HttpRequest):
    """A request on a practice's page, after the gate."""

    practice: PracticeFacts
    actor: Actor


@dataclass(frozen=True)
class Access:
    """The declaration of one view: the roles that may, and whether it belongs to a practice."""

    roles: frozenset[str]
    in_practice: bool


def page(
    *roles: str,
    in_practice: bool = True,
    writes: int = 60,
    reads: int | None = None,
    streams: bool = False,
    before: Callable[..., None] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares who may open a page: `ANYONE`, `SIGNED_IN` or roles of `unknot.kernel.actors`.

    The view gets `request.practice` and `request.actor` and runs inside one transaction scoped to that practice and
    account. Strangers to the practice get the same 404 as for a made-up address; people not signed in are sent to
    sign in; staff pages ask for a strong sign-in. Refusals of the domain become pages here. At most `writes` unsafe
    requests a minute per caller, and at most `reads` others where that is given.

    With `streams` the view returns a `streams.Source` instead of a response: it runs after the transaction has ended,
    and its events are sent one by one. `before` gets what the view gets, after the gate and before the transaction: the
    place for the little that waits for other computers. It opens short scopes of its own.
    """
    access = Access(frozenset(roles), in_practice)

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = cast(PracticeRequest, request)
            try:
                limit = reads if request.method in ("GET", "HEAD", "OPTIONS") else writes
                if limit is not None:
                    limits.count(f"page:{view.__name__}", limits.caller(request), limit=limit, seconds=60)
                slug = kwargs.pop("practice", None) if in_practice else None
                asked.practice = find_practice(slug) if slug is not None else cast(Any, None)
                asked.actor = actor_of(request, asked.practice.id if asked.practice else None)
                if turned_away := _gate(asked, access):
                    return turned_away
                asked.actor = _for_whom(request, asked.actor)
                if before is not None:
                    before(asked, *args, **kwargs)
                scope = tenancy.scope(practice_id=asked.actor.practice_id, account_id=asked.actor.account_id)
                with _clock_of(asked.practice), scope:
                    made = view(asked, *args, **kwargs)
                return event_answer(made) if streams else cast(HttpResponseBase, made)
            except UnknotError as error:
                return problems.error_page(request, error)

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return declare


def _clock_of(practice: PracticeFacts | None) -> AbstractContextManager[None]:
    """Templates show instants by this clock: Django turns every one of them into the current zone."""
    return timezone.override(zone(practice.timezone)) if practice else nullcontext()


def find_practice(slug: str) -> PracticeFacts:
    """The practice at this address. Raises NotFoundError."""
    return cast(PracticeFacts, import_string(settings.UNKNOT_PRACTICE_FINDER)(slug))


def actor_of(request: HttpRequest, practice_id: UUID | None) -> Actor:
    """Who is asking, with the roles held in this practice."""
    user = getattr(request, "user", None) or AnonymousUser()
    if not user.is_authenticated:
        return Actor(practice_id=practice_id)
    strong = bool(import_string(settings.UNKNOT_STRONG_CHECK)(request))
    return cast(Actor, import_string(settings.UNKNOT_ACTOR_FINDER)(user.pk, practice_id, strong=strong))


def _for_whom(request: HttpRequest, actor: Actor) -> Actor:
    """The actor at work for whom the address names. Raises NotFoundError for anybody they don't answer for."""
    if FOR not in request.GET:
        return actor
    try:
        client_id = UUID(request.GET[FOR])
    except ValueError as error:
        raise NotFoundError from error
    if not actor.answers_for(client_id):
        raise NotFoundError
    return actor if client_id == actor.client_id else actor.acting_for(client_id)


def keep_for(request: PracticeRequest, url: str) -> str:
    """The address with the record that this request acts for, so that the next page is about the same person."""
    if not request.actor.acting:
        return url
    path, mark, fragment = url.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{FOR}={request.actor.client_id}{mark}{fragment}"


def _gate(request: PracticeRequest, access: Access) -> HttpResponse | None:
    actor = request.actor
    if ANYONE in access.roles and not (actor.is_anonymous and FOR in request.GET):
        return None
    if actor.is_anonymous:
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    if SIGNED_IN in access.roles:
        return None
    held = actor.roles & access.roles
    if not held:
        raise NotFoundError
    if held <= STAFF | {"operator"} and not actor.strong:
        return redirect(f"{settings.UNKNOT_STRENGTHEN_URL}?{urlencode({'next': request.get_full_path()})}")
    return None
