"""Turns refusals into what people and programs get: the only place that knows both."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from unknot.kernel.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    TooManyError,
    UnavailableError,
    UnknotError,
)

STATUS: dict[type[UnknotError], int] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    InvalidError: 422,
    TooManyError: 429,
    UnavailableError: 503,
}
TITLE = {
    400: "That request could not be read",
    401: "Please sign in",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not this way",
    409: "Not as things stand",
    413: "Too large",
    415: "Not in this form",
    422: "Something has to change",
    429: "A little too fast",
    500: "Our mistake",
    503: "Back in a minute",
}


def status_of(error: UnknotError) -> int:
    """The HTTP status of a refusal's category (400 for a bare UnknotError)."""
    return next((status for category, status in STATUS.items() if isinstance(error, category)), 400)


def problem(status: int, code: str, detail: str, *, field: str | None = None, **extra: Any) -> dict[str, Any]:
    """The members of a problem detail (RFC 9457). `type` is stable and relative to this site."""
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": TITLE.get(status, "Refused"),
        "status": status,
        "detail": detail,
    }
    if field:
        body["errors"] = [{"field": field, "message": detail}]
    return body | extra


def problem_of(error: UnknotError) -> dict[str, Any]:
    """The problem detail of a refusal."""
    return problem(status_of(error), error.code, error.message, field=error.field, **error.extra)


def problem_response(body: dict[str, Any]) -> JsonResponse:
    """A problem detail as an `application/problem+json` answer."""
    response = JsonResponse(body, status=body["status"], content_type="application/problem+json")
    if body["status"] == 429 and "retry_after" in body:
        response["Retry-After"] = str(body["retry_after"])
    return response


def error_page(request: HttpRequest, error: UnknotError) -> HttpResponse:
    """A refusal as a page: what happened, what was kept, what to do next."""
    status = status_of(error)
    context = {"title": TITLE.get(status, "Refused"), "detail": error.message, "status": status}
    return render(request, "web/error.html", context, status=status)


def wants_json(request: HttpRequest) -> bool:
    """True for calls of the JSON API."""
    return request.path.startswith("/api/")


def plain_error(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """An answer to something that never reached a view."""
    if wants_json(request):
        return problem_response(problem(status, f"http-{status}", message))
    return render(
        request, "web/error.html", {"title": TITLE[status], "detail": message, "status": status}, status=status
    )


def not_this_way(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """A 405 with words in it; `Allow` stays."""
    answer = plain_error(request, 405, f"This address takes {refused.headers.get('Allow', '')} only. Nothing was done.")
    answer.headers["Allow"] = refused.headers.get("Allow", "")
    return answer


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what does not exist and for what is somebody else's."""
    del exception
    return plain_error(request, 404, NotFoundError().message)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own mistake: nothing was changed, since the transaction was rolled back."""
    return plain_error(request, 500, "Something broke on our side. Nothing was changed. Please try again.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page (or from one that was open for very long)."""
    del reason
    message = (
        "This form was open for very long or came from elsewhere. Nothing was sent. Go back, reload and try again."
    )
    return plain_error(request, 403, message)
