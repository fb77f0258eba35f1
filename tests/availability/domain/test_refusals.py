"""The sentences; that a reason is given exactly for what is not offered is proved in `test_slots`."""

from datetime import UTC, datetime

import pytest

from unknot.availability.domain.cells import Busy, cell_of
from unknot.availability.domain.refusals import Refusal, why_not
from unknot.availability.domain.slots import SlotQuestionError

ZONE = "Europe/Berlin"


def at(hour: int, minute: int = 0) -> datetime:
    """Wall time in Berlin on 4 May 2027 (two hours ahead of UTC)."""
    return datetime(2027, 5, 4, hour - 2, minute, tzinfo=UTC)


def ask(start: datetime, *, rule: str = "sum", minutes: int = 60) -> Refusal | None:
    return why_not(
        start,
        windows=[(cell_of(at(9)), cell_of(at(17)))],
        busy=[Busy(cell_of(at(12)), cell_of(at(13)), before=2, after=3)],
        zone=ZONE,
        minutes=minutes,
        before=5,
        after=10,
        grid_min=15,
        buffer_rule=rule,
        not_before=cell_of(at(8, 30)),
        not_after=cell_of(at(16, 30)),
    )


@pytest.mark.parametrize(
    ("start", "code", "sentence"),
    [
        (at(8), "past-notice", "08:00 is too soon: the first start allowed is 2027-05-04 08:30."),
        (at(16, 45), "past-horizon", "The diary is open for booking until 2027-05-04 16:30."),
        (at(9, 10), "off-grid", "Visits start every 15 minutes by the clock; 09:10 is between two."),
        (at(16, 30), "closed", "16:30–17:30 is not wholly inside opening hours (open 09:00–17:00)."),
        (at(11, 15), "taken", "The time 12:00–13:00 is already taken."),
        (
            at(13),
            "their-buffer",
            "That runs into the buffer of 12:00–13:00: 10 minutes before and 15 after it are kept free.",
        ),
        (at(13, 15), "own-buffer", "This visit needs 5 minutes before and 10 after, which runs into 12:00–13:00."),
    ],
)
def test_each_reason_in_words(start: datetime, code: str, sentence: str) -> None:
    assert ask(start) == Refusal(code, sentence)


def test_nothing_against_a_free_time() -> None:
    assert ask(at(13, 30)) is None
    assert ask(at(13, 15), rule="larger") is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(SlotQuestionError):
        ask(at(10), minutes=0)
    with pytest.raises(SlotQuestionError):
        ask(at(10), rule="average")
