"""Several visits of a series at once: move, cancel, confirm. One visit, this and the following, or all still to come.

The visits keep their ids; none is added and none is lost. All locks are taken first, and what can't be done for one
is done for none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F

from unknot.audit import actions as audit
from unknot.booking.actions import messages
from unknot.booking.actions.diary import ClientBusyError, OverlapError, in_diary, lock_diary
from unknot.booking.actions.ending import cancel, mark
from unknot.booking.actions.holding import check_names, kit_of, parse_start, rooms_of
from unknot.booking.actions.moving import move_visit, question_to_move
from unknot.booking.actions.refusals import NotFreeError, SkippedHourError, alternatives
from unknot.booking.actions.series import SeriesChoiceError
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.series import shifted, wall_of
from unknot.booking.domain.wording import clock, day_words, visit_words
from unknot.booking.models import Appointment, Series
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Question, setting
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.series import CLIENT_BUSY, WHY, Chosen, SeriesDate, SeriesFacts, series
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.notifications.queries import Kind
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

ONE, FOLLOWING, ALL = "one", "following", "all"
SCOPES = (ONE, FOLLOWING, ALL)
MOST_SHIFT = 31
"""Days that a visit of a series may move at once, also beyond the practice's horizon."""


class SeriesScopeError(InvalidError):
    """Say which visits: this one, this and the following, or all still to come. Nothing was changed."""

    code = "series-scope"


class SeriesOverError(ConflictError):
    """None of these visits is still to come. Nothing was changed."""

    code = "series-over"


class SeriesMoveError(ConflictError):
    """Some of these visits can't move there. Nothing was moved; choose another time for them, or let them stay."""

    code = "series-conflict"

    def __init__(self, moves: "list[SeriesMove]") -> None:
        """`moves`: every visit of the change as it would be."""
        self.moves = moves
        lost = [one for one in moves if one.reason]
        super().__init__(
            field="choices",
            extra={
                "numbers": [one.number for one in lost],
                "conflicts": [{"number": one.number, "detail": one.why, "alternatives": one.near} for one in lost],
            },
        )


@dataclass(frozen=True)
class SeriesMove:
    """One visit of a change: where it was, where it goes, or why it can't. `asks`: so late that the practice has to
    say yes; until then it stays."""

    number: int
    before: VisitFacts
    local_start: str
    therapist_slug: str
    place_slug: str
    asks: bool = False
    reason: str = ""
    near: list[dict[str, object]] = field(default_factory=list)

    @property
    def why(self) -> str:
        """The reason as a sentence; empty if it can move."""
        return WHY.get(self.reason, "This time is not free.") if self.reason else ""

    @property
    def words(self) -> object:
        """The new day and time as people read them."""
        return visit_words(self.local_start, self.before.minutes, self.before.timezone)


@dataclass(frozen=True)
class SeriesCancel:
    """What cancelling these visits costs in all, each by its own terms."""

    visits: list[VisitFacts]
    fees: list[Money]

    @property
    def fee(self) -> Money:
        """The fees together."""
        return Money(sum(one.minor for one in self.fees), self.fees[0].currency)


class _UndoError(Exception):
    """Takes back a preview, or a change that could not be made whole."""


def affected(found: SeriesFacts, number: int, scope: str, now: datetime) -> list[SeriesDate]:
    """The dates that a change touches: visits still to come.

    Raises SeriesScopeError, SeriesOverError, NotFoundError.
    """
    if scope not in SCOPES:
        raise SeriesScopeError(field="scope")
    if number not in {one.number for one in found.dates}:
        raise NotFoundError
    dates = found.open_from(1 if scope == ALL else number, now)
    if scope == ONE:
        dates = [one for one in dates if one.number == number]
    if not dates:
        raise SeriesOverError
    return dates


def move_series(
    *,
    by: Actor,
    series_id: UUID,
    number: int,
    local_start: str,
    scope: str = FOLLOWING,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    chosen: Mapping[int, Chosen | None] | None = None,
    now: datetime,
    preview: bool = False,
) -> list[SeriesMove]:
    """Moves visit `number` to a start, and with it the following or all that are still to come: by as many days, to
    the same time of day. `chosen` names other starts for some, or None to let one stay.

    With `preview` nothing changes and the conflicts are told; without, all move or none does, and one mail is written.
    Raises NotFoundError, SeriesMoveError, SeriesScopeError, SeriesOverError, SeriesChoiceError, LocalStartError,
    DiaryBusyError.
    """
    found = series(series_id, by=by)
    practice = practices.practice(found.practice_id)
    dates = affected(found, number, scope, now)
    targets = _targets(found, dates, number, Chosen(local_start, therapist_slug, place_slug), dict(chosen or {}))
    change = _Move(found, practice, by=by, now=now, tell=len(targets) == 1)
    moves: list[SeriesMove] = []
    try:
        with in_diary():
            moves = change.all(targets)
            if preview or any(one.reason for one in moves):
                raise _UndoError
            if len(moves) > 1:
                ids = {one.before.id for one in moves if not one.asks}
                _tell(found, practice, Kind.SERIES_MOVED, ids=ids, now=now)
            _record("series.moved", found, [one.number for one in moves], scope, by=by, now=now)
    except _UndoError:
        moves = [change.with_near(one) for one in moves]
        if not preview:
            raise SeriesMoveError(moves) from None
    return moves


