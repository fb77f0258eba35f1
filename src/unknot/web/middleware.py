"""The edge: refuses what no page could use, and sets the headers of every answer."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from unknot.web.problems import not_this_way, plain_error

MAX_BODY = 1_000_000  # bytes; uploads come by their own door
Answer = Callable[[HttpRequest], HttpResponse]


class EdgeMiddleware:
    """NUL bytes, undecodable text and oversized bodies end here with a clear answer; security headers start here."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self._refusal(request) or self.get_response(request)
        if response.status_code == 405:
            response = not_this_way(request, response)
        response.headers.setdefault("Content-Security-Policy", _policy(nonce))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            return plain_error(
                request, 413, "That is more than we can take in one go (1 MB). Nothing was saved; shorten it."
            )
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return plain_error(request, 400, "The address holds a character that no page has. Check it and try again.")
        try:
            bad = any("\x00" in value for values in request.POST.lists() for value in [values[0], *values[1]])
        except (UnicodeDecodeError, MultiPartParserError):
            bad = True
        if bad:
            message = (
                "The form holds an invisible NUL character, often from pasting. Nothing was saved; retype that field."
            )
            return plain_error(request, 400, message)
        return None


def _policy(nonce: str) -> str:
    rules: dict[str, Any] = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "manifest-src": "'self'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return policy + ("; upgrade-insecure-requests" if settings.SESSION_COOKIE_SECURE else "")


SECRET_WORDS = re.compile(r"(?i)(token|secret|code|password|authorization)=[^&\s]+")
SECRET_PATHS = re.compile(r"(/feeds/|/mail/stop/)[^/\s]+")
"""Addresses whose secret is the permission: calendar feeds, and links to stop a kind of mail."""


def redact(text: str) -> str:
    """Log lines without secrets."""
    return SECRET_PATHS.sub(r"\1***", SECRET_WORDS.sub(r"\1=***", text))
