"""Who may review, what a review may say, and what an average is worth.

Sources: our own rules [P]; the bar "only people with a completed visit can review" (peers, row R1).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from unknot.kernel.errors import InvalidError, NotAllowedError

REVIEW_WINDOW = timedelta(days=180)  # [P] long enough for a course of treatment, short enough to remember
SHORTEST_TEXT, LONGEST_TEXT = 10, 2_000  # [P] characters; an empty text is fine, stars alone say something
# [P] Below this many reviews no average is shown: one angry or one friendly voice would be the whole truth, and the
# reviewer of a therapist with one visit could be recognised by that therapist's other clients.
SMALLEST_SHOWN = 5
# [P] The ranking pretends that everyone already has this many reviews at the platform's mean.
PRIOR_WEIGHT = 10
PRIOR_MEAN_MILLISTARS = 4_300


class ReviewRefusal(StrEnum):
    """Why somebody may not review a visit."""

    NOT_YOURS = "not_yours"
    NOT_COMPLETED = "not_completed"
    TOO_LATE = "too_late"
    ALREADY = "already"


class ReviewNotAllowedError(NotAllowedError):
    """This visit can't be reviewed."""

    code = "review-not-allowed"


class ReviewInvalidError(InvalidError):
    """The review was not saved. Change what is marked and send it again."""

    code = "review-invalid"


@dataclass(frozen=True, slots=True)
class VisitToReview:
    """What matters of a visit: whose, when it was completed (None: not), and whether it has its review."""

    client_id: str
    completed_at: datetime | None
    reviewed: bool


@dataclass(frozen=True, slots=True)
class TextHint:
    """Something to reconsider before publishing. `blocking` ones have to go; the others are the author's choice."""

    kind: str
    excerpt: str
    message: str
    blocking: bool


_REFUSALS = {
    ReviewRefusal.NOT_YOURS: "Only the client of this visit can review it.",
    ReviewRefusal.NOT_COMPLETED: "A visit can be reviewed once it has taken place.",
    ReviewRefusal.TOO_LATE: "This visit was more than 180 days ago. You can review your next one.",
    ReviewRefusal.ALREADY: "You have already reviewed this visit. You can change that review instead.",
}

_HINTS: tuple[tuple[str, re.Pattern[str], str, bool], ...] = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"), "Leave out e-mail addresses.", True),
    ("link", re.compile(r"(?:https?://|www\.)\S{1,200}", re.IGNORECASE), "Leave out web addresses.", True),
    ("phone", re.compile(r"(?<!\d)(?:\+?\d[\s().-]{0,2}){7,15}(?!\d)"), "Leave out phone numbers.", True),
    ("handle", re.compile(r"(?<![\w@])@\w{3,30}"), "Leave out account names.", True),
    (
        "health",
        re.compile(
            r"\b(?:diagnos\w+|cancer|pregnan\w+|depress\w+|anxiety|surgery|fibromyalgia|arthritis|sciatica|herniat\w+"
            r"|medications?|blood pressure|diabet\w+|migraines?|ptsd|injur(?:y|ies)|disease|disorder|hiv)\b",
            re.IGNORECASE,
        ),
        "This may tell readers about your health. Reviews are public; leave it in only if you want to.",
        False,
    ),
)


def review_refusal(visit: VisitToReview, *, client_id: str, now: datetime) -> ReviewRefusal | None:
    """Why this client may not review this visit now, or None. `now` and the visit's time are UTC-aware."""
    if visit.client_id != client_id:
        return ReviewRefusal.NOT_YOURS
    if visit.completed_at is None or visit.completed_at > now:
        return ReviewRefusal.NOT_COMPLETED
    if visit.reviewed:
        return ReviewRefusal.ALREADY
    return ReviewRefusal.TOO_LATE if now - visit.completed_at > REVIEW_WINDOW else None


def require_may_review(visit: VisitToReview, *, client_id: str, now: datetime) -> None:
    """Raises ReviewNotAllowedError with the reason; says nothing if the client may review."""
    refusal = review_refusal(visit, client_id=client_id, now=now)
    if refusal is not None:
        raise ReviewNotAllowedError(_REFUSALS[refusal], extra={"reason": refusal.value})


def text_hints(text: str) -> tuple[TextHint, ...]:
    """Contact data (blocking) and health details (a hint) in a review's text, in reading order."""
    found = [
        (match.start(), TextHint(kind, match.group().strip(), message, blocking))
        for kind, pattern, message, blocking in _HINTS
        for match in pattern.finditer(text)
    ]
    return tuple(hint for _, hint in sorted(found, key=lambda pair: pair[0]))


def check_review(*, stars: int, text: str) -> str:
    """The text as it will be published: trimmed, control characters gone.

    Raises ReviewInvalidError for stars outside 1 to 5, a text that is too short or too long, or contact data.
    """
    if isinstance(stars, bool) or stars not in range(1, 6):
        raise ReviewInvalidError("Give one to five stars. Your text was kept.", field="stars")
    cleaned = "".join(char for char in text.replace("\r\n", "\n") if char == "\n" or char.isprintable()).strip()
    if cleaned and not SHORTEST_TEXT <= len(cleaned) <= LONGEST_TEXT:
        message = f"Write {SHORTEST_TEXT} to {LONGEST_TEXT} characters, or none. Your stars were kept."
        raise ReviewInvalidError(message, field="text")
    blocking = [hint for hint in text_hints(cleaned) if hint.blocking]
    if blocking:
        raise ReviewInvalidError(blocking[0].message, field="text", extra={"kinds": [hint.kind for hint in blocking]})
    return cleaned


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """What may be shown. `average` (one decimal, as text) and `by_stars` are None below `SMALLEST_SHOWN` reviews.

    `count` of `visits` completed visits were reviewed: the denominator that an average needs. None where the reader may
    not know it, as across practices.
    """

    count: int
    visits: int | None
    average: str | None
    by_stars: tuple[int, int, int, int, int] | None
    sentence: str


def rating_summary(stars: Iterable[int], *, visits: int | None) -> RatingSummary:
    """Summarise published stars of one therapist or practice with `visits` completed visits."""
    counts = [0, 0, 0, 0, 0]
    for star in stars:
        counts[star - 1] += 1
    count = sum(counts)
    if count < SMALLEST_SHOWN:
        said = "No reviews yet" if count == 0 else f"{count} review{'s' if count > 1 else ''}, too few for an average"
        return RatingSummary(count, visits, None, None, said)
    tenths = (2 * 10 * _sum_of_stars(counts) + count) // (2 * count)
    average = f"{tenths // 10}.{tenths % 10}"
    shown = (counts[0], counts[1], counts[2], counts[3], counts[4])
    sentence = f"{average} of 5 from {count} reviews"
    if visits is not None:
        sentence += f" of {max(visits, count)} completed visits"
    return RatingSummary(count, visits, average, shown, sentence)


def ranking_millistars(stars: Mapping[int, int]) -> int:
    """The average used for ranking, in thousandths of a star, drawn towards the prior mean.

    `stars` maps 1..5 to counts. (PRIOR_WEIGHT x PRIOR_MEAN + sum of stars) / (PRIOR_WEIGHT + count): with few reviews
    it stays near the prior, so a newcomer is neither first nor last [P].
    """
    count = sum(stars.values())
    total = sum(star * number for star, number in stars.items())
    return (PRIOR_WEIGHT * PRIOR_MEAN_MILLISTARS + 1_000 * total) // (PRIOR_WEIGHT + count)


def _sum_of_stars(counts: Iterable[int]) -> int:
    return sum(star * number for star, number in enumerate(counts, start=1))
