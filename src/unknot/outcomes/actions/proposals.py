"""The therapist's decision on the next visit, and the hold that asks for one."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.outcomes.models import Proposal
from unknot.outcomes.policies import can_decide
from unknot.outcomes.queries import may_read, progress
from unknot.outcomes.queries.progress import HOLD

INTERVALS = (0, 180)
REASON_LIMIT = 500


class StaleProposalError(ConflictError):
    """Something came in since you opened this page and the proposal changed. Nothing was signed; look at it again."""

    code = "proposal-changed"


class BadIntervalError(InvalidError):
    """Choose between 0 and 180 days after the last visit, or no date and a talk instead. Nothing was signed."""

    code = "bad-interval"


class ReasonMissingError(InvalidError):
    """You chose something else than the proposal. Please say why in a few words; nothing was signed yet."""

    code = "reason-missing"


def hold_proposal(*, by: Actor, client_id: UUID, now: datetime) -> None:
    """No date is proposed until a therapist looked (a check-in asked for that). Holding twice is holding once.

    Raises NotFoundError. `decide_proposal` ends the hold.
    """
    may_read(client_id, by=by)
    lock_all("outcomes", [client_id])
    last = Proposal.objects.filter(client_id=client_id).order_by("-made_at", "-id").first()
    if last is not None and last.decided_at is None and last.content.get("kind") == HOLD:
        return
    row = Proposal.objects.create(practice_id=by.practice_id, client_id=client_id, content={"kind": HOLD}, made_at=now)
    audit.record(by=by, verb="proposal.held", subject="proposal", subject_id=row.pk, client_id=client_id, now=now)


def decide_proposal(
    *,
    by: Actor,
    client_id: UUID,
    interval_days: int | None,
    style: str,
    reason: str = "",
    seen: str = "",
    now: datetime,
) -> UUID:
    """A therapist signs the next-visit proposal as it stands, or adjusts it and says why; returns the decision's id.

    `interval_days` counts from the last completed visit (from today if there was none); None: no date, talk first.
    `style` is `deep` or `lighter`. `seen` is the proposal's `seen` at the time the form was shown.
    Raises NotFoundError, StaleProposalError, BadIntervalError, ReasonMissingError.
    """
    if not can_decide(by):
        raise NotFoundError
    may_read(client_id, by=by)
    lock_all("outcomes", [client_id])
    view = progress(client_id, by=by, now=now)
    shown, proposed = view.proposal, view.proposal.computed[0]
    if seen and seen != shown.seen:
        raise StaleProposalError
    if style not in ("deep", "lighter"):
        raise InvalidError("Choose lighter or firm work.", field="style")
    if interval_days is not None and not INTERVALS[0] <= interval_days <= INTERVALS[1]:
        raise BadIntervalError(field="interval_days")
    start = view.last_session.day if view.last_session else view.today
    on = start + timedelta(days=interval_days) if interval_days is not None else None
    adjusted = (on, style) != shown.computed
    words = " ".join(reason.split())[:REASON_LIMIT]
    if adjusted and not words:
        raise ReasonMissingError(field="reason")
    content = {
        "kind": "signed" if on else "review",
        "on": on.isoformat() if on else None,
        "proposed_on": proposed.isoformat() if proposed else None,
        "style": style,
        "adjusted": adjusted,
        "reason": words,
        "why": list(shown.why),
        "sure": shown.sure,
        "n_ratings": shown.n_ratings,
        "rules_version": shown.rules_version,
    }
    row = Proposal.objects.create(
        practice_id=by.practice_id,
        client_id=client_id,
        content=content,
        made_at=now,
        decided_by_id=by.account_id,
        decided_at=now,
        interval_days=interval_days,
    )
    facts = {"adjusted": adjusted}
    audit.record(
        by=by, verb="proposal.signed", subject="proposal", subject_id=row.pk, client_id=client_id, now=now, **facts
    )
    return UUID(str(row.pk))
