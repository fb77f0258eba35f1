"""Series: what each date would be before anything is saved, and what became of it afterwards."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.series import SKIPPED, Occurrence, SeriesRule, occurrences
from unknot.booking.domain.wording import visit_words
from unknot.booking.models import Appointment, Series, SeriesVisit
from unknot.booking.policies import can_see_visit
from unknot.booking.queries.board import Board, Question, load
from unknot.booking.queries.facts import RELATED, Slot, VisitFacts, visit_facts
from unknot.booking.queries.reasons import at, refusal
from unknot.booking.queries.slots import Candidate, by_load, candidates, slot_of
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import instant_of, local, local_day_bounds, minute_of, to_utc
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts, ServiceFacts
from unknot.travel.queries import Point

AROUND = timedelta(days=3)
"""Alternatives are looked for this near to a date."""
SAME_DAY, OTHER_DAY, OTHER_THERAPIST = "same-day", "other-day", "other-therapist"
KINDS = (SAME_DAY, OTHER_THERAPIST, OTHER_DAY)
MOST = {SAME_DAY: 3, OTHER_THERAPIST: 2, OTHER_DAY: 3}
CLIENT_BUSY = "client-busy"
WHY = {
    "taken": "This time is taken.",
    "their-buffer": "This time runs into time kept for another visit.",
    "own-buffer": "The time around it is taken.",
    "no-room": "Every room is taken then.",
    "unreachable": "The therapist can't get there in time then.",
    "closed": "Outside working hours.",
    "past": "This time has passed.",
    "past-notice": "This is sooner than the practice takes bookings.",
    "past-horizon": "The diary is not open that far ahead.",
    "off-grid": "Visits don't start at that minute here.",
    "outside-area": "This is further than the therapist goes.",
    "nobody": "Nobody you asked for gives this there.",
    "day-full": "That day is full for this therapist, whose hands have to last.",
    "no-kit": "What this massage needs is in use then.",
    "kit-missing": "What this massage needs is not there.",
    "no-fitting-room": "No room there has what you need.",
    SKIPPED: "The clock skips this hour on that day.",
    CLIENT_BUSY: "There is another visit of the same person then.",
}
"""Why a date can't be booked, without a word about others."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A start chosen for one date instead of the rule's: therapist and place by slug (None: whoever, wherever)."""

    local_start: str
    therapist_slug: str | None = None
    place_slug: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A free start near one that is not. `kind`: SAME_DAY, OTHER_DAY, OTHER_THERAPIST."""

    kind: str
    slot: Slot


@dataclass(frozen=True)
class Planned:
    """One date of a series before it is booked: the slot it gets, or why not and what is free near it."""

    number: int
    local_start: str
    minutes: int
    timezone: str
    slot: Slot | None
    reason: str = ""
    alternatives: list[Alternative] = field(default_factory=list)

    @property
    def why(self) -> str:
        """The reason as a sentence; empty if the date is free."""
        return WHY.get(self.reason, "This time is not free.") if self.reason else ""

    @property
    def words(self) -> object:
        """Day and time as people read them."""
        return visit_words(self.local_start, self.minutes, self.timezone)


Span = tuple[datetime, datetime]


def far_sighted(practice: PracticeFacts, days: Iterable[date], now: datetime) -> PracticeFacts:
    """The practice with a horizon that reaches a series' last day, if its first lies within the practice's own: the
    horizon says when a visit may first be booked, and the later visits of a series follow the first."""
    today = local(now, practice.timezone).date()
    ahead = sorted((day - today).days for day in days)
    if ahead[0] > practice.horizon_days:
        return practice
    return replace(practice, horizon_days=max(practice.horizon_days, ahead[-1] + AROUND.days))


def plan_series(
    *,
    practice: PracticeFacts,
    service: ServiceFacts,
    rule: SeriesRule,
    now: datetime,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    home: Point | None = None,
    client_id: UUID | None = None,
    chosen: Mapping[int, Chosen | None] | None = None,
    extras: Sequence[ServiceFacts] = (),
    needs: Sequence[str] = (),
    freely: bool = False,
) -> list[Planned]:
    """What every date of a series would be, with alternatives where it can't be had. Keeps and changes nothing.

    Without a therapist the one who can take most of the dates comes first. `chosen` names other starts for some dates,
    or None to leave one out; `extras` are added to every visit, `needs` are what its client needs. The number of
    queries does not depend on the number of dates. Raises HomeAddressNeededError, SeriesTooLongError.
    """
    dates = occurrences(rule, practice.timezone)
    picks = dict(chosen or {})
    wishes = [(one, _wish(one, picks, therapist_slug, place_slug)) for one in dates if picks.get(one.number, one)]
    days = [datetime.fromisoformat(wish.local_start).date() for _, wish in wishes] or [rule.first.date()]
    question = Question(
        practice=far_sighted(practice, [one.wall.date() for one in dates], now),
        service=service,
        first=min(days) - AROUND,
        last=max(days) + AROUND,
        now=now,
        place_slug=place_slug or None,
        home=home,
        freely=freely,
        extras=tuple(extras),
        needs=tuple(needs),
    )
    board = load(question)
    return _Plan(board, wishes, _busy(client_id, question)).dates()