def _targets(
    found: SeriesFacts, dates: list[SeriesDate], number: int, wish: Chosen, picks: dict[int, Chosen | None]
) -> list[tuple[SeriesDate, Chosen]]:
    """Where each visit goes, in the order in which they make room for each other."""
    first = next(one.visit for one in found.dates if one.number == number)
    base = first.local_start if first else next(one.planned for one in found.dates if one.number == number)
    goal = wall_of(wish.local_start)
    days = (goal.date() - wall_of(base).date()).days
    if unknown := set(picks) - {one.number for one in dates}:
        raise SeriesChoiceError(field="choices", extra={"numbers": sorted(unknown)})
    made = []
    for one in dates:
        assert one.visit is not None  # noqa: S101 - `affected` gives visits only
        wall = wall_of(one.visit.local_start)
        usual = Chosen(
            f"{shifted(wall, days=days, at=goal.time()):%Y-%m-%dT%H:%M}", wish.therapist_slug, wish.place_slug
        )
        pick = picks.get(one.number, usual)
        if pick is None:
            continue
        if abs((wall_of(pick.local_start) - wall).days) > MOST_SHIFT:
            raise SeriesChoiceError(
                "A visit of a series moves by a month at most. Nothing was changed.", field="local_start"
            )
        made.append((one, pick))
    if not made:
        raise SeriesOverError
    later = sum((wall_of(pick.local_start) > wall_of(one.visit.local_start)) for one, pick in made if one.visit)
    return made[::-1] if later * 2 > len(made) else made


class _Move:
    """Lives only inside `move_series`."""

    def __init__(self, found: SeriesFacts, practice: PracticeFacts, *, by: Actor, now: datetime, tell: bool) -> None:
        self.found, self.by, self.now, self.tell = found, by, now, tell
        today = local(now, practice.timezone).date()
        ahead = max((wall_of(one.local_start).date() - today).days for one in found.visits) + MOST_SHIFT
        self.practice = replace(practice, horizon_days=max(practice.horizon_days, ahead))
        self.questions: dict[int, tuple[Question, datetime]] = {}

    def all(self, targets: list[tuple[SeriesDate, Chosen]]) -> list[SeriesMove]:
        """Every visit in turn, after all locks; by number."""
        self._lock(targets)
        return sorted((self._one(one, pick) for one, pick in targets), key=lambda one: one.number)

    def _lock(self, targets: list[tuple[SeriesDate, Chosen]]) -> None:
        people, rooms, kit = set(), set(), set()
        for one, pick in targets:
            assert one.visit is not None  # noqa: S101
            wall = wall_of(pick.local_start)
            asked = question_to_move(
                one.visit,
                self.practice,
                wall,
                now=self.now,
                therapist_slug=pick.therapist_slug,
                place_slug=pick.place_slug,
            )
            board = setting(asked)
            check_names(board)
            people |= {one.visit.practitioner_id, *(member.account_id for member in board.team)}
            rooms |= {*rooms_of(board), *([one.visit.room_id] if one.visit.room_id else [])}
            kit |= set(kit_of(board))
            self.questions[one.number] = asked, self.now
        lock_diary(practitioners=people, rooms=rooms, kit=kit, clients=[self.found.client_id])

    def _one(self, one: SeriesDate, pick: Chosen) -> SeriesMove:
        assert one.visit is not None  # noqa: S101
        question = self.questions[one.number][0]
        made = SeriesMove(
            one.number, one.visit, pick.local_start, str(question.therapist_slug), str(question.place_slug)
        )
        try:
            _, starts_at = parse_start(pick.local_start, self.practice.timezone)
            self.questions[one.number] = question, starts_at
            with in_diary():
                outcome = move_visit(question, one.visit, starts_at, pick.local_start, by=self.by, tell=self.tell)
        except NotFreeError as error:
            return replace(made, reason=error.reason.code)
        except SkippedHourError:
            return replace(made, reason="skipped-hour")
        except ClientBusyError:
            return replace(made, reason=CLIENT_BUSY)
        except OverlapError:
            return replace(made, reason="taken")
        return replace(made, asks=outcome.change is not None)

    def with_near(self, one: SeriesMove) -> SeriesMove:
        """The same with what is free near it, if it can't move there."""
        if not one.reason or one.reason == "skipped-hour":
            return one
        question, starts_at = self.questions[one.number]
        near = alternatives(question, starts_at)
        return replace(one, near=[{**slot, "words": _words(str(slot["local_start"]))} for slot in near])


