"""Why a start can't be booked: for staff a sentence, for the booking itself the code of a refusal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from unknot.availability.queries import Busy, Refusal, cell_up
from unknot.availability.queries import why_not as availability_why_not
from unknot.booking.domain.wording import clock
from unknot.booking.queries.board import Board, Question, load
from unknot.booking.queries.pools import free_room, missing_kit, place_fits
from unknot.booking.queries.slots import (
    Candidate,
    Sweep,
    base_of,
    candidates,
    clinic_sweep,
    home_sweep,
    in_area,
    places_of,
)
from unknot.booking.queries.workload import day_full
from unknot.kernel.zones import exists, instant_of, local, minute_of, to_utc
from unknot.practice.queries import PlaceFacts, PracticeFacts, ServiceFacts, TherapistFacts
from unknot.travel.queries import Point, Stop, promised_drive

RANK = (
    *("taken", "their-buffer", "own-buffer", "no-room", "no-kit", "day-full", "unreachable"),
    *("no-fitting-room", "kit-missing", "closed", "outside-area"),
)
"""With several therapists: the reason of the one who came closest is told."""


def why_not(
    *,
    practice: PracticeFacts,
    service: ServiceFacts,
    wall: datetime,
    now: datetime,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    home: Point | None = None,
    ignore: UUID | None = None,
    freely: bool = False,
    extras: Sequence[ServiceFacts] = (),
    needs: Sequence[str] = (),
) -> Refusal | None:
    """Why the visit can't start when the practice's clock shows `wall` (naive), or None if it can be booked.

    For staff: the sentence names times of other visits. Codes: skipped-hour, past, past-notice, past-horizon, off-grid,
    closed, taken, their-buffer, own-buffer, day-full, no-room, no-fitting-room, no-kit, kit-missing, unreachable,
    outside-area, nobody.
    """
    if not exists(wall, practice.timezone):
        return Refusal("skipped-hour", f"The clock skips {wall:%H:%M} that day.")
    starts_at = to_utc(wall, practice.timezone)
    day = wall.date()
    question = Question(
        practice=practice,
        service=service,
        first=day,
        last=day,
        now=now,
        therapist_slug=therapist_slug or None,
        place_slug=place_slug or None,
        home=home,
        ignore=ignore,
        freely=freely,
        extras=tuple(extras),
        needs=tuple(needs),
    )
    board = load(question)
    return None if at(board, starts_at) else refusal(board, starts_at)


def at(board: Board, starts_at: datetime) -> list[Candidate]:
    """Who could start exactly then. The offer's own sweep, so that what is offered is bookable and nothing else is."""
    minute = minute_of(starts_at)
    return [one for one in candidates(board) if one.minute == minute] if minute * 60 == starts_at.timestamp() else []


def refusal(board: Board, starts_at: datetime) -> Refusal:
    """Why nobody on the board can start then."""
    question = board.question
    if starts_at <= question.now:
        return Refusal("past", "That time has passed.")
    found = [_one(board, therapist, starts_at) for therapist in board.team]
    reasons = sorted((one for many in found for one in many), key=_rank)
    return reasons[0] if reasons else Refusal("nobody", "Nobody here gives this service there.")


def refusal_of(board: Board, therapist: TherapistFacts, starts_at: datetime) -> Refusal:
    """Why this therapist can't start then, for a start that is not among the board's candidates."""
    if starts_at <= board.question.now:
        return Refusal("past", "That time has passed.")
    return min(_one(board, therapist, starts_at), key=_rank)


def _rank(one: Refusal) -> int:
    return RANK.index(one.code) if one.code in RANK else -1


