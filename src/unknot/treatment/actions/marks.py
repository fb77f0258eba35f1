"""What the therapist's screen wrote down, maybe without a line: each mark once, in the order it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.treatment import domain
from unknot.treatment.actions.comfort import acknowledge
from unknot.treatment.actions.ending import ENDED_BY, end_session
from unknot.treatment.actions.sessions import change_part, check_agreed, held
from unknot.treatment.models import ComfortEvent, SessionMark
from unknot.treatment.queries.sessions import SessionFacts

DONE, OVERTAKEN, LATE, REFUSED = "done", "overtaken", "late", "refused"
MOST_WORDS = 1000


@dataclass(frozen=True)
class Mark:
    """One thing written down. `kind` move {leave, key}, acknowledge {seq}, said {signal}, note {words} or end
    {ended_by, words, pain}; `at` by the device's clock, None if it had none."""

    id: UUID
    kind: str
    content: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class MarkAnswer:
    """What became of a mark: `done`; `overtaken`, because another screen had gone on; `late`, because the session was
    over, kept for the note; `refused`, nothing kept, `why` in words."""

    id: UUID
    outcome: str
    why: str = ""


def record_marks(
    *, by: Actor, session_id: UUID, marks: Sequence[Mark], sent_at: datetime | None = None, now: datetime
) -> list[MarkAnswer]:
    """Takes marks in the order in which the device made them; one that was taken before changes nothing.

    `sent_at` is the device's clock while sending: what it says between that and a mark is how old the mark is. A mark
    never counts before the one that the device made before it. One bad mark holds up no other. For the treating
    therapist. Raises NotFoundError.
    """
    answers: list[MarkAnswer] = []
    session = held(session_id, by=by)
    before = session.started_at
    known = dict(SessionMark.objects.filter(session_id=session_id).values_list("mark_id", "outcome"))
    for mark in marks:
        if mark.id in known:
            answers.append(MarkAnswer(mark.id, known[mark.id]))
            continue
        at = domain.happened_at(device_at=mark.at, sent_at=sent_at, received_at=now, not_before=before)
        try:
            with transaction.atomic():
                outcome = _take(held(session_id, by=by), mark, at=at, by=by, now=now)
        except (InvalidError, ConflictError, NotFoundError) as error:
            answers.append(MarkAnswer(mark.id, REFUSED, error.message))
            continue
        before, known[mark.id] = at, outcome
        answers.append(MarkAnswer(mark.id, outcome))
        SessionMark.objects.create(
            practice_id=session.practice_id,
            session_id=session_id,
            mark_id=mark.id,
            kind=mark.kind,
            content=dict(mark.content),
            outcome=outcome,
            device_at=mark.at,
            happened_at=at,
            received_at=now,
        )
    return answers


def _take(session: SessionFacts, mark: Mark, *, at: datetime, by: Actor, now: datetime) -> str:
    if mark.kind == "move":
        return _move(session, mark, at=at, now=now)
    if mark.kind == "acknowledge":
        acknowledge(by=by, session_id=session.id, seq=_whole(mark, "seq"), now=at)
        return DONE
    if mark.kind == "said":
        return _said(session, mark, at=at, now=now)
    if mark.kind == "note":
        if not _text(mark, "words"):
            raise InvalidError("There was nothing to write down.", field="words")
        return DONE if session.is_running else LATE
    if mark.kind == "end":
        return _end(session, mark, at=at, by=by, now=now)
    raise InvalidError("This screen sent something that could not be read.", field="kind")


def _move(session: SessionFacts, mark: Mark, *, at: datetime, now: datetime) -> str:
    key = _text(mark, "key")
    session.agreed.segment(key)
    if not session.is_running:
        return LATE
    if now - at < domain.LIVE:  # later, it is a fact: what was done without a line is written down, not refused
        check_agreed(session, key)
    if session.part != _text(mark, "leave"):
        return OVERTAKEN
    change_part(session, key, at=at)
    return DONE


def _said(session: SessionFacts, mark: Mark, *, at: datetime, now: datetime) -> str:
    signal = _text(mark, "signal")
    if signal not in {one.value for one in domain.Signal}:
        raise InvalidError("There is no such signal.", field="signal")
    ComfortEvent.objects.create(
        practice_id=session.practice_id,
        session_id=session.id,
        tap_id=mark.id,
        signal=signal,
        tapped_at=mark.at,
        received_at=now,
        happened_at=at,
        spoken=True,
    )
    return DONE if session.is_running else LATE


def _end(session: SessionFacts, mark: Mark, *, at: datetime, by: Actor, now: datetime) -> str:
    if not session.is_running:
        return OVERTAKEN
    ended_by, pain = _text(mark, "ended_by"), mark.content.get("pain")
    if ended_by not in ENDED_BY or not (pain is None or (type(pain) is int and 0 <= pain <= 10)):
        raise InvalidError("Choose how the session ended, and pain from 0 to 10. It is still running.")
    end_session(
        by=by,
        session_id=session.id,
        ended_by=ended_by,
        words=_text(mark, "words"),
        pain=pain,
        ended_at=at,
        now=now,
    )
    return DONE


def _text(mark: Mark, name: str) -> str:
    value = mark.content.get(name, "")
    return value.strip()[:MOST_WORDS] if isinstance(value, str) else ""


def _whole(mark: Mark, name: str) -> int:
    value = mark.content.get(name)
    return value if type(value) is int and 0 <= value < 2**63 else 0
