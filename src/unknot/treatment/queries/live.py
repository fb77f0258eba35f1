"""What a watching screen hears of a running session."""

import time
from collections.abc import Iterator
from uuid import UUID

from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.treatment.queries.sessions import Pulse, may_watch, pulse, session_by_id
from unknot.web.streams import Event, Look

CHECK_SECONDS = 30.0


def watch(session_id: UUID, *, by: Actor, after: int) -> Look:
    """A look for a stream: `comfort` for each tap after number `after` (with the prompts that hold after it), `segment`
    when another part has begun, `plan` when something was taken back and left the plan, `ended` once. Every half
    minute it asks again whether `by` still may watch.

    Raises NotFoundError at once for those who may not.
    """
    if not may_watch(session_id, by=by):
        raise NotFoundError
    watching = _Watching(session_id, by, after)
    return watching.look


class _Watching:
    """How far one screen has heard; lives as long as its stream."""

    def __init__(self, session_id: UUID, by: Actor, after: int) -> None:
        self.session_id, self.by, self.after = session_id, by, after
        self.part: str | None = None
        self.checked = time.monotonic()
        session = session_by_id(session_id)
        self.closed = (session.dropped, session.stopped_at is not None)
        self.over = False

    def look(self) -> list[Event] | None:
        if self.over or not self._still_allowed():
            return None
        with tenancy.scope(practice_id=self.by.practice_id, account_id=self.by.account_id):
            now = pulse(self.session_id, after=self.after)
            return list(self._events(now))

    def _events(self, now: Pulse) -> Iterator[Event]:
        if now.taps:
            session = session_by_id(self.session_id)
            prompts = [*session.taken_back, *(prompt.text for prompt in session.comfort.prompts)]
            for tap in now.taps:
                said = {"id": str(tap.tap_id), "signal": tap.signal, "at": tap.at.isoformat(), "seq": tap.seq}
                waited = int((tap.received_at - tap.at).total_seconds())
                yield Event("comfort", said | {"prompts": prompts, "spoken": tap.spoken, "waited": waited}, tap.seq)
            self.after = now.taps[-1].seq
            closed = (session.dropped, session.stopped_at is not None)
            if closed != self.closed:  # whatever is taken back shows as a stop as well
                self.closed = closed
                yield Event("plan", {"left_out": list(session.dropped), "stopped": closed[1]})
        if now.segment != self.part:
            self.part = now.segment
            yield Event("segment", {"part": now.segment, "elapsed": now.elapsed})
        if now.ended:
            self.over = True
            yield Event("ended")

    def _still_allowed(self) -> bool:
        if time.monotonic() - self.checked < CHECK_SECONDS or self.by.account_id is None:
            return True
        self.checked = time.monotonic()
        self.by = practices.actor(self.by.account_id, self.by.practice_id, strong=self.by.strong)
        with tenancy.scope(practice_id=self.by.practice_id, account_id=self.by.account_id):
            return may_watch(self.session_id, by=self.by)
