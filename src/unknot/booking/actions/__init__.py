"""The door of the diary for writing: hold, book, move, cancel, mark, and what time does."""

from unknot.booking.actions.booking import (
    ClientNeededError,
    NotSafeNowError,
    ScreeningNeededError,
    book,
    book_directly,
)
from unknot.booking.actions.cards import renew_cards, renew_marked
from unknot.booking.actions.changing import ChangeOverError, UnknownAnswerError, answer_change
from unknot.booking.actions.diary import ClientBusyError, DiaryBusyError
from unknot.booking.actions.ending import (
    MARKS,
    CancelOutcome,
    RequestOverError,
    UnknownMarkError,
    VisitOverError,
    cancel,
    close,
    mark,
)
from unknot.booking.actions.holding import ReasonNeededError, StaffOnlyError, hold_slot, release_hold, take_hold
from unknot.booking.actions.moving import MoveOutcome, NotMovableError, reschedule
from unknot.booking.actions.refusals import (
    KitMissingError,
    LocalStartError,
    NoFittingRoomError,
    NotGivenError,
    OffGridError,
    OutsideHoursError,
    PastStartError,
    SkippedHourError,
    SlotTakenError,
)
from unknot.booking.actions.series import (
    SeriesChoiceError,
    SeriesConflictError,
    SeriesEmptyError,
    SeriesWish,
    book_series,
    preview_series,
    take_series,
)
from unknot.booking.actions.upkeep import Rezoned, expire_holds, practices_to_keep, rezone
from unknot.booking.queries.visits import Hold, HoldOverError, UnknownHoldError

__all__ = [
    "MARKS",
    "CancelOutcome",
    "ChangeOverError",
    "ClientBusyError",
    "ClientNeededError",
    "DiaryBusyError",
    "Hold",
    "HoldOverError",
    "KitMissingError",
    "LocalStartError",
    "MoveOutcome",
    "NoFittingRoomError",
    "NotGivenError",
    "NotMovableError",
    "NotSafeNowError",
    "OffGridError",
    "OutsideHoursError",
    "PastStartError",
    "ReasonNeededError",
    "RequestOverError",
    "Rezoned",
    "ScreeningNeededError",
    "SeriesChoiceError",
    "SeriesConflictError",
    "SeriesEmptyError",
    "SeriesWish",
    "SkippedHourError",
    "SlotTakenError",
    "StaffOnlyError",
    "UnknownAnswerError",
    "UnknownHoldError",
    "UnknownMarkError",
    "VisitOverError",
    "answer_change",
    "book",
    "book_directly",
    "book_series",
    "cancel",
    "close",
    "expire_holds",
    "hold_slot",
    "mark",
    "practices_to_keep",
    "preview_series",
    "release_hold",
    "renew_cards",
    "renew_marked",
    "reschedule",
    "rezone",
    "take_hold",
    "take_series",
]
