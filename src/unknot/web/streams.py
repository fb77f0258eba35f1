"""Server-sent events: answers that stay open while things happen.

A stream holds one thread of the web server and no transaction. Its events come from a look that opens its own short
scope; the gate of `access` or `api` has let the caller in before, and the look checks again from time to time.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import StreamingHttpResponse

RETRY_MS = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `number` comes back as Last-Event-ID when the line broke."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    number: int | None = None

    @property
    def block(self) -> str:
        """The event on the wire."""
        tag = f"id: {self.number}\n" if self.number is not None else ""
        return f"{tag}event: {self.name}\ndata: {json.dumps(self.data)}\n\n"


Look = Callable[[], Iterable[Event] | None]
"""What happened since the last look; None when the stream is over. Opens its own scope."""


@dataclass(frozen=True, slots=True)
class Source:
    """A stream to be: how to look, how often, the longest silence and the longest answer (seconds). The browser comes
    back by itself when an answer ends."""

    look: Look
    poll: float = 0.12
    heartbeat: float = 10.0
    longest: float = 600.0

    def blocks(self) -> Iterator[str]:
        """The words on the wire, with a heartbeat comment in long silences."""
        yield f"retry: {RETRY_MS}\n\n"
        began = spoke = time.monotonic()
        while time.monotonic() - began < self.longest:
            found = self.look()
            if found is None:
                return
            for event in found:
                spoke = time.monotonic()
                yield event.block
            if time.monotonic() - spoke >= self.heartbeat:
                spoke = time.monotonic()
                yield ": still here\n\n"
            time.sleep(self.poll)


def answer(source: Source) -> StreamingHttpResponse:
    """The open answer. Its database connection is given back when the stream ends, however it ends."""

    def run() -> Iterator[bytes]:
        try:
            for words in source.blocks():
                yield words.encode()
        finally:
            if not connection.in_atomic_block:  # a test's own transaction stays
                connection.close()

    response = StreamingHttpResponse(run(), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def last_event(header: str, *, otherwise: str = "") -> int:
    """The number to go on after: the Last-Event-ID header if it is a number, else `otherwise`, else 0."""
    for text in (header, otherwise):
        if text.isascii() and text.isdigit() and len(text) < 19:
            return int(text)
    return 0