def _wish(
    one: Occurrence, picks: Mapping[int, Chosen | None], therapist_slug: str | None, place_slug: str | None
) -> Chosen:
    return picks.get(one.number) or Chosen(one.local_start, therapist_slug or None, place_slug or None)


def narrow(
    board: Board, first: date, last: date, *, therapist_slug: str | None = None, place_slug: str | None = None
) -> Board:
    """A loaded board asked about fewer days, perhaps one therapist or place."""
    asked = replace(board.question, first=first, last=last)
    if place_slug is not None:
        asked = replace(asked, place_slug=place_slug)
    if therapist_slug is None:
        return replace(board, question=asked)
    team = [one for one in board.team if one.slug == therapist_slug]
    return replace(board, question=replace(asked, therapist_slug=therapist_slug), team=team)


class _Plan:
    """Lives only inside `plan_series`."""

    def __init__(self, board: Board, wishes: list[tuple[Occurrence, Chosen]], busy: list[Span]) -> None:
        self.board, self.wishes, self.busy = board, wishes, busy
        self.zone = board.question.practice.timezone
        self.length = timedelta(minutes=board.question.minutes)

    def dates(self) -> list[Planned]:
        free = {one.number: self._free(one, wish) for one, wish in self.wishes}
        able = Counter(who for found in free.values() for who in {one.therapist.id for one in found})
        slots = {
            number: slot_of(self.board.question, max(found, key=lambda one: able[one.therapist.id]))
            for number, found in free.items()
            if found
        }
        planned = [(slot.starts_at, slot.ends_at) for slot in slots.values()]
        made = []
        for one, wish in self.wishes:
            slot = slots.get(one.number)
            reason = "" if slot else self._reason(one, wish)
            near = [] if slot else self._near(wish, planned)
            made.append(
                Planned(one.number, wish.local_start, self.board.question.minutes, self.zone, slot, reason, near)
            )
        return made

    def _free(self, one: Occurrence, wish: Chosen) -> list[Candidate]:
        """Who could take it, best first (the least driving, then the least in the diary)."""
        starts_at = self._instant(wish)
        if (one.note == SKIPPED and wish.local_start == one.local_start) or self._meets(starts_at, self.busy):
            return []
        found = at(self._day(wish), starts_at)
        return by_load(self.board, found)

    def _day(self, wish: Chosen) -> Board:
        day = datetime.fromisoformat(wish.local_start).date()
        return narrow(self.board, day, day, therapist_slug=wish.therapist_slug, place_slug=wish.place_slug)

    def _instant(self, wish: Chosen) -> datetime:
        return to_utc(datetime.fromisoformat(wish.local_start), self.zone)

    def _meets(self, starts_at: datetime, spans: Iterable[Span]) -> bool:
        return any(starts_at < until and since < starts_at + self.length for since, until in spans)

    def _reason(self, one: Occurrence, wish: Chosen) -> str:
        if one.note == SKIPPED and wish.local_start == one.local_start:
            return SKIPPED
        if self._meets(self._instant(wish), self.busy):
            return CLIENT_BUSY
        return refusal(self._day(wish), self._instant(wish)).code

    def _near(self, wish: Chosen, planned: list[Span]) -> list[Alternative]:
        """Other times that day, the same time with others, times of the days around, each the nearest first."""
        wall, minute = datetime.fromisoformat(wish.local_start), minute_of(self._instant(wish))
        around = narrow(self.board, wall.date() - AROUND, wall.date() + AROUND, place_slug=wish.place_slug)
        found: dict[tuple[str, int], Candidate] = {}
        for one in sorted(candidates(around), key=lambda one: (one.extra, one.therapist.name)):
            starts_at = instant_of(one.minute)
            if self._meets(starts_at, self.busy) or self._meets(starts_at, planned):
                continue
            mine = wish.therapist_slug in (None, one.therapist.slug)
            same_day = local(starts_at, self.zone).date() == wall.date()
            kind = (SAME_DAY if same_day else OTHER_DAY) if mine else OTHER_THERAPIST
            if mine or one.minute == minute:
                found.setdefault((kind, one.minute), one)
        made = []
        for kind, most in MOST.items():
            near = [(other, one) for (which, other), one in found.items() if which == kind]
            near.sort(key=lambda pair: self._distance(pair[0], wall))
            made += [Alternative(kind, slot_of(self.board.question, one)) for _, one in near[:most]]
        return made

    def _distance(self, minute: int, wall: datetime) -> tuple[int, int, int]:
        """Days away, then minutes of the clock away, then the earlier."""
        shown = local(instant_of(minute), self.zone)
        clock = shown.hour * 60 + shown.minute - wall.hour * 60 - wall.minute
        return abs((shown.date() - wall.date()).days), abs(clock), minute