def _words(local_start: str) -> str:
    wall = wall_of(local_start)
    return f"{day_words(wall.date())}, {clock(wall)}"


def cancel_series(
    *,
    by: Actor,
    series_id: UUID,
    number: int,
    scope: str = FOLLOWING,
    now: datetime,
    preview: bool = False,
    waive_reason: str = "",
) -> SeriesCancel:
    """Cancels visit `number`, and with it the following or all still to come, each by its own terms; or, with
    `preview`, only says what that would cost. One mail tells of them all.

    Raises NotFoundError, SeriesScopeError, SeriesOverError, StaffOnlyError, DiaryBusyError.
    """
    found = series(series_id, by=by)
    dates = affected(found, number, scope, now)
    visits = [one.visit for one in dates if one.visit]
    with in_diary():
        _lock_visits(visits, found.client_id)
        outcomes = [
            cancel(
                by=by,
                appointment_id=one.id,
                now=now,
                preview=preview,
                waive_reason=waive_reason,
                tell=len(visits) == 1,
            )
            for one in visits
        ]
        if not preview:
            if len(visits) > 1:
                _tell(
                    found,
                    practices.practice(found.practice_id),
                    Kind.SERIES_CANCELLED,
                    ids={one.id for one in visits},
                    own=not is_desk(by),
                    now=now,
                )
            _record("series.cancelled", found, [one.number for one in dates], scope, by=by, now=now)
    return SeriesCancel([one.visit for one in outcomes], [one.fee for one in outcomes])


def answer_series(*, by: Actor, series_id: UUID, event: str, now: datetime) -> SeriesFacts:
    """Staff confirm or decline every visit of a series that waits for an answer; one mail tells of it.

    Raises NotFoundError (also for anybody but staff), SeriesScopeError, SeriesOverError, RequestOverError,
    DiaryBusyError.
    """
    if not is_desk(by):
        raise NotFoundError
    if event not in ("confirm", "decline"):
        raise SeriesScopeError(field="event")
    found = series(series_id, by=by)
    dates = [one for one in found.open_from(1, now) if one.visit and one.visit.state == State.REQUESTED]
    if not dates:
        raise SeriesOverError
    visits = [one.visit for one in dates if one.visit]
    with in_diary():
        _lock_visits(visits, found.client_id)
        for one in visits:
            mark(by=by, appointment_id=one.id, event=event, now=now, tell=False)
        kind = Kind.SERIES_BOOKED if event == "confirm" else Kind.SERIES_CANCELLED
        _tell(found, practices.practice(found.practice_id), kind, ids={one.id for one in visits}, now=now)
        _record(f"series.{event}", found, [one.number for one in dates], ALL, by=by, now=now)
    return series(series_id, by=by)


def _lock_visits(visits: list[VisitFacts], client_id: UUID) -> None:
    units = Appointment.objects.filter(pk__in=[one.id for one in visits]).values_list("kit_units", flat=True)
    lock_diary(
        practitioners={one.practitioner_id for one in visits},
        rooms={one.room_id for one in visits if one.room_id},
        kit={unit for one in units for unit in one},
        clients=[client_id],
    )


def _tell(
    found: SeriesFacts, practice: PracticeFacts, kind: Kind, *, ids: set[UUID], own: bool = False, now: datetime
) -> None:
    """One mail about these visits as they are now, under a sequence of its own."""
    Series.objects.filter(pk=found.id).update(sequence=F("sequence") + 1)
    fresh = series(found.id, by=system(found.practice_id))
    visits = [one for one in fresh.visits if one.id in ids]
    if visits:
        messages.tell_of_series(fresh, practice, kind, visits=visits, own=own, now=now)


def _record(verb: str, found: SeriesFacts, numbers: list[int], scope: str, *, by: Actor, now: datetime) -> None:
    audit.record(
        by=by,
        verb=verb,
        subject="series",
        subject_id=found.id,
        client_id=found.client_id,
        now=now,
        scope=scope,
        numbers=",".join(str(one) for one in numbers),
    )
