"""Booking a series: every chosen date or none, under locks that are all taken before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.actions import messages
from unknot.booking.actions.booking import client_for, confirm
from unknot.booking.actions.diary import OverlapError, in_diary, lock_diary
from unknot.booking.actions.holding import (
    check_names,
    check_override,
    earlier_holds,
    keep,
    kit_of,
    parse_start,
    rooms_of,
)
from unknot.booking.actions.refusals import NotFreeError
from unknot.booking.domain.series import SKIPPED, Occurrence, SeriesRule, occurrences, wall_of
from unknot.booking.models import Appointment, Series, SeriesVisit
from unknot.booking.queries.board import HomeAddressNeededError, Question, setting
from unknot.booking.queries.facts import AT_HOME
from unknot.booking.queries.menu import chosen_parts
from unknot.booking.queries.series import (
    CLIENT_BUSY,
    Chosen,
    Planned,
    SeriesFacts,
    client_spans,
    far_sighted,
    plan_series,
    series,
)
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.ids import digest, new_secret
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

NEAR_DAYS = 14
"""How far from its date by the rule another start may lie."""


class SeriesConflictError(ConflictError):
    """Some of these dates can't be had. Nothing was booked; choose another time for them, or leave them out."""

    code = "series-conflict"

    def __init__(self, planned: list[Planned], lost: list[Planned]) -> None:
        """`planned`: every date as it stands now; `lost`: those that stopped it."""
        self.planned = planned
        extra = {"numbers": [one.number for one in lost], "conflicts": [as_dict(one) for one in lost]}
        super().__init__(field="choices", extra=extra)


class SeriesChoiceError(InvalidError):
    """That choice belongs to no date of this series, is over two weeks away from it, or lies at another kind of place.
    Nothing was booked."""

    code = "series-choice"


class SeriesEmptyError(InvalidError):
    """Every date was left out, so there is nothing to book. Keep at least one."""

    code = "series-empty"


@dataclass(frozen=True)
class SeriesWish:
    """What is to be booked: the rule, for what, with whom, where, and other starts (or None: leave out) by number.

    `add`: slugs of what is added to every visit; `needs`: of what the client needs to get in and be at ease. A series
    is at home altogether (`place_slug` "home" with `home`) or not at all.
    """

    practice: PracticeFacts
    service_slug: str
    rule: SeriesRule
    therapist_slug: str | None = None
    place_slug: str | None = None
    home: Point | None = None
    home_address: str = ""
    chosen: Mapping[int, Chosen | None] | None = None
    add: Sequence[str] = ()
    needs: Sequence[str] = ()

    def starts(self) -> list[tuple[Occurrence, Chosen]]:
        """The dates to book with the start of each. Raises SeriesChoiceError, SeriesEmptyError, SeriesTooLongError,
        SeriesRuleError."""
        picks, found = dict(self.chosen or {}), []
        for one in occurrences(self.rule, self.practice.timezone):
            usual = Chosen(one.local_start, self.therapist_slug or None, self.place_slug or None)
            pick = picks.pop(one.number, usual)
            if pick is None:
                continue
            if abs((wall_of(pick.local_start).date() - one.wall.date()).days) > NEAR_DAYS:
                raise SeriesChoiceError(field="choices", extra={"numbers": [one.number]})
            if pick.place_slug and (pick.place_slug == AT_HOME) != self.at_home:
                raise SeriesChoiceError(field="choices", extra={"numbers": [one.number]})
            found.append((one, pick))
        if picks:
            raise SeriesChoiceError(field="choices", extra={"numbers": sorted(picks)})
        if not found:
            raise SeriesEmptyError(field="choices")
        return found

    @property
    def at_home(self) -> bool:
        """Whether the visits are at the client's home."""
        return self.home is not None or self.place_slug == AT_HOME


class _LostError(Exception):
    """Carries the numbers that can't be had out of the locked part."""

    def __init__(self, reasons: dict[int, str]) -> None:
        self.reasons = reasons
        super().__init__("lost")