def _busy(client_id: UUID | None, question: Question) -> list[Span]:
    if client_id is None:
        return []
    zone = question.practice.timezone
    since, until = local_day_bounds(question.first, zone)[0], local_day_bounds(question.last, zone)[1]
    return client_spans(client_id, since=since, until=until)


def client_spans(client_id: UUID, *, since: datetime, until: datetime) -> list[Span]:
    """When the client has visits here; what they only hold counts as nothing. One query."""
    rows = Appointment.objects.filter(client_id=client_id, ends_at__gt=since, starts_at__lt=until)
    rows = rows.filter(state__in=sorted(BLOCKING - {State.HELD}))
    return list(rows.values_list("starts_at", "ends_at"))


# What became of it


@dataclass(frozen=True)
class SeriesDate:
    """One date of a booked series. `exception`: "" as the rule said, "moved" another time, "left-out" never booked."""

    number: int
    planned: str
    visit: VisitFacts | None

    @property
    def exception(self) -> str:
        if self.visit is None:
            return "left-out"
        return "" if self.visit.local_start == self.planned else "moved"

    @property
    def words(self) -> object:
        """Day and time by the rule."""
        return visit_words(self.planned, 0, "UTC")


@dataclass(frozen=True)
class SeriesFacts:
    """A booked series with what became of each date."""

    id: UUID
    practice_id: UUID
    client_id: UUID
    account_id: UUID | None
    rule: SeriesRule
    timezone: str
    sequence: int
    created_at: datetime
    dates: list[SeriesDate]

    @property
    def visits(self) -> list[VisitFacts]:
        """The visits there are, by number, whatever their state."""
        return [one.visit for one in self.dates if one.visit is not None]

    def open_from(self, number: int, now: datetime) -> list[SeriesDate]:
        """Dates from this one on whose visit is booked and has not begun."""
        states = (State.CONFIRMED, State.REQUESTED)
        return [
            one
            for one in self.dates
            if one.number >= number and one.visit and one.visit.state in states and one.visit.starts_at > now
        ]


def series(series_id: UUID, *, by: Actor) -> SeriesFacts:
    """A series, for its client and for staff. Raises NotFoundError. Two queries."""
    row = Series.objects.filter(pk=series_id).first()
    if row is None or not can_see_visit(by, client_id=row.client_id, account_id=row.account_id):
        raise NotFoundError
    dates = SeriesVisit.objects.filter(series_id=series_id).order_by("number")
    dates = dates.select_related(*("appointment__" + name for name in RELATED))
    return SeriesFacts(
        id=row.pk,
        practice_id=row.practice_id,
        client_id=row.client_id,
        account_id=row.account_id,
        rule=SeriesRule(datetime.fromisoformat(row.first), row.every, row.unit, row.count),
        timezone=row.timezone,
        sequence=row.sequence,
        created_at=row.created_at,
        dates=[
            SeriesDate(one.number, one.planned, visit_facts(one.appointment) if one.appointment else None)
            for one in dates
        ],
    )


@dataclass(frozen=True, slots=True)
class PartOfSeries:
    """Where a visit stands in its series."""

    series_id: UUID
    number: int
    count: int


def series_of_visit(appointment_id: UUID) -> PartOfSeries | None:
    """The series that a visit belongs to, or None; access to the visit was checked before. One query."""
    row = SeriesVisit.objects.filter(appointment_id=appointment_id).select_related("series").first()
    return PartOfSeries(row.series_id, row.number, row.series.count) if row else None


def find_series_scope(series_id: UUID, account_id: UUID) -> str | None:
    """The slug of the practice where this account may look for the series, or None. For calls that know only the id."""
    with tenancy.scope(account_id=account_id):
        own = Series.across_practices.filter(pk=series_id, account_id=account_id)
        practice_id = own.values_list("practice_id", flat=True).first()
    if practice_id is None:
        practice_id = next((one for one in people.practices_of(account_id) if _holds(series_id, one, account_id)), None)
    return practices.practice(practice_id).slug if practice_id else None


def _holds(series_id: UUID, practice_id: UUID, account_id: UUID) -> bool:
    with tenancy.scope(practice_id=practice_id, account_id=account_id):
        return bool(Series.objects.filter(pk=series_id).exists())


def series_path(
    practice_slug: str,
    *,
    every: int,
    count: int,
    unit: str = "weeks",
    service: str = "",
    therapist: str = "",
    place: str = "",
    add: Sequence[str] = (),
    first: datetime | None = None,
) -> str:
    """The page where a series with this rhythm is planned: for rooms that propose one. Nothing about why.

    With `first` (local day and time) the page shows every date at once.
    """
    what = {"service": service, "add": add, "therapist": therapist, "place": place}
    asked = {**what, "every": every, "unit": unit, "count": count}
    if first is not None:
        asked |= {"date": first.date().isoformat(), "time": f"{first:%H:%M}"}
    named = {key: value for key, value in asked.items() if value}
    return f"/p/{practice_slug}/book/series/?{urlencode(named, doseq=True)}"
