"""Calls that change several visits of a series: one, this and the following, or all still to come."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Schema

from unknot.booking import actions
from unknot.booking.api.calls import router
from unknot.booking.api.series import ChoiceIn, picked, scope_of
from unknot.booking.api.shapes import MoneyOut, SlotOut, VisitOut, Wall, money_out, visit_out
from unknot.booking.domain.series import MOST_VISITS
from unknot.booking.queries import Chosen
from unknot.web.access import SIGNED_IN
from unknot.web.api import NUMERIC, ApiRequest, Problem, Slug, call, in_practice, refusals

Number = Annotated[int, Field(ge=1, le=MOST_VISITS), NUMERIC]


class SeriesPartIn(Schema):
    """Which visits: `number` (from 1) and, by `scope`, only this one, this and the following, or all still to come."""

    number: Number
    scope: Literal["one", "following", "all"] = "following"


class SeriesMoveIn(SeriesPartIn):
    """Where visit `number` goes; the others of `scope` go as many days on, to the same time of day.

    Therapist and place stay unless named. `choices` give single visits another start, or with `skip` let them stay.
    """

    local_start: Wall
    therapist: Slug | None = None
    place: Slug | None = None
    choices: list[ChoiceIn] = Field(default_factory=list, max_length=MOST_VISITS)

    def chosen(self) -> dict[int, Chosen | None]:
        """The choices by number."""
        return picked(self.choices, self.therapist, self.place)


class SeriesMovedOut(Schema):
    """One visit of a move. `free` false: it can't go there (`reason`, `detail`), and what is free near it.

    `asks`: so close to its start that the practice has to say yes; the old time stays until then.
    """

    number: int
    was: str = Field(description="Wall time before")
    local_start: str
    therapist: str
    place: str
    free: bool
    asks: bool
    reason: str
    detail: str
    alternatives: list[SlotOut]


class SeriesMoveOut(Schema):
    """Every visit of the move. With `preview` nothing was changed."""

    preview: bool
    moves: list[SeriesMovedOut]


class SeriesMoveConflict(Problem):
    """Which visits can't move there, each with its alternatives. Nothing was moved."""

    numbers: list[int] | None = None
    conflicts: list[SeriesMovedOut] | None = None


class SeriesCancelOut(Schema):
    """What cancelling costs, each visit by its own terms, and in all. With `preview` nothing was changed."""

    preview: bool
    fee: MoneyOut
    fees: list[MoneyOut] = Field(description="In the order of `visits`")
    visits: list[VisitOut]


@router.post(
    "/series/{series_id}/move",
    response={200: SeriesMoveOut, **refusals(401, 403, 404), 409: SeriesMoveConflict},
    summary="Move visits of a series, all or none",
)
@call(SIGNED_IN, per_minute=30)
def move_series(request: ApiRequest, series_id: UUID, wish: SeriesMoveIn, preview: bool = False) -> SeriesMoveOut:
    """With `preview` every visit is told with its conflict and alternatives. Without, all move or none: 409."""
    now = timezone.now()
    with in_practice(request, scope_of(request, series_id)) as (_, actor):
        try:
            moves = actions.move_series(
                by=actor,
                series_id=series_id,
                number=wish.number,
                scope=wish.scope,
                local_start=wish.local_start,
                therapist_slug=wish.therapist,
                place_slug=wish.place,
                chosen=wish.chosen(),
                now=now,
                preview=preview,
            )
        except actions.SeriesMoveError as error:
            lost = [moved_out(one) for one in error.moves if one.reason]
            error.extra["conflicts"] = [one.model_dump(mode="json") for one in lost]
            raise
        return SeriesMoveOut(preview=preview, moves=[moved_out(one) for one in moves])


@router.post(
    "/series/{series_id}/cancel",
    response={200: SeriesCancelOut, **refusals(401, 403, 404, 409)},
    summary="Cancel visits of a series",
)
@call(SIGNED_IN, per_minute=30)
def cancel_series(request: ApiRequest, series_id: UUID, wish: SeriesPartIn, preview: bool = False) -> SeriesCancelOut:
    """Cancels them together; `preview` only says what it would cost. 409 `series-over`: none is still to come."""
    now = timezone.now()
    with in_practice(request, scope_of(request, series_id)) as (practice, actor):
        done = actions.cancel_series(
            by=actor, series_id=series_id, number=wish.number, scope=wish.scope, now=now, preview=preview
        )
        return SeriesCancelOut(
            preview=preview,
            fee=money_out(done.fee),
            fees=[money_out(one) for one in done.fees],
            visits=[visit_out(one, practice.slug) for one in done.visits],
        )


def moved_out(one: actions.SeriesMove) -> SeriesMovedOut:
    """A visit of a move for JSON."""
    near: list[Any] = [{key: value for key, value in slot.items() if key != "words"} for slot in one.near]
    return SeriesMovedOut(
        number=one.number,
        was=one.before.local_start,
        local_start=one.local_start,
        therapist=one.therapist_slug,
        place=one.place_slug,
        free=not one.reason,
        asks=one.asks,
        reason=one.reason,
        detail=one.why,
        alternatives=[SlotOut.model_validate(slot) for slot in near],
    )
