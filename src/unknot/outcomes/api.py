"""Ratings in; trend, expectations and the proposal out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.outcomes import actions, queries
from unknot.outcomes.domain import Change, DayBand
from unknot.outcomes.queries import CurrentProposal, MeasureFacts, MeasureSeries, ProgressView
from unknot.people import queries as people
from unknot.practice import queries as practice
from unknot.web.access import SIGNED_IN
from unknot.web.api import NUMERIC, ApiRequest, Instant, ShortText, call, in_practice, refusals

router = Router(tags=["outcomes"])
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$")]


class ActivityIn(Schema):
    """One activity the client chose, 0 (unable) to 10 (as before)."""

    name: ShortText
    rating: Annotated[int, Field(ge=0, le=10), NUMERIC]


class MeasureIn(Schema):
    """One rating. Give `value`, or `activities` for the measure `psfs`."""

    instrument: Word = Field(
        description="nprs, psfs, pgic, grc, rmdq, ftf, mschober, mmst, soreness, goal, or a questionnaire in use"
    )
    value: Annotated[float, Field(ge=-1000, le=1000), NUMERIC] | None = None
    activities: Annotated[list[ActivityIn], Field(min_length=1, max_length=5)] | None = None
    window: Literal["", "now", "average_24h", "worst_7d"] = Field("", description="The time asked about; pain needs it")
    context: Literal["intake", "weekly", "before", "in_room", "day_after", "day_three", "review"] = "weekly"
    taken_at: Instant | None = Field(None, description="Now if left out; at most seven days ago")
    appointment: UUID | None = None
    goal: UUID | None = Field(None, description="For the measure `goal`")
    region: Annotated[str, Field(pattern=r"^([a-z][a-z_]{0,19})?$")] = Field(
        "", description="Where the pain is; for pain the place the client came for if left out"
    )


class MeasureOut(Schema):
    """A stored rating."""

    id: UUID
    instrument: str
    value: float
    window: str
    context: str
    taken_at: datetime


class PointOut(Schema):
    """One rating on a local day; `answered` of `asked` items were given."""

    day: date
    value: float
    context: str
    answered: int
    asked: int


class MeasuredChangeOut(Schema):
    """From the first to the last rating: `better`, `worse` or `about_same`, and the sentence that the client reads."""

    direction: str
    exceeds_mdc: bool
    exceeds_mic: bool | None
    sentence: str


class CourseOut(Schema):
    """All counted ratings of one instrument."""

    instrument: str
    name: str
    better: str
    points: list[PointOut]
    change: MeasuredChangeOut | None


class BandOut(Schema):
    """Expected pain on a day: 8 times out of 10 between `low` and `high`."""

    day: date
    mean: float
    low: float
    high: float


class SessionOut(Schema):
    """A completed visit."""

    appointment: UUID
    day: date
    style: str
    minutes: int


class GoalOut(Schema):
    """A goal in the client's words; `level` from -2 to 2, `steps` what the levels look like, as far as they said."""

    id: UUID
    words: str
    region: str
    level: int | None
    steps: dict[int, str]
    closed: bool


class ProposalOut(Schema):
    """The next visit as proposed, or as a therapist signed it."""

    kind: str
    on: date | None
    interval_days: int | None
    style: str
    review_talk: bool
    why: list[str]
    sure: str
    sure_words: str
    n_ratings: int
    with_session: list[BandOut]
    without_session: list[BandOut]
    rules_version: str
    signed: bool
    signed_by: str
    signed_at: datetime | None
    adjusted: bool


class ProgressOut(Schema):
    """Trend, bands and proposal of one client. `in_room` counts ratings that are kept but not judged by."""

    client: UUID
    timezone: str
    trend: CourseOut
    others: list[CourseOut]
    in_room: int
    sessions: list[SessionOut]
    bands: list[BandOut]
    goals: list[GoalOut]
    proposal: ProposalOut


class ItemOut(Schema):
    """One item; without options it is a statement to tick (option 0)."""

    text: str
    options: list[str]


class FormOut(Schema):
    """A questionnaire that the practice brought and that waits for this client. Show the attribution with it."""

    id: UUID
    slug: str
    title: str
    instructions: str
    attribution: str
    items: list[ItemOut]
    least_answered: int


class QuestionsOut(Schema):
    """What is open now: our own measures in `asks` (add them as ratings), and questionnaires in `forms`."""

    week: int | None
    last_day: date | None
    asks: list[str]
    activities: list[str]
    forms: list[FormOut]


class AnswersIn(Schema):
    """For each item, in order: the number of the option from 0, or null for left open."""

    chosen: Annotated[list[Annotated[int, Field(ge=0, le=50), NUMERIC] | None], Field(min_length=1, max_length=60)]


@router.get(
    "/clients/{uuid:client_id}/questions",
    response={200: QuestionsOut, **refusals(401, 404)},
    summary="Questions that are open for a client",
)
@call(SIGNED_IN)
def read_questions(request: ApiRequest, client_id: UUID) -> QuestionsOut:
    """For the client and their therapists. Nothing of what was answered is in it."""
    with _inside(request, client_id) as by:
        found = queries.round_for(client_id, by=by, now=timezone.now())
    own = found.round
    return QuestionsOut(
        week=found.week,
        last_day=own.last_day if own else None,
        asks=list(own.asks) if own else [],
        activities=list(found.activities),
        forms=[
            FormOut(
                id=one.id,
                slug=one.form.slug,
                title=one.form.title,
                instructions=one.form.instructions,
                attribution=one.form.attribution,
                items=[ItemOut(text=item.text, options=[o.label for o in item.options]) for item in one.form.items],
                least_answered=one.form.least,
            )
            for one in found.forms
        ],
    )


