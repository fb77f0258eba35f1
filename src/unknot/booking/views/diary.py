"""The diary: a day or a week of one or many therapists or rooms, and the question whether anything changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from unknot.booking import queries
from unknot.booking.domain.wording import MONTHS, day_words, zone_words
from unknot.booking.views.entries import STATES, ColumnView, Entry, column_view, entries
from unknot.booking.views.public import here
from unknot.kernel.actors import FRONT_DESK, OWNER, Actor
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page

DAY, WEEK = "day", "week"
SOON = timedelta(minutes=90)


@dataclass(frozen=True)
class Look:
    """What somebody looks at: everything that stands in the address, so that one can come back to the same place."""

    practice: str
    view: str
    shown: date
    therapists: tuple[str, ...] = ()
    by_rooms: bool = False
    rooms: tuple[UUID, ...] = ()

    @property
    def first(self) -> date:
        return self.shown - timedelta(days=self.shown.weekday()) if self.view == WEEK else self.shown

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6) if self.view == WEEK else self.shown

    @property
    def query(self) -> str:
        """The part of the address after the question mark."""
        pairs: list[tuple[str, str]] = [("date", self.shown.isoformat())]
        pairs += [("therapist", one) for one in self.therapists or ([] if self.by_rooms else [""])]
        pairs += [("by", "rooms")] if self.by_rooms else []
        return urlencode(pairs + [("room", str(one)) for one in self.rooms])

    @property
    def url(self) -> str:
        """The address of this look."""
        return f"{reverse(f'booking:{self.view}', kwargs={'practice': self.practice})}?{self.query}"

    def other(self, **changes: Any) -> str:
        """The address of another look: another day, view, set of people."""
        return replace(self, **changes).url


@page("therapist", "front_desk", "owner")
def home(request: PracticeRequest) -> HttpResponse:
    """Today."""
    return redirect(reverse("booking:day", kwargs={"practice": request.practice.slug}))


@require_GET
@page("therapist", "front_desk", "owner")
def day(request: PracticeRequest) -> HttpResponse:
    """A day, side by side."""
    return _show(request, DAY)


@require_GET
@page("therapist", "front_desk", "owner")
def week(request: PracticeRequest) -> HttpResponse:
    """A week: day by day for one therapist or room, else a line for each of them."""
    return _show(request, WEEK)


@require_GET
@page("therapist", "front_desk", "owner")
def pulse(request: PracticeRequest) -> HttpResponse:
    """204 while nothing changed since the `seen` sheet; else 200 and the event that makes the page fetch its sheet."""
    view = WEEK if request.GET.get("view") == WEEK else DAY
    look = look_of(request, view, ())
    now = timezone.now()
    found = queries.fingerprint(
        by=request.actor, practice=here(request), first=look.first, last=look.last, team=practices.therapists(), now=now
    )
    if found == request.GET.get("seen"):
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Trigger": "diary-changed"}, content_type="text/plain")


def look_of(request: PracticeRequest, view: str, team: Sequence[practices.TherapistFacts]) -> Look:
    """What the address asks for; therapists see their own day first, the front desk everybody's."""
    today = local(timezone.now(), request.practice.timezone).date()
    known = {one.slug for one in team}
    asked = request.GET.getlist("therapist") if "therapist" in request.GET else _default(request.actor, team)
    chosen = tuple(dict.fromkeys(one for one in asked if one in known))
    by_rooms = request.GET.get("by") == "rooms"
    return Look(
        practice=request.practice.slug,
        view=view,
        shown=date_of(request.GET.get("date", ""), today),
        therapists=() if by_rooms or len(chosen) == len(known) > 1 else chosen,
        by_rooms=by_rooms,
        rooms=tuple(_ids(request.GET.getlist("room"))) if by_rooms else (),
    )


def _default(actor: Actor, team: Sequence[practices.TherapistFacts]) -> list[str]:
    own = [one.slug for one in team if one.id == actor.therapist_id]
    return [] if actor.has(FRONT_DESK) or (actor.has(OWNER) and len(team) > 1) else own


def _ids(typed: Sequence[str]) -> list[UUID]:
    found = []
    for one in typed[:50]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def date_of(typed: str, today: date) -> date:
    """The day in an address, or today."""
    try:
        asked = date.fromisoformat(typed[:10])
    except ValueError:
        return today
    return asked if abs((asked - today).days) < 3660 else today


