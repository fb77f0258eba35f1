"""What the room tells: goals, ratings, a client's progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from unknot.outcomes.domain import Change, DayBand, Soreness
from unknot.outcomes.models import Measure
from unknot.outcomes.queries.wishes import WishFacts

GOAL_LEVELS = {
    -2: "No nearer than at the start",
    -1: "Part of the way",
    0: "As hoped",
    1: "More than hoped",
    2: "Much more than hoped",
}
"""Goal attainment in plain words (-2 to +2)."""


@dataclass(frozen=True)
class GoalFacts:
    """A goal in the client's words. `level` is the last attainment, -2 to +2, None if never rated; `course` every one,
    oldest first, and `change` what may be said about the first and the last; `steps` the levels in their words."""

    id: UUID
    words: str
    region: str
    set_at: datetime
    closed_at: datetime | None
    level: int | None = None
    steps: Mapping[int, str] = field(default_factory=dict)
    course: tuple[tuple[datetime, int], ...] = ()
    change: Change | None = None

    @property
    def level_words(self) -> str:
        """The attainment in plain words, empty if never rated."""
        return "" if self.level is None else GOAL_LEVELS[self.level]

    def step_words(self, level: int) -> str:
        """A level in the client's own words if they said, else in plain ones."""
        return self.steps.get(level) or GOAL_LEVELS[level]


@dataclass(frozen=True)
class MeasureFacts:
    """One stored rating. `taken_at` in UTC; `items` the rating of each activity, for activities the client chose.
    `answered` of `asked` items were given; `region` is where the pain is."""

    id: UUID
    instrument: str
    value: float
    window: str
    context: str
    taken_at: datetime
    appointment_id: UUID | None
    goal_id: UUID | None = None
    items: Mapping[str, float] = field(default_factory=dict)
    answered: int = 1
    asked: int = 1
    region: str = ""


@dataclass(frozen=True)
class SessionMark:
    """A completed visit on the time line: when, in which style (`deep` or `lighter`), what and with whom."""

    appointment_id: UUID
    starts_at: datetime
    day: date
    style: str
    minutes: int
    service_slug: str
    service_name: str
    therapist_slug: str
    therapist_name: str
    place_slug: str


@dataclass(frozen=True)
class MeasureSeries:
    """The ratings of one instrument by local day, and what may be said about the first and the last of them.

    `latest_items`: the latest rating of each activity, for activities the client chose. `blanks`: for each point how
    many items were answered, and of how many. `same`: values that count as about the same as the first; None for a
    measure that is itself a rating of change.
    """

    instrument: str
    name: str
    low: float
    high: float
    better: str
    points: tuple[tuple[date, float, str], ...]
    change: Change | None
    latest_items: tuple[tuple[str, float], ...] = ()
    blanks: tuple[tuple[int, int], ...] = ()
    same: tuple[float, float] | None = None


@dataclass(frozen=True)
class Signature:
    """A therapist's decision: as proposed, or adjusted with a reason. `interval_days` None: talk first."""

    by_name: str
    at: datetime
    adjusted: bool
    reason: str
    interval_days: int | None


@dataclass(frozen=True)
class CurrentProposal:
    """The next visit as proposed or, with a `signature`, as the therapist decided.

    `kind`: `general`, `learning`, `personal`, `held`; decided: `signed`, or `review` for a talk instead of a date.
    `sure`: `not_yet`, `a_little`, `fairly`. `style`: `deep` or `lighter`. `computed`: date and style as worked out,
    before any signature. `seen` names this very proposal in forms.
    """

    kind: str
    on: date | None
    interval_days: int | None
    style: str
    review_talk: bool
    why: tuple[str, ...]
    sure: str
    n_ratings: int
    with_session: tuple[DayBand, ...]
    without_session: tuple[DayBand, ...]
    rules_version: str
    computed: tuple[date | None, str]
    seen: str
    signature: Signature | None = None
    soreness: Soreness | None = None

    @property
    def sore_words(self) -> str:
        """How likely soreness is the day after, in one sentence; empty while nothing personal can be said."""
        if self.soreness is None:
            return ""
        lighter, deep = (round(100 * one) for one in (self.soreness.lighter, self.soreness.deep))
        count = self.soreness.answers
        rests = "one answer" if count == 1 else f"{count} answers"
        return (
            f"Sore the day after (3 or more of 10): about {lighter} of 100 times after lighter work, {deep} of 100 "
            f"after firm work, going by {rests} and what is usual."
        )

    @property
    def sure_words(self) -> str:
        """How sure this is and what it rests on, in one sentence."""
        rests = f"it rests on {self.n_ratings} of your own ratings" if self.n_ratings != 1 else "it rests on one rating"
        if self.sure == "not_yet":
            return "Not sure yet: there are too few ratings to say anything about you in particular."
        return f"{'Fairly sure' if self.sure == 'fairly' else 'A little sure'}: {rests}."


@dataclass(frozen=True)
class ProgressView:
    """A client's progress. `ratings` are those that count (average pain of 24 hours), `in_room` those only kept.
    `may_compare`: firm work is wanted and nothing speaks against it, so lighter and firm visits could take turns."""

    client_id: UUID
    client_name: str
    timezone: str
    today: date
    ratings: MeasureSeries
    others: tuple[MeasureSeries, ...]
    in_room: tuple[MeasureFacts, ...]
    sessions: tuple[SessionMark, ...]
    pattern: tuple[DayBand, ...]
    goals: tuple[GoalFacts, ...]
    proposal: CurrentProposal
    next_visit_at: datetime | None
    next_visit_id: UUID | None
    wish: WishFacts
    may_compare: bool

    @property
    def last_session(self) -> SessionMark | None:
        """The latest completed visit."""
        return self.sessions[-1] if self.sessions else None


def measure_facts(row: Measure) -> MeasureFacts:
    """A stored rating as a value."""
    goal, items = row.value.get("goal"), row.value.get("items", {})
    given = {name: float(rating) for name, rating in items.items() if rating is not None}
    return MeasureFacts(
        id=row.pk,
        instrument=row.instrument,
        value=float(row.value["value"]),
        window=row.window,
        context=row.context,
        taken_at=row.taken_at,
        appointment_id=row.appointment_id,
        goal_id=UUID(goal) if goal else None,
        items=given,
        answered=int(row.value.get("answered", len(given) or 1)),
        asked=int(row.value.get("asked", len(items) or 1)),
        region=str(row.value.get("region", "")),
    )
