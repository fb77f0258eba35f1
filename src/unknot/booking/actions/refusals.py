"""Why a start is refused, in words for the one who wanted it. What others have in the diary is never told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from unknot.availability.queries import Refusal
from unknot.booking.domain.limits import TooFarAheadError, TooSoonError
from unknot.booking.queries.board import Question, load
from unknot.booking.queries.slots import candidates, slot_of
from unknot.kernel.errors import ConflictError, InvalidError, UnknotError
from unknot.kernel.zones import instant_of, minute_of
from unknot.travel.queries import OutsideAreaError

ALTERNATIVES = 3
DAYS_AHEAD = 14


class SlotTakenError(ConflictError):
    """That time was just taken. Nothing was booked; here are the nearest times that are still free."""

    code = "slot-taken"


class LocalStartError(InvalidError):
    """A start looks like 2026-11-17T09:00, by the practice's clock. Nothing was booked."""

    code = "local-start"


class SkippedHourError(InvalidError):
    """The clock skips that hour on that day. Nothing was booked; choose another time."""

    code = "skipped-hour"


class PastStartError(InvalidError):
    """That time has passed. Nothing was booked; choose a later one."""

    code = "past-start"


class OffGridError(InvalidError):
    """Visits don't start at that minute here. Nothing was booked; choose one of the times shown."""

    code = "off-grid"


class OutsideHoursError(InvalidError):
    """That visit would not lie wholly inside opening hours. Nothing was booked; choose one of the times shown."""

    code = "outside-hours"


class NotGivenError(InvalidError):
    """Nobody you asked for gives this service there. Nothing was booked; choose another therapist, place or service."""

    code = "not-given"


class NoFittingRoomError(InvalidError):
    """No room there has what you need. Nothing was booked; choose another place, or call us and we find a way."""

    code = "no-fitting-room"


class KitMissingError(InvalidError):
    """What this massage needs is not there. Nothing was booked; choose another place or massage."""

    code = "kit-missing"


TAKEN = {
    "taken": "That time was just taken. Nothing was booked; here are the nearest times that are still free.",
    "their-buffer": "That start runs into time kept for another visit. Nothing was booked; these times are free.",
    "own-buffer": "This visit needs time around it that is not free there. Nothing was booked; these times are free.",
    "no-room": "The last free room was just taken for that time. Nothing was booked; here are the nearest free times.",
    "day-full": "That day is full for this therapist, whose hands have to last. Nothing was booked; these are free.",
    "no-kit": "What this massage needs is in use at that time. Nothing was booked; here are the nearest free times.",
    "unreachable": "The therapist can't reach that address in time then. Nothing was booked; these times work.",
}
REFUSED: dict[str, Callable[[], InvalidError]] = {
    "past": lambda: PastStartError(field="starts_at"),
    "past-notice": lambda: TooSoonError(field="starts_at"),
    "past-horizon": lambda: TooFarAheadError(field="starts_at"),
    "off-grid": lambda: OffGridError(field="starts_at"),
    "closed": lambda: OutsideHoursError(field="starts_at"),
    "repeated-hour": lambda: OffGridError(field="starts_at"),
    "skipped-hour": lambda: SkippedHourError(field="starts_at"),
    "outside-area": lambda: OutsideAreaError(field="home"),
    "no-fitting-room": lambda: NoFittingRoomError(field="place"),
    "kit-missing": lambda: KitMissingError(field="service"),
    "nobody": lambda: NotGivenError(field="therapist"),
}


class NotFreeError(Exception):
    """Carries a refusal out of the locked part, so that alternatives are looked for without holding anybody up."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason
        super().__init__(reason.code)


def refused(reason: str, question: Question, starts_at: datetime) -> UnknotError:
    """The error to raise for a reason's code; a taken start brings up to three alternatives. Raises nothing itself."""
    if reason in REFUSED:
        return REFUSED[reason]()
    return SlotTakenError(
        TAKEN.get(reason, TAKEN["taken"]),
        field="starts_at",
        extra={"reason": reason, "alternatives": alternatives(question, starts_at)},
    )


def alternatives(question: Question, starts_at: datetime) -> list[dict[str, object]]:
    """Up to three free slots near a start, the wanted therapist's first, as dicts for JSON."""
    today = (question.first - timedelta(days=1)) if starts_at > question.now + timedelta(days=1) else question.first
    wide = replace(question, first=today, last=question.last + timedelta(days=DAYS_AHEAD), therapist_slug=None)
    minute, wanted = minute_of(starts_at), question.therapist_slug
    found = sorted(
        candidates(load(wide)),
        key=lambda one: (wanted not in (None, one.therapist.slug), abs(one.minute - minute), one.extra, one.minute),
    )
    times: dict[datetime, dict[str, object]] = {}
    for one in found:
        times.setdefault(instant_of(one.minute), slot_of(wide, one).as_dict())
        if len(times) == ALTERNATIVES:
            break
    return [times[at] for at in sorted(times)]