def preview_series(
    *, by: Actor, wish: SeriesWish, client_id: UUID | None = None, override_reason: str = "", now: datetime
) -> list[Planned]:
    """What `book_series` would book, date by date, with alternatives where it can't. Saves nothing, locks nothing.

    Raises NotFoundError for an unknown service, therapist or place, StaffOnlyError, SeriesChoiceError,
    SeriesEmptyError, SeriesTooLongError, HomeAddressNeededError.
    """
    whose = client_for(by, client_id) if client_id is not None else by.client_id
    wish.starts()
    check_names(setting(_question(wish, now)))
    return _planned(wish, client_id=whose, freely=check_override(by, override_reason), now=now)


def take_series(*, by: Actor, wish: SeriesWish, client_id: UUID | None, now: datetime) -> None:
    """Takes the locks that `book_series` will need. Call it first in a transaction that writes something else before
    (a new client, an intake), so that locks are taken in the same order everywhere."""
    with in_diary():
        _lock(wish, wish.starts(), by=by, client_id=client_id, now=now)


def book_series(
    *,
    by: Actor,
    wish: SeriesWish,
    intake_id: UUID | None,
    client_id: UUID | None = None,
    override_reason: str = "",
    now: datetime,
) -> SeriesFacts:
    """Books every date of a series that was not left out, in one transaction: an error leaves no rows and no mails.

    One mail tells of them all; each visit has its own price, terms and reminder. Answers that the therapist has to talk
    about first make all of them `requested`. The first date keeps the practice's horizon, later ones may lie up to a
    year ahead.

    Raises SeriesConflictError with every date that can't be had and its alternatives, SeriesChoiceError,
    SeriesEmptyError, SeriesTooLongError, LocalStartError, what `book` raises about the client and the answers, and
    DiaryBusyError.
    """
    whose = client_for(by, client_id)
    starts, freely = wish.starts(), check_override(by, override_reason)
    try:
        with in_diary():
            _lock(wish, starts, by=by, client_id=whose, now=now)
            booking = _Booking(wish, by=by, client_id=whose, intake_id=intake_id, now=now, reason=override_reason)
            return booking.write(starts, freely=freely)
    except (_LostError, OverlapError) as error:
        reasons = error.reasons if isinstance(error, _LostError) else {}
        raise _conflict(wish, reasons, client_id=whose, freely=freely, now=now) from error


def _question(wish: SeriesWish, now: datetime) -> Question:
    """Who could do it and where, about the first day."""
    day = wish.rule.first.date()
    if wish.at_home and wish.home is None:
        raise HomeAddressNeededError(field="home")
    service, extras = chosen_parts(wish.service_slug, wish.add, at_home=wish.at_home)
    return Question(
        practice=wish.practice,
        service=service,
        extras=extras,
        needs=tuple(wish.needs),
        first=day,
        last=day,
        now=now,
        therapist_slug=wish.therapist_slug or None,
        place_slug=wish.place_slug or None,
        home=wish.home,
    )


def _lock(
    wish: SeriesWish,
    starts: list[tuple[Occurrence, Chosen]],
    *,
    by: Actor,
    client_id: UUID | None,
    now: datetime,
) -> None:
    """Everybody and everything that any of the dates could take, in the one order."""
    slugs = {start.therapist_slug for _, start in starts}
    places = {start.place_slug for _, start in starts}
    whole = replace(_question(wish, now), therapist_slug=None, place_slug=places.pop() if len(places) == 1 else None)
    board = setting(whole)
    check_names(board)
    for slug in slugs - {None, *(one.slug for one in board.team)}:
        practices.therapist_at(str(slug))  # unknown, or does not give this: the dates say which
    team = [one.account_id for one in board.team if None in slugs or one.slug in slugs]
    held = earlier_holds(by).values()
    lock_diary(practitioners={*team, *held}, rooms=rooms_of(board), kit=kit_of(board), clients=[client_id])


