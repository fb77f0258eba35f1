"""The workload guard: on which days a therapist takes no more of what is asked for."""

from datetime import date, timedelta
from uuid import UUID

from unknot.booking.domain.workload import Limits, Load
from unknot.booking.queries.board import Board
from unknot.kernel.zones import local, local_day_bounds, minute_of
from unknot.practice.queries import TherapistFacts


def full_days(board: Board, therapist: TherapistFacts) -> list[tuple[int, int]]:
    """Stretches of UTC minutes, sorted, in which the therapist starts no such visit: whole local days."""
    zone = board.question.practice.timezone
    found = []
    for day in days_asked(board):
        if day_full(board, therapist, day):
            opens, closes = local_day_bounds(day, zone)
            found.append((minute_of(opens), minute_of(closes)))
    return found


def days_asked(board: Board) -> list[date]:
    """The local days in question."""
    question = board.question
    return [question.first + timedelta(days=number) for number in range((question.last - question.first).days + 1)]


def day_full(board: Board, therapist: TherapistFacts, day: date) -> str:
    """Which limit of the therapist this visit would break on that local day, in words; empty if none. Staff who set the
    rules aside are not held up."""
    limits = Limits(therapist.most_visits, therapist.most_minutes, therapist.most_deep_minutes)
    if not limits.any or board.question.freely:
        return ""
    return limits.exceeded(_loads(board, therapist.account_id).get(day, Load()), board.question.load)


def _loads(board: Board, account_id: UUID) -> dict[date, Load]:
    """What the therapist has in this practice's diary, by local day of the start."""
    if account_id not in board.loads:
        zone, loads = board.question.practice.timezone, dict[date, Load]()
        for one in board.taken.get(account_id, ()):
            day = local(one.starts_at, zone).date()
            loads[day] = loads.get(day, Load()) + one.load
        board.loads[account_id] = loads
    return board.loads[account_id]
