"""Which longer questions are open for a client, and whether anybody should be written to about them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.zones import local
from unknot.outcomes import domain
from unknot.outcomes.queries.facts import MeasureFacts
from unknot.outcomes.queries.questionnaires import in_use
from unknot.outcomes.queries.records import may_read, measures_of
from unknot.practice import queries as practice

COUNTED = frozenset({"requested", "confirmed", "arrived", "in_session", "completed"})
CHOSEN = 5  # activities at most


@dataclass(frozen=True)
class OpenForm:
    """A questionnaire that waits for this client's answers."""

    id: UUID
    form: domain.Questionnaire


@dataclass(frozen=True)
class RoundFacts:
    """What is open for a client. `round` None: nothing of our own now. `activities`: those they chose before, in their
    order. `paper`: the form for backs is due on paper (for the therapist). `last_visit`: the latest that took place.
    `forms`: questionnaires the practice brought that wait for an answer, and `week` of care they belong to.
    """

    start: date | None
    round: domain.Round | None
    activities: tuple[str, ...]
    paper: bool
    last_visit: VisitFacts | None
    forms: tuple[OpenForm, ...] = ()
    week: int | None = None


def round_for(client_id: UUID, *, by: Actor, now: datetime) -> RoundFacts:
    """The longer questions open for a client at `now`. Raises NotFoundError. Five queries; the ratings themselves are
    not in it, so that it is no reading of a chart.
    """
    may_read(client_id, by=by)
    visits = [one for one in booking.visits_of(client_id, by=by) if one.state in COUNTED]
    zone = practice.practice(by.practice_id).timezone if by.practice_id else "UTC"
    today = local(now, zone).date()
    start = domain.care_start(local(one.starts_at, zone).date() for one in visits)
    measures = measures_of(client_id)
    done = [one for one in visits if one.state == "completed"]
    last = max(done, key=lambda one: one.starts_at, default=None)
    chosen = _chosen(measures)
    if start is None:
        return RoundFacts(None, None, chosen, paper=False, last_visit=last)
    days = {slug: _days(measures, slug, zone) for slug in ("psfs", "pgic", domain.ON_PAPER)}
    told = intake.current_intake(client_id=client_id)
    regions = told.regions if told is not None else ()
    forms, week, on_screen = [], None, False
    for form_id, form in in_use().items():
        on_screen = on_screen or form.slug == domain.ON_PAPER
        wanted = not form.regions or bool(form.regions.intersection(regions))
        due = domain.form_due(start, today, _days(measures, form.slug, zone), form.weeks) if wanted else None
        if due is not None:
            week = due
            forms.append(OpenForm(form_id, form))
    paper = not on_screen and domain.paper_due(start, today, days[domain.ON_PAPER], regions)
    mine = domain.open_round(start, today, days)
    return RoundFacts(start, mine, chosen, paper, last, tuple(forms), mine.week if mine else week)


def _chosen(measures: list[MeasureFacts]) -> tuple[str, ...]:
    """The activities of the first rating that had any, so that like is compared with like."""
    return next((tuple(one.items) for one in measures if one.instrument == "psfs" and one.items), ())[:CHOSEN]


def _days(measures: list[MeasureFacts], slug: str, zone: str) -> list[date]:
    return [local(one.taken_at, zone).date() for one in measures if one.instrument == slug]
