"""A whole day's answer to "why is this time not offered": each start of the grid, by therapist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from unknot.availability.queries import Refusal
from unknot.booking.queries.board import Board, Question, load
from unknot.booking.queries.reasons import refusal_of
from unknot.booking.queries.slots import base_of, candidates
from unknot.kernel.zones import local, local_day_bounds, minute_of
from unknot.practice.queries import PracticeFacts, ServiceFacts, TherapistFacts
from unknot.travel.queries import Point, great_circle_km, promised_drive

SHORT = {
    "past": "That time has passed.",
    "past-notice": "Sooner than clients may book online.",
    "past-horizon": "Further ahead than the diary is open.",
    "closed": "Outside working hours, or the visit would not end within them.",
    "own-buffer": "The set-up or clean-up of this visit would run into another visit.",
}
"""Said once for a stretch of starts; the other sentences name what stands in the way."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Starts in a row with the same answer, the last one included: local wall times. `code` "free" if they can be
    booked."""

    first: datetime
    last: datetime
    code: str
    sentence: str

    @property
    def is_free(self) -> bool:
        return self.code == "free"


@dataclass(frozen=True, slots=True)
class TherapistDay:
    """A therapist's day, without the hours of the night before and after. `way`: how far a home visit is, in words."""

    therapist: TherapistFacts
    stretches: tuple[Stretch, ...]
    free: int
    way: str = ""


def day_reasons(
    *,
    practice: PracticeFacts,
    service: ServiceFacts,
    day: date,
    now: datetime,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    extras: Sequence[ServiceFacts] = (),
    needs: Sequence[str] = (),
    home: Point | None = None,
) -> list[TherapistDay]:
    """Why each start of a local day at the clinic, or at `home`, is offered or not, by therapist who gives all of it.
    For staff: the sentences name times of other visits. The number of queries does not depend on how many therapists
    or starts there are.
    """
    question = Question(
        practice=practice,
        service=service,
        first=day,
        last=day,
        now=now,
        therapist_slug=therapist_slug or None,
        place_slug=place_slug or None,
        extras=tuple(extras),
        needs=tuple(needs),
        home=home,
    )
    board = load(question)
    free: dict[UUID, set[int]] = {one.id: set() for one in board.team}
    for start in candidates(board):
        free[start.therapist.id].add(start.minute)
    return [_day(board, one, free[one.id]) for one in board.team]


def _day(board: Board, therapist: TherapistFacts, free: set[int]) -> TherapistDay:
    zone = board.question.practice.timezone
    found: list[Stretch] = []
    count = 0
    for starts_at in _grid(board):
        wall = local(starts_at, zone).replace(tzinfo=None)
        if minute_of(starts_at) in free:
            why, count = Refusal("free", "Free"), count + 1
        else:
            why = refusal_of(board, therapist, starts_at)
            why = Refusal(why.code, SHORT.get(why.code, why.sentence))
        if found and (found[-1].code, found[-1].sentence) == (why.code, why.sentence):
            found[-1] = Stretch(found[-1].first, wall, why.code, why.sentence)
        else:
            found.append(Stretch(wall, wall, why.code, why.sentence))
    return TherapistDay(therapist, tuple(_without_nights(found)), count, _way(board, therapist))


def _way(board: Board, therapist: TherapistFacts) -> str:
    base, here = base_of(board, therapist), board.question.home
    if base is None or here is None:
        return ""
    far = f"{great_circle_km(base, here):.0f} km from where the day starts, of {therapist.travel_km} km at most"
    return f"{far}; {promised_drive()(base, here)} minutes' drive, as nine trips in ten keep to"


def _grid(board: Board) -> list[datetime]:
    """The starts of the grid that the clock shows on that day for the first time."""
    question = board.question
    zone, step = question.practice.timezone, question.practice.grid_minutes
    moment, closes = local_day_bounds(question.first, zone)
    found = []
    while moment < closes:
        wall = local(moment, zone)
        if not (wall.hour * 60 + wall.minute) % step and not wall.fold:
            found.append(moment)
        moment += timedelta(minutes=5)
    return found


def _without_nights(stretches: list[Stretch]) -> list[Stretch]:
    """Without the closed hours at both ends, unless the whole day is closed."""
    kept = stretches[1:] if len(stretches) > 1 and stretches[0].code == "closed" else stretches
    return kept[:-1] if len(kept) > 1 and kept[-1].code == "closed" else kept