@router.post(
    "/clients/{uuid:client_id}/questionnaires/{uuid:questionnaire_id}/answers",
    response={201: MeasureOut, **refusals(401, 404, 409)},
    summary="Answer a questionnaire that is open",
)
@call(SIGNED_IN)
def answer_questionnaire(
    request: ApiRequest, client_id: UUID, questionnaire_id: UUID, body: AnswersIn
) -> tuple[int, MeasureOut]:
    """Scored by the questionnaire's own rule; with too much left open nothing is stored."""
    with _inside(request, client_id) as by:
        made = actions.answer_questionnaire(
            by=by, client_id=client_id, questionnaire_id=questionnaire_id, chosen=body.chosen, now=timezone.now()
        )
    return 201, _measure(made)


@router.post(
    "/clients/{uuid:client_id}/measures",
    response={201: MeasureOut, **refusals(401, 403, 404, 409)},
    summary="Add a rating",
)
@call(SIGNED_IN)
def add_measure(request: ApiRequest, client_id: UUID, body: MeasureIn) -> tuple[int, MeasureOut]:
    """The client's own rating, or one that their therapist writes down. The same answer within a minute is one."""
    now = timezone.now()
    value = {one.name: one.rating for one in body.activities} if body.activities else body.value
    if value is None:
        raise actions.ValueMissingError(field="value")
    with _inside(request, client_id) as by:
        made = actions.record_measure(
            by=by,
            client_id=client_id,
            instrument=body.instrument,
            value=value,
            window=body.window,
            context=body.context,
            taken_at=body.taken_at,
            appointment_id=body.appointment,
            goal_id=body.goal,
            region=body.region,
            now=now,
        )
    return 201, _measure(made)


@router.get(
    "/clients/{uuid:client_id}/progress",
    response={200: ProgressOut, **refusals(401, 404)},
    summary="Trend, expectations and the next-visit proposal",
)
@call(SIGNED_IN)
def read_progress(request: ApiRequest, client_id: UUID) -> ProgressOut:
    """For the client and their therapists; reading is recorded."""
    with _inside(request, client_id) as by:
        return _progress(queries.progress(client_id, by=by, now=timezone.now()))


@contextmanager
def _inside(request: ApiRequest, client_id: UUID) -> Iterator[Actor]:
    """The walls of the practice where this account may meet the client. Raises NotFoundError."""
    assert request.actor.account_id is not None  # noqa: S101 - SIGNED_IN
    practice_id = people.practice_of_client(client_id, account_id=request.actor.account_id)
    if practice_id is None:
        raise NotFoundError
    with in_practice(request, practice.practice(practice_id).slug, "client", "therapist") as (_, by):
        yield by


def _measure(made: MeasureFacts) -> MeasureOut:
    return MeasureOut(
        id=made.id,
        instrument=made.instrument,
        value=made.value,
        window=made.window,
        context=made.context,
        taken_at=made.taken_at,
    )


def _progress(view: ProgressView) -> ProgressOut:
    return ProgressOut(
        client=view.client_id,
        timezone=view.timezone,
        trend=_series(view.ratings),
        others=[_series(one) for one in view.others],
        in_room=len(view.in_room),
        sessions=[
            SessionOut(appointment=one.appointment_id, day=one.day, style=one.style, minutes=one.minutes)
            for one in view.sessions
        ],
        bands=_bands(view.pattern),
        goals=[
            GoalOut(
                id=one.id,
                words=one.words,
                region=one.region,
                level=one.level,
                steps=dict(one.steps),
                closed=one.closed_at is not None,
            )
            for one in view.goals
        ],
        proposal=_proposal(view.proposal, view.timezone),
    )


def _proposal(one: CurrentProposal, zone: str) -> ProposalOut:
    signed = one.signature
    return ProposalOut(
        kind=one.kind,
        on=one.on,
        interval_days=one.interval_days,
        style=one.style,
        review_talk=one.review_talk,
        why=list(one.why),
        sure=one.sure,
        sure_words=one.sure_words,
        n_ratings=one.n_ratings,
        with_session=_bands(one.with_session),
        without_session=_bands(one.without_session),
        rules_version=one.rules_version,
        signed=signed is not None,
        signed_by=signed.by_name if signed else "",
        signed_at=local(signed.at, zone) if signed else None,
        adjusted=bool(signed and signed.adjusted),
    )


def _bands(bands: tuple[DayBand, ...]) -> list[BandOut]:
    return [BandOut(day=one.day, mean=one.mean, low=one.low, high=one.high) for one in bands]


def _series(series: MeasureSeries) -> CourseOut:
    return CourseOut(
        instrument=series.instrument,
        name=series.name,
        better=series.better,
        points=[
            PointOut(day=day, value=value, context=context, answered=answered, asked=asked)
            for (day, value, context), (answered, asked) in zip(series.points, series.blanks, strict=True)
        ],
        change=_change(series.change),
    )


def _change(change: Change | None) -> MeasuredChangeOut | None:
    if change is None:
        return None
    return MeasuredChangeOut(
        direction=change.direction,
        exceeds_mdc=change.exceeds_mdc,
        exceeds_mic=change.exceeds_mic,
        sentence=change.sentence,
    )
