"""Taking a visit to another time, therapist or length: what dragging asks, and the same without dragging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions, queries
from unknot.booking.domain.stretching import Neighbour, in_the_way, longest
from unknot.booking.domain.wording import DayOfTimes, clock, day_words, days_of
from unknot.booking.forms import MoveForm
from unknot.booking.views.diary import back_to, date_of
from unknot.booking.views.public import here
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError, UnknotError
from unknot.kernel.zones import local, minute_of, to_utc
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.travel.queries import Point
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

DAYS_SHOWN = 3
LENGTHS = (30, 45, 60, 75, 90, 105, 120, 150, 180)


@dataclass(frozen=True)
class WayOut:
    """Something to do instead of what was refused: words, and the part of the address that asks for it."""

    words: str
    query: str


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def move(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Times to choose from; with a time (`to`, or day and time) what the move changes; with `sure` it is done."""
    found = queries.visit(visit_id, by=request.actor)
    form = MoveForm(request.POST if request.method == "POST" else request.GET, visit=found)
    now = timezone.now()
    if not form.wanted():
        return _times_page(request, found, form, now)
    sure = request.method == "POST" and "sure" in request.POST
    try:
        outcome = actions.reschedule(
            by=request.actor,
            appointment_id=visit_id,
            therapist_slug=form.therapist() or None,
            place_slug=form.place() or None,
            local_start=form.local_start(),
            now=now,
            preview=not sure,
            minutes=form.minutes() if form.minutes() != found.minutes else None,
            override_reason=form.reason(),
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        return _times_page(request, found, form, now, error=error)
    if sure:
        words = outcome.visit.words
        messages.success(request, f"Moved to {words.day}, {words.start}, with {outcome.visit.therapist_name}.")
        return redirect(back_to(request, found))
    return render(request, "booking/desk_move_sure.html", _sure(request, found, outcome, form))


def _sure(
    request: PracticeRequest, found: queries.VisitFacts, outcome: actions.MoveOutcome, form: MoveForm
) -> dict[str, Any]:
    recipient = people.recipient(client_id=found.client_id, account_id=found.account_id)
    then = outcome.visit
    client = people.clients_named([found.client_id] if found.client_id else []).get(found.client_id or UUID(int=0))
    return {
        "visit": found,
        "then": then,
        "client": client,
        "outcome": outcome,
        "mail": recipient.email if recipient and found.state == "confirmed" else "",
        "same": (then.starts_at, then.ends_at, then.therapist_id, then.place_id)
        == (found.starts_at, found.ends_at, found.therapist_id, found.place_id),
        "hidden": form.hidden(),
        "back": back_to(request, found),
    }


def _times_page(
    request: PracticeRequest,
    found: queries.VisitFacts,
    form: MoveForm,
    now: datetime,
    *,
    error: UnknotError | None = None,
) -> HttpResponse:
    today = local(now, found.timezone).date()
    first = max(date_of(form.day(), date.fromisoformat(found.local_start[:10])), today)
    client = people.clients_named([found.client_id] if found.client_id else []).get(found.client_id or UUID(int=0))
    context = {
        "visit": found,
        "client": client,
        "form": form,
        "team": [one for one in practices.therapists() if found.service.id in one.service_ids],
        "lengths": sorted({*LENGTHS, found.minutes, form.minutes()}),
        "days": _free_days(request, found, form, first, now),
        "first": first.isoformat(),
        "earlier": (first - timedelta(days=DAYS_SHOWN)).isoformat() if first > today else "",
        "later": (first + timedelta(days=DAYS_SHOWN)).isoformat(),
        "error": error.message.partition("Nothing was ")[0] + "Nothing was moved." if error else "",
        "in_way": _in_way(request, found, form) if error else [],
        "ways": _ways_out(request, found, form, error) if error else [],
        "needs_reason": error is not None and error.code in ("too-soon", "too-far-ahead"),
        "back": back_to(request, found),
    }
    return render(request, "booking/desk_move.html", context, status=status_of(error) if error else 200)


def _home(found: queries.VisitFacts) -> Point | None:
    if found.mode == "home" and found.home_lat is not None and found.home_lon is not None:
        return Point(found.home_lat, found.home_lon)
    return None


def _free_days(
    request: PracticeRequest, found: queries.VisitFacts, form: MoveForm, first: date, now: datetime
) -> list[DayOfTimes]:
    slots = queries.open_slots(
        practice=here(request),
        service=found.service,
        extras=queries.extras_of(found),
        needs=found.need_slugs,
        first=first,
        last=first + timedelta(days=DAYS_SHOWN - 1),
        now=now,
        therapist_slug=None if form.anyone() else form.therapist() or found.therapist_slug,
        place_slug=form.place() or found.place_slug,
        home=_home(found),
        ignore=found.id,
        freely=bool(form.reason()),
        length=(form.minutes(), found.buffer_before, found.buffer_after),
    )
    own = form.minutes() == found.minutes
    return days_of(
        [one for one in slots if not (own and one.starts_at == found.starts_at)], name_therapist=form.anyone()
    )


def _in_way(
    request: PracticeRequest, found: queries.VisitFacts, form: MoveForm
) -> list[tuple[queries.VisitFacts, str]]:
    """The visits that the wanted time runs into, each with its client's name."""
    others = _others(request, found, form)
    wanted = _wanted_minute(found, form)
    if wanted is None:
        return []
    hit = in_the_way(
        [neighbour for _, neighbour in others],
        starts=wanted,
        minutes=form.minutes(),
        before=found.buffer_before,
        after=found.buffer_after,
        buffer_rule=here(request).buffer_rule,
    )
    keys = {one.key for one in hit}
    visits = [one for one, _ in others if one.id in keys]
    names = people.clients_named([one.client_id for one in visits if one.client_id])
    return [(one, names[one.client_id].name if one.client_id in names else "a booking under way") for one in visits]


def _others(
    request: PracticeRequest, found: queries.VisitFacts, form: MoveForm
) -> list[tuple[queries.VisitFacts, Neighbour]]:
    """The wanted therapist's other visits of the wanted day."""
    day = date_of(form.local_start(), date.fromisoformat(found.local_start[:10]))
    slug = form.therapist() or found.therapist_slug
    return [
        (one, Neighbour(one.id, minute_of(one.starts_at), minute_of(one.ends_at), one.buffer_before, one.buffer_after))
        for one in queries.between(by=request.actor, first=day, last=day, now=timezone.now())
        if one.therapist_slug == slug and one.id != found.id and one.state != "no_show"
    ]


def _wanted_minute(found: queries.VisitFacts, form: MoveForm) -> int | None:
    try:
        return minute_of(to_utc(datetime.fromisoformat(form.local_start()), found.timezone))
    except (ValueError, OverflowError):
        return None


def _ways_out(request: PracticeRequest, found: queries.VisitFacts, form: MoveForm, error: UnknotError) -> list[WayOut]:
    """What could be done instead: the length that fits, and the nearest free times with the wanted length."""
    ways = []
    wanted = _wanted_minute(found, form)
    if wanted is not None:
        beside = [neighbour for _, neighbour in _others(request, found, form)]
        fits = longest(beside, starts=wanted, after=found.buffer_after, buffer_rule=here(request).buffer_rule)
        if fits is not None and fits < form.minutes() and _works(request, found, form, fits):
            ways.append(WayOut(f"Make it {fits} minutes, which fits", form.query(minutes=fits)))
    taken: Sequence[Any] = error.extra.get("alternatives", ())
    for one in taken:
        start = datetime.fromisoformat(one["local_start"])
        words = f"{day_words(start.date())}, {clock(start)}, with {one['therapist_name']}"
        ways.append(WayOut(f"{words}, {form.minutes()} minutes", form.query(to=one["key"])))
    return ways


def _works(request: PracticeRequest, found: queries.VisitFacts, form: MoveForm, minutes: int) -> bool:
    """Whether the wanted start can be had with that length."""
    try:
        actions.reschedule(
            by=request.actor,
            appointment_id=found.id,
            therapist_slug=form.therapist() or None,
            place_slug=form.place() or None,
            local_start=form.local_start(),
            now=timezone.now(),
            preview=True,
            minutes=minutes,
            override_reason=form.reason(),
        )
    except UnknotError:
        return False
    return True
