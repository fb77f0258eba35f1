"""The shell of the JSON API: declarations, problem details, bearer tokens, idempotency."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.responses import Status
from ninja.security import HttpBearer
from ninja.utils import check_csrf, contribute_operation_callback
from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotAllowedError, NotFoundError, UnknotError
from unknot.web import idempotency, limits, problems
from unknot.web.access import ANYONE, SIGNED_IN, Access, actor_of, find_practice
from unknot.web.openapi import Api, BodyTypeError, JsonParser, needs_token
from unknot.web.streams import answer as event_answer

NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=2000)]
ShortText = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("Write the time as text, for example 2026-11-24T09:00:00-07:00")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Write a number")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_text)]
"""A time with its offset in a body; a bare number, which pydantic would take for seconds, is none."""
NUMERIC = BeforeValidator(_number)
"""Last in a body's `Annotated[int, ...]`: neither "4" nor true, though 4.0 is a whole number in JSON."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FieldProblem(Schema):
    """One field at fault."""

    field: str
    message: str


class Problem(Schema):
    """A problem detail (RFC 9457)."""

    type: str = Field(description="Stable, relative to this site")
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


class ApiRequest(HttpRequest):
    """A call after the gate."""

    actor: Actor


class Bearer(HttpBearer):
    """A token made by `unknot token` or shown by the demo. Documented here; checked by `BearerMiddleware`."""

    def authenticate(self, request: HttpRequest, token: str) -> bool:
        del token
        return request.user.is_authenticated


class BearerMiddleware:
    """Puts the account of an `Authorization: Bearer` header on the request; a wrong token is refused, never ignored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        header = request.headers.get("Authorization", "")
        if not problems.wants_json(request) or not header:
            return self.get_response(request)
        scheme, _, token = header.partition(" ")
        account = import_string(settings.UNKNOT_TOKEN_FINDER)(token.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            body = problems.problem(401, "bad-token", "This token is unknown or no longer valid. Ask for a new one.")
            response = problems.problem_response(body)
            response["WWW-Authenticate"] = "Bearer"
            return response
        request.user = account
        request.unknot_bearer = True  # type: ignore[attr-defined]
        return self.get_response(request)


def refusals(*statuses: int) -> dict[int, type[Problem]]:
    """The problem answers a call may give, for its OpenAPI description: these and the ones every call may give."""
    return dict.fromkeys(sorted({400, 413, 422, 429, *statuses}), Problem)


def call(
    *roles: str,
    per_minute: int = 120,
    streams: bool = False,
    changes: bool = True,
    before: Callable[..., None] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares who may make a call (ANYONE, SIGNED_IN, or roles: then signed in, and the view checks the practice).

    The function gets `request.actor` (account only; see `in_practice`), runs in one transaction, and answers with a
    Schema, a dict or `(status, body)`. With an `Idempotency-Key` an unsafe call has one effect and one answer.
    With `streams` it returns a `streams.Source`, whose events are sent after the transaction has ended.
    `changes=False` declares a calculation that keeps nothing, whatever its method: neither key nor answer are stored.
    `before` gets what the function gets, before the transaction (see `web.access.page`).
    """
    access = Access(frozenset(roles), in_practice=False)

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            limits.count("api", limits.caller(request), limit=per_minute, seconds=60)
            unsafe = changes and request.method not in SAFE_METHODS
            bearer = getattr(request, "unknot_bearer", False)
            if unsafe and request.user.is_authenticated and not bearer and check_csrf(request):
                raise NotAllowedError("Calls with a browser session need the X-CSRFToken header. Nothing was done.")
            asked = cast(ApiRequest, request)
            asked.actor = actor_of(request, None)
            if ANYONE not in access.roles and asked.actor.is_anonymous:
                raise HttpError(401, "Sign in or send a bearer token.")
            key = request.headers.get("Idempotency-Key", "") if unsafe else ""
            if len(key) > 200 or not key.isprintable():
                raise HttpError(400, "An Idempotency-Key has at most 200 printable characters. Nothing was done.")
            if before is not None:
                before(asked, *args, **kwargs)
            if streams:
                with tenancy.scope(account_id=asked.actor.account_id):
                    source = function(asked, *args, **kwargs)
                return event_answer(source)
            with tenancy.scope(account_id=asked.actor.account_id):
                if not key:
                    return _status(function(asked, *args, **kwargs))
                return _once(asked, key, lambda: function(asked, *args, **kwargs))

        guarded.access = access  # type: ignore[attr-defined]
        contribute_operation_callback(guarded, needs_token(access))
        return guarded

    return declare


def _once(request: ApiRequest, key: str, work: Callable[[], Any]) -> Status[Any]:
    who = limits.caller(request)
    fingerprint = f"{request.method} {request.path}?{request.META.get('QUERY_STRING', '')}\n".encode() + request.body
    if replay := idempotency.begin(who=who, key=key, request=fingerprint):
        return Status(replay.status, replay.body)
    answer = _status(work())
    body = answer.value.model_dump(mode="json") if isinstance(answer.value, Schema) else answer.value
    idempotency.finish(who=who, key=key, status=answer.status_code, body=body)
    return Status(answer.status_code, body)


def _status(answer: Any) -> Any:
    if isinstance(answer, HttpResponse):
        return answer  # a file
    if isinstance(answer, tuple):
        return Status(answer[0], answer[1])
    return answer if isinstance(answer, Status) else Status(200, answer)


class in_practice:  # noqa: N801 - reads as a phrase
    """`with in_practice(request, slug, *roles) as (practice, actor):` the rest happens inside that practice's walls.

    Raises NotFoundError for an unknown practice and for a caller without any of `roles` there (none given: anyone).
    """

    def __init__(self, request: ApiRequest, slug: str, *roles: str) -> None:
        self.practice = find_practice(slug)
        self.actor = actor_of(request, self.practice.id)
        if roles and SIGNED_IN not in roles and not self.actor.has(*roles):
            raise NotFoundError
        self._scope = tenancy.scope(practice_id=self.practice.id, account_id=self.actor.account_id)

    def __enter__(self) -> tuple[Any, Actor]:
        self._scope.__enter__()
        return self.practice, self.actor

    def __exit__(self, *error: Any) -> None:
        self._scope.__exit__(*error)


def make_api(version: str) -> NinjaAPI:
    """The API object with its error translation; `config` adds the rooms' routers."""
    api = Api(
        title="Unknot",
        version=version,
        description="Care and booking for massage therapy. Errors are problem details (RFC 9457).",
        docs_url=None,
        parser=JsonParser(),
        openapi_extra={
            "components": {"securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{}, {"Bearer": []}],
        },
    )

    @api.exception_handler(UnknotError)
    def refused(request: HttpRequest, error: UnknotError) -> HttpResponse:
        return problems.problem_response(problems.problem_of(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = [
            {"field": ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), "message": str(one["msg"])}
            for one in error.errors
        ]
        body = problems.problem(422, "invalid", "Some fields need another value. Nothing was saved.")
        return problems.problem_response(body | {"errors": found})

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        if isinstance(error.__cause__, BodyTypeError):
            return problems.plain_error(
                request, 415, "Send JSON, with Content-Type: application/json. Nothing was done."
            )
        if error.__cause__ is not None:
            return problems.plain_error(request, 400, "The body is not JSON that we can read. Nothing was done.")
        answer = problems.plain_error(request, error.status_code, str(error))
        if error.status_code == 401:
            answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return problems.plain_error(request, 413, "That is more than we can take in one go (1 MB). Nothing was saved.")

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problems.not_found(request)

    return api
