"""The longer questions: at the start of care, after four and after ten weeks, asked once and reminded of once.

Weeks and instruments are the default set of the clinical reference 5.2 [P]; windows, reminders and the pause after
which care begins anew are proposals of ours [P]. The Roland-Morris form is on paper (decision 0017): it is due in the
same weeks for back pain, and the therapist writes its score down.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

ROUNDS_VERSION = "rounds-2026.1"
EARLY_DAYS = 3
STAYS_OPEN = {0: 14, 4: 21, 10: 28}
"""Week of care -> days after its due day until which it may be answered."""
REMINDERS = (0, 4)
"""Days after the due day on which a message leaves: the question, one reminder, then silence."""
NEW_CARE_DAYS = 180
"""After so long a pause without a visit, care begins anew."""
ASKED: Mapping[int, tuple[str, ...]] = {0: ("psfs",), 4: ("psfs", "pgic"), 10: ("psfs", "pgic")}
ON_PAPER = "rmdq"
BACK = frozenset({"low_back", "sacrum"})


@dataclass(frozen=True, slots=True)
class Round:
    """Questions that are open: week of care, due day, last day, and which instruments wait for an answer."""

    week: int
    due_on: date
    last_day: date
    asks: tuple[str, ...]

    @property
    def context(self) -> str:
        """The context under which the answers are stored."""
        return "review" if self.week else "intake"


def care_start(visit_days: Iterable[date]) -> date | None:
    """The day on which the present care began: the first visit after the last long pause; None without visits.

    `visit_days`: local days of visits that took place or are booked, in any order.
    """
    days = sorted(set(visit_days))
    if not days:
        return None
    fresh = [later for earlier, later in pairwise(days) if (later - earlier).days > NEW_CARE_DAYS]
    return fresh[-1] if fresh else days[0]


def round_on(start: date, day: date) -> Round | None:
    """The round whose window holds `day`, with everything it asks, or None."""
    for week, asks in ASKED.items():
        due = start + timedelta(weeks=week)
        last = due + timedelta(days=STAYS_OPEN[week])
        if due - timedelta(days=EARLY_DAYS) <= day <= last or (week == 0 and day < start):
            return Round(week, due, last, asks)
    return None


def open_round(start: date, day: date, answered: Mapping[str, Sequence[date]]) -> Round | None:
    """The round open on `day` with what it still asks, or None if there is none or all is answered.

    `answered`: instrument -> local days of its ratings. A rating counts for a round from its opening on; for the first
    round every earlier one counts that is no older than the pause between two cares.
    """
    found = round_on(start, day)
    if found is None:
        return None
    since = found.due_on - timedelta(days=EARLY_DAYS if found.week else NEW_CARE_DAYS)
    left = tuple(one for one in found.asks if not any(since <= on <= day for on in answered.get(one, ())))
    return Round(found.week, found.due_on, found.last_day, left) if left else None


def form_due(start: date, day: date, answered: Sequence[date], weeks: Collection[int]) -> int | None:
    """The week of care for which a questionnaire asked in `weeks` waits for an answer on `day`, or None."""
    found = round_on(start, day)
    if found is None or found.week not in weeks:
        return None
    since = found.due_on - timedelta(days=EARLY_DAYS if found.week else NEW_CARE_DAYS)
    return None if any(since <= on <= day for on in answered) else found.week


def paper_due(start: date, day: date, answered: Sequence[date], regions: Iterable[str]) -> bool:
    """True while the paper form for backs is due and no score of it was written down in this round's window."""
    return bool(BACK.intersection(regions)) and form_due(start, day, answered, ASKED) is not None


def writing_days(start: date) -> list[tuple[int, int, date]]:
    """Every day on which a message asks: (week, number of the message from 0, day). The first week is asked on pages
    only, so that a new client gets no extra mail."""
    return [
        (week, number, start + timedelta(weeks=week, days=after))
        for week in ASKED
        if week
        for number, after in enumerate(REMINDERS)
    ]
