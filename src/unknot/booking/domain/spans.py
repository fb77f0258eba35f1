"""Which stretch of time a visit keeps in the database, so that exclusion constraints say what free slots promise.

Two visits A, then B, may stand next to each other if

* rule `sum`: the gap between the services is at least A's clean-up plus B's set-up;
* rule `larger`: it is at least the larger of the two.

**One range per visit** (`blocked_span`), compared with `&&`:

* `sum`: service with both buffers. Exact: ranges are disjoint if and only if the rule is kept.
* `larger`: service with the clean-up after it. No single range can be exact here, because the larger of two numbers
  is not a sum of one part from each visit. This one never refuses what is offered, never lets services overlap and
  always keeps A's clean-up free, so it is exact whenever A's clean-up is at least B's set-up. The part of B's set-up
  that exceeds A's clean-up is kept by the check under the lock, which asks the same sweep that made the offer.

**Two ranges per visit** (`claims`), one row each, exact under both rules:
`EXCLUDE USING gist (therapist_id WITH =, visit_id WITH <>, kind WITH <>, span WITH &&)`; a visit's `core` meets the
other's `reach`, never its own.

Rooms and kit are kept with `blocked_span` too; a client's own diary with the service alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from unknot.kernel.errors import InvalidError

BUFFER_RULES = ("sum", "larger")
Span = tuple[datetime, datetime]


class VisitLengthError(InvalidError):
    """A visit lasts at least one minute, its buffers are not negative, and the buffer rule is "sum" or "larger"."""

    code = "visit-length"


@dataclass(frozen=True, slots=True)
class Claims:
    """The two rows of the exact scheme: each half-open, in UTC."""

    core: Span
    reach: Span


def _check(starts_at: datetime, minutes: int, before: int, after: int, buffer_rule: str) -> None:
    if starts_at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    if minutes < 1 or before < 0 or after < 0 or buffer_rule not in BUFFER_RULES:
        raise VisitLengthError(field="minutes")


def service_span(starts_at: datetime, minutes: int) -> Span:
    """The service itself, [start, end)."""
    _check(starts_at, minutes, 0, 0, "sum")
    return starts_at, starts_at + timedelta(minutes=minutes)


def blocked_span(starts_at: datetime, minutes: int, *, before: int, after: int, buffer_rule: str) -> Span:
    """The stored range [from, until) of a visit, buffers in minutes; see the top of this file.

    Raises `VisitLengthError`.
    """
    _check(starts_at, minutes, before, after, buffer_rule)
    kept_before = before if buffer_rule == "sum" else 0
    return starts_at - timedelta(minutes=kept_before), starts_at + timedelta(minutes=minutes + after)


def claims(starts_at: datetime, minutes: int, *, before: int, after: int, buffer_rule: str) -> Claims:
    """The two stored ranges of the exact scheme. Raises `VisitLengthError`."""
    _check(starts_at, minutes, before, after, buffer_rule)
    reach = (starts_at - timedelta(minutes=before), starts_at + timedelta(minutes=minutes + after))
    return Claims(reach if buffer_rule == "sum" else service_span(starts_at, minutes), reach)
