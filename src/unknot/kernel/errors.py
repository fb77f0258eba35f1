"""The categories of refusal.

A room defines its own errors beside the function that raises them, each a subclass of one category here.
Only `unknot.web` knows what a category means in HTTP.
"""

from collections.abc import Mapping
from typing import Any


class UnknotError(Exception):
    """An expected refusal: says what happened, what was kept and what to do next.

    `code` is a stable slug for programs (`slot-taken`), `message` one or two sentences for people (never personal
    data), `field` the form or JSON field at fault if there is one, `extra` further facts that are safe to show.
    """

    code = "refused"

    def __init__(self, message: str = "", *, field: str | None = None, extra: Mapping[str, Any] | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.field = field
        self.extra: dict[str, Any] = dict(extra or {})
        super().__init__(self.message)


class NotFoundError(UnknotError):
    """There is nothing here, or nothing that you may see."""

    code = "not-found"


class NotAllowedError(UnknotError):
    """You may not do this."""

    code = "not-allowed"


class ConflictError(UnknotError):
    """This can't be done as things stand now."""

    code = "conflict"


class InvalidError(UnknotError):
    """Something in the input has to change."""

    code = "invalid"


class TooManyError(UnknotError):
    """Too many tries. Wait a little and try again."""

    code = "too-many"


class UnavailableError(UnknotError):
    """A part of the system is not answering. Nothing was changed; try again in a minute."""

    code = "unavailable"