def _one(board: Board, therapist: TherapistFacts, starts_at: datetime) -> list[Refusal]:
    if not board.question.at_home:
        return _clinic(board, therapist, starts_at)
    if not in_area(board, therapist):
        far = f"That is further than {therapist.travel_km} km from where {therapist.name} starts."
        return [Refusal("outside-area", far)]
    windows, stops = home_sweep(board, therapist)
    sweep = Sweep(
        [(start // 5, end // 5) for start, end in windows],
        [Busy(stop.starts // 5, -(-stop.ends // 5)) for stop in stops],
    )
    found = _ask(board, sweep, starts_at) or _full(board, therapist, starts_at) or _kit(board, None, starts_at)
    return [found or Refusal("unreachable", _drives(board, therapist, windows, stops, minute_of(starts_at)))]


def _drives(
    board: Board, therapist: TherapistFacts, windows: Sequence[tuple[int, int]], stops: Sequence[Stop], starts: int
) -> str:
    """Which drive does not fit before or after a visit at home that starts then (UTC minute), in words for staff."""
    question, drive, base = board.question, promised_drive(), base_of(board, therapist)
    here = question.home or Point(0.0, 0.0)
    arrives, leaves = starts - question.before, starts + question.minutes + question.after
    before = max((one for one in stops if one.ends <= starts), key=lambda one: one.ends, default=None)
    after = min((one for one in stops if one.starts >= starts), key=lambda one: one.starts, default=None)
    window = next((one for one in windows if one[0] <= starts < one[1]), None)
    if before and before.point and before.ends + drive(before.point, here) > arrives:
        way = drive(before.point, here)
        return f"{way} minutes' drive from the visit before, which lets go at {_clock(board, before.ends)}."
    if after and after.point and leaves + drive(here, after.point) > after.starts:
        way = drive(here, after.point)
        return (
            f"{way} minutes' drive on to the next visit, which needs {therapist.name} at {_clock(board, after.starts)}."
        )
    if base and window and window[0] + drive(base, here) > arrives:
        return f"{drive(base, here)} minutes' drive from where the day starts, at {_clock(board, window[0])}."
    if base and window and leaves + drive(here, base) > window[1]:
        return f"{drive(here, base)} minutes' drive back before the hours end, at {_clock(board, window[1])}."
    return f"{therapist.name} can't get there and on to the next visit in time."


def _clock(board: Board, minute: int) -> str:
    return clock(local(instant_of(minute), board.question.practice.timezone))


def _clinic(board: Board, therapist: TherapistFacts, starts_at: datetime) -> list[Refusal]:
    found = []
    for place, hours in places_of(board, therapist):
        why = _ask(board, clinic_sweep(board, therapist, place, hours), starts_at)
        why = (
            why or _full(board, therapist, starts_at) or _room(board, place, starts_at) or _kit(board, place, starts_at)
        )
        if why is not None:
            found.append(why)
    return found or [Refusal("closed", f"{therapist.name} does not work there.")]


def _full(board: Board, therapist: TherapistFacts, starts_at: datetime) -> Refusal | None:
    which = day_full(board, therapist, local(starts_at, board.question.practice.timezone).date())
    return Refusal("day-full", f"{therapist.name}'s day is full: {which}.") if which else None


def _room(board: Board, place: PlaceFacts, starts_at: datetime) -> Refusal | None:
    if not place_fits(board, place):
        return Refusal("no-fitting-room", f"No room at {place.name} has what this client needs.")
    if board.rooms.get(place.id) and free_room(board, place, starts_at) is None:
        fitting = " that fits" if board.question.needs else ""
        return Refusal("no-room", f"Every room{fitting} at {place.name} is taken then.")
    return None


def _kit(board: Board, place: PlaceFacts | None, starts_at: datetime) -> Refusal | None:
    missing = missing_kit(board, place, starts_at)
    if missing is None:
        return None
    name, exists = missing
    if not exists:
        return Refusal("kit-missing", f"There is no kit of this kind there: {name}.")
    return Refusal("no-kit", f"In use by other visits then: {name}.")


def _ask(board: Board, sweep: Sweep, starts_at: datetime) -> Refusal | None:
    question = board.question
    first, end = question.bounds()
    zone = question.practice.timezone
    return availability_why_not(
        starts_at,
        windows=sweep.windows,
        busy=sweep.busy,
        zone=zone,
        minutes=question.minutes,
        before=question.before,
        after=question.after,
        grid_min=question.practice.grid_minutes,
        buffer_rule=question.practice.buffer_rule,
        not_before=cell_up(first),
        not_after=cell_up(end) - 1,
    )
