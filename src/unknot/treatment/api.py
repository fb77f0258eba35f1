"""Calls of the room: comfort taps in, what happens in a session out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema

from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, queries
from unknot.web.access import SIGNED_IN, actor_of
from unknot.web.api import ApiRequest, Instant, call, refusals
from unknot.web.streams import Source, last_event

router = Router(tags=["sessions"])


class TapIn(Schema):
    """One tap. The same `tap_id` sent again is the same tap."""

    tap_id: UUID
    signal: Literal["lighter", "same", "deeper", "stop"]
    tapped_at: Instant | None = Field(None, description="The phone's clock at the press; kept, never trusted")
    sent_at: Instant | None = Field(
        None, description="The same clock at the sending: how long the tap waited for a line"
    )


class TapOut(Schema):
    """A tap as stored."""

    tap_id: UUID
    signal: str
    seq: int = Field(description="Rises within the session; the `id` of its event in the stream")
    received_at: datetime


@router.post(
    "/sessions/{session_id}/comfort",
    response={200: TapOut, **refusals(401, 403, 404, 409)},
    summary="Say lighter, same, deeper or stop",
)
@call(SIGNED_IN, per_minute=600)
def comfort(request: ApiRequest, session_id: UUID, body: TapIn) -> Any:
    """For the client of a running session. A tap pressed after the end is refused (`session-over`)."""
    by = _reader(request, session_id)
    with tenancy.scope(practice_id=by.practice_id, account_id=by.account_id):
        tap = actions.tap(
            by=by,
            session_id=session_id,
            tap_id=body.tap_id,
            signal=body.signal,
            tapped_at=body.tapped_at,
            sent_at=body.sent_at,
            now=timezone.now(),
        )
    return TapOut(tap_id=tap.tap_id, signal=tap.signal, seq=tap.seq, received_at=tap.received_at)


@router.get(
    "/sessions/{session_id}/stream",
    response=refusals(401, 404),
    summary="Server-sent events of a session",
    openapi_extra={
        "responses": {
            200: {
                "description": "Events `comfort` {id, signal, at, seq, prompts, spoken, waited}, `segment` {part, "
                "elapsed}, `plan` {left_out, stopped} (something was taken back), `ended`. "
                "Each comfort event carries its number; send it as Last-Event-ID to go on after it.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        }
    },
)
@call(SIGNED_IN, streams=True)
def stream(request: ApiRequest, session_id: UUID) -> Source:
    """For the practice's therapists and the session's client. Ends with the session or after ten minutes."""
    by = _reader(request, session_id)
    after = last_event(request.headers.get("Last-Event-ID", ""))
    with tenancy.scope(practice_id=by.practice_id, account_id=by.account_id):
        return Source(queries.watch(session_id, by=by, after=after))


def _reader(request: ApiRequest, session_id: UUID) -> Actor:
    account_id = request.actor.account_id
    practice_id = queries.find_session_scope(session_id, account_id=account_id) if account_id else None
    if practice_id is None:
        raise NotFoundError
    return actor_of(request, practice_id)