class _Booking:
    """Lives only inside `book_series`, under its locks."""

    def __init__(
        self, wish: SeriesWish, *, by: Actor, client_id: UUID, intake_id: UUID | None, now: datetime, reason: str
    ) -> None:
        self.wish, self.by, self.client_id, self.intake_id = wish, by, client_id, intake_id
        self.now, self.reason = now, reason.strip()
        days = [one.wall.date() for one in occurrences(wish.rule, wish.practice.timezone)]
        self.question = replace(_question(wish, now), practice=far_sighted(wish.practice, days, now))

    def write(self, starts: list[tuple[Occurrence, Chosen]], *, freely: bool) -> SeriesFacts:
        """Every visit, then the series. Raises _LostError with all dates that can't be had."""
        made: dict[int, Appointment] = {}
        lost: dict[int, str] = {}
        for one, start in starts:
            try:
                made[one.number] = self._visit(one, start, freely=freely)
            except NotFreeError as error:
                lost[one.number] = error.reason.code
            except _LostError as error:
                lost |= error.reasons
        if lost:
            raise _LostError(lost)
        return self._series(made)

    def _visit(self, one: Occurrence, start: Chosen, *, freely: bool) -> Appointment:
        if one.note == SKIPPED and start.local_start == one.local_start:
            raise _LostError({one.number: SKIPPED})
        wall, starts_at = parse_start(start.local_start, self.wish.practice.timezone)
        question = replace(
            self.question,
            first=wall.date(),
            last=wall.date(),
            therapist_slug=start.therapist_slug,
            place_slug=start.place_slug,
            freely=freely,
        )
        row = keep(
            question,
            starts_at,
            local_start=start.local_start,
            by=self.by,
            home_address=self.wish.home_address,
            client_id=self.client_id,
        )
        if client_spans(self.client_id, since=row.starts_at, until=row.ends_at):
            raise _LostError({one.number: CLIENT_BUSY})
        row.hold_hash, row.override_reason = digest(new_secret()), self.reason or None
        confirm(
            row,
            self.wish.practice,
            by=self.by,
            client_id=self.client_id,
            intake_id=self.intake_id,
            now=self.now,
            tell=False,
        )
        return row

    def _series(self, made: dict[int, Appointment]) -> SeriesFacts:
        rule, practice = self.wish.rule, self.wish.practice
        row = Series.objects.create(
            practice_id=practice.id,
            client_id=self.client_id,
            account_id=people.client(self.client_id, by=system(practice.id)).account_id,
            service_id=self.question.service.id,
            first=f"{rule.first:%Y-%m-%dT%H:%M}",
            timezone=practice.timezone,
            every=rule.every,
            unit=rule.unit,
            count=rule.visits,
            booked_by_id=self.by.account_id,
            created_at=self.now,
        )
        SeriesVisit.objects.bulk_create(
            SeriesVisit(
                practice_id=practice.id,
                series=row,
                number=one.number,
                planned=one.local_start,
                appointment=made.get(one.number),
            )
            for one in occurrences(rule, practice.timezone)
        )
        found = series(row.pk, by=system(practice.id))
        messages.announce_series(found, practice, now=self.now)
        audit.record(
            by=self.by,
            verb="series.booked",
            subject="series",
            subject_id=row.pk,
            client_id=self.client_id,
            now=self.now,
            visits=len(made),
            left_out=rule.visits - len(made),
        )
        return found


def _conflict(
    wish: SeriesWish, reasons: dict[int, str], *, client_id: UUID, freely: bool, now: datetime
) -> SeriesConflictError:
    """The refusal, with every date looked at anew after the locks are gone."""
    planned = _planned(wish, client_id=client_id, freely=freely, now=now)
    return SeriesConflictError(planned, [one for one in planned if one.slot is None or one.number in reasons])


def _planned(wish: SeriesWish, *, client_id: UUID | None, freely: bool, now: datetime) -> list[Planned]:
    asked = _question(wish, now)
    return plan_series(
        practice=wish.practice,
        service=asked.service,
        extras=asked.extras,
        needs=asked.needs,
        rule=wish.rule,
        now=now,
        therapist_slug=wish.therapist_slug,
        place_slug=wish.place_slug,
        home=wish.home,
        client_id=client_id,
        chosen=wish.chosen,
        freely=freely,
    )


def as_dict(one: Planned) -> dict[str, object]:
    """A date of a plan for JSON."""
    return {
        "number": one.number,
        "local_start": one.local_start,
        "free": one.slot is not None,
        "slot": one.slot.as_dict() if one.slot else None,
        "reason": one.reason,
        "detail": one.why,
        "alternatives": [{"kind": near.kind, "slot": near.slot.as_dict()} for near in one.alternatives],
    }