def back_to(request: PracticeRequest, visit: queries.VisitFacts) -> str:
    """Where in the diary somebody came from (`back`), with the visit in sight; else the visit's own day."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    desk = f"/p/{request.practice.slug}/desk/"
    if asked.startswith(desk) and len(asked) < 2000 and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return f"{asked.partition('#')[0]}#visit-{visit.id}"
    day_url = reverse("booking:day", kwargs={"practice": request.practice.slug})
    return f"{day_url}?{urlencode({'date': visit.local_start[:10], 'therapist': ''})}#visit-{visit.id}"


def _show(request: PracticeRequest, view: str) -> HttpResponse:
    now, practice, team = timezone.now(), here(request), practices.therapists()
    look = look_of(request, view, team)
    rooms = practices.rooms()
    found = queries.sheet(
        by=request.actor,
        practice=practice,
        first=look.first,
        last=look.last,
        now=now,
        team=[one for one in team if not look.therapists or one.slug in look.therapists],
        rooms=[one for one in rooms if not look.rooms or one.id in look.rooms] if look.by_rooms else None,
    )
    drives = {
        one.key: one.words for column in found.columns for one in column.stretches
        if one.kind == "drive" and isinstance(one.key, UUID)
    }  # fmt: skip
    known = entries(found.visits, drives, by=request.actor)
    idle = [one for one in found.columns if view == DAY and not look.therapists and one.is_idle]
    shown = replace(found, columns=[one for one in found.columns if one not in idle])
    groups = _groups(shown, known, now=now, zone=practice.timezone, view=view)
    today = local(now, practice.timezone).date()
    step = timedelta(days=7 if view == WEEK else 1)
    context = {
        "look": look,
        "heading": _heading(look),
        "is_today": look.first <= today <= look.last,
        "zone": zone_words(practice.timezone),
        "before": look.other(shown=look.shown - step),
        "after": look.other(shown=look.shown + step),
        "now_url": look.other(shown=today),
        "day_url": look.other(view=DAY),
        "week_url": look.other(view=WEEK),
        "people_url": look.other(by_rooms=False, rooms=()),
        "rooms_url": look.other(by_rooms=True, therapists=()) if rooms else "",
        "team": team,
        "rooms": rooms,
        "groups": groups,
        "idle": [one.therapist.name for one in idle if one.therapist],
        "as_grid": view == DAY or len(groups) == 1,
        "hours": [
            f"{hour % 12 or 12} {'a.m.' if hour < 12 else 'p.m.'}" for hour in range(found.first_hour, found.end_hour)
        ],
        "first_minute": found.first_hour * 60,
        "tall": (found.end_hour - found.first_hour) * 12,
        "grid_minutes": practice.grid_minutes,
        "count": sum(1 for one in found.visits if one.state not in ("held", "no_show")),
        "waiting": queries.requests(by=request.actor),
        "waiting_changes": len(queries.changes(by=request.actor, now=now)),
        "coming": _coming(list(known.values()), now) if view == DAY and look.shown == today else None,
        "seen": queries.fingerprint(
            by=request.actor, practice=practice, first=look.first, last=look.last, team=team, now=now
        ),
        "now_minute": _minute(now, practice.timezone),
        "states": [(state, *told) for state, told in STATES.items()],
        "may_edit_hours": request.actor.has(OWNER),
        "may_open": request.actor.has("therapist"),
        "here": look.url,
    }
    return render(request, "booking/day.html", context)


def _heading(look: Look) -> str:
    if look.view == DAY:
        return day_words(look.shown)
    first, last = look.first, look.last
    month = "" if first.month == last.month else f" {MONTHS[first.month - 1]}"
    return f"{first.day}{month} to {last.day} {MONTHS[last.month - 1]} {last.year}"


def _minute(now: datetime, zone: str) -> int:
    wall = local(now, zone)
    return wall.hour * 60 + wall.minute


def _groups(
    found: queries.Sheet, known: dict[UUID, Entry], *, now: datetime, zone: str, view: str
) -> list[tuple[str, list[ColumnView]]]:
    """Columns that stand beside each other: all of a day, or the week of each therapist or room."""
    many = view == WEEK
    made: dict[str, list[ColumnView]] = {}
    for column in found.columns:
        who = column.therapist.name if column.therapist else column.room.name if column.room else "Without a room"
        places = {shift.place.id for one in found.columns for shift in one.shifts if shift.place}
        shown = column_view(
            column, known, first_hour=found.first_hour, now=now, zone=zone, many_days=many, name_places=len(places) > 1
        )
        made.setdefault(who if many else "", []).append(shown)
    return list(made.items())


@dataclass(frozen=True)
class Coming:
    """What a hand on the way to the next door needs: who is here, who is next. Each with the minutes left, counted up
    from zero too once they are over."""

    current: list[tuple[Entry, int, int]]
    following: list[tuple[Entry, int, int]]


def _coming(found: Sequence[Entry], now: datetime) -> Coming | None:
    """Visits under way and the next ones of the hour and a half ahead; None on other days than today."""
    current, following = [], []
    for one in sorted(found, key=lambda entry: entry.visit.starts_at):
        visit = one.visit
        if visit.state == "in_session" or (visit.state == "arrived" and visit.starts_at <= now < visit.ends_at):
            current.append((one, *_minutes(visit.ends_at - now)))
        elif visit.state in ("confirmed", "arrived", "requested") and visit.ends_at > now:
            following.append((one, *_minutes(visit.starts_at - now)))
    soon = [one for number, one in enumerate(following) if number == 0 or one[0].visit.starts_at - now < SOON]
    if len({one.visit.therapist_id for one in found}) > 1:  # the front desk: who is about to come in
        return Coming([], soon[:3]) if soon else None
    return Coming(current, soon[:2]) if current or soon else None


def _minutes(span: timedelta) -> tuple[int, int]:
    """Minutes left (less than zero when it is over), and how many that is either way."""
    left = -(-int(span.total_seconds()) // 60)
    return left, abs(left)
