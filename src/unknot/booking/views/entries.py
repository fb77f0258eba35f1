"""Visits and quiet stretches of the diary as its pages show them: words, marks that are not colour alone, rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from unknot.booking import queries
from unknot.booking.domain.daysheet import Stretch, lanes, rows
from unknot.booking.domain.parts import joined
from unknot.booking.domain.wording import DAYS, clock, day_words, minutes_words, moment_words
from unknot.booking.forms import KINDS
from unknot.intake import queries as intake
from unknot.kernel.actors import THERAPIST, Actor
from unknot.kernel.zones import local
from unknot.payments import queries as money
from unknot.people import queries as people

STATES = {
    "held": ("kept for a booking", "", "clock"),
    "requested": ("asks to talk first", "warn", "message"),
    "confirmed": ("booked", "", ""),
    "arrived": ("has arrived", "accent", "person"),
    "in_session": ("in session", "primary", "leaf"),
    "completed": ("done", "good", "check"),
    "no_show": ("did not come", "danger", "stop"),
}
"""State -> what it is called, the tone and the mark of its tag."""
MARKS = {
    "confirmed": [("arrive", "Has arrived"), ("no_show", "Did not come")],
    "requested": [("confirm", "Confirm"), ("decline", "Decline")],
    "arrived": [("complete", "Done")],
    "in_session": [("complete", "Done")],
    "no_show": [("reinstate", "Undo")],
}
CLOSED_ITSELF = [("unclose", "Undo"), ("no_show", "Did not come")]
HOME_VISITS = "Home visits"
MOVABLE = ("requested", "confirmed")
QUIET = {
    "closed": "Not working",
    "break": "Break",
    "off": "Time off",
    "elsewhere": "Busy at another practice",
    "buffer": "Kept free",
    "drive": "Driving",
}


@dataclass(frozen=True)
class Entry:
    """One visit of the sheet."""

    visit: queries.VisitFacts
    client: str
    care: str
    phone: str
    state: str
    tone: str
    icon: str
    marks: list[tuple[str, str]]
    service: str
    drive: str
    paid: bool
    together: str = ""
    wishes: bool = False

    @property
    def movable(self) -> bool:
        """Whether it can be taken to another time."""
        return self.visit.state in MOVABLE


@dataclass(frozen=True)
class Item:
    """One line of a column: a visit, a free stretch to book into, or something quiet. `rows`: the classes of its place
    on the grid."""

    kind: str
    rows: str
    start: str = ""
    end: str = ""
    length: str = ""
    words: str = ""
    entry: Entry | None = None
    at: str = ""
    minute: int = 0


@dataclass(frozen=True)
class ColumnView:
    """A column with its heading. `id` names it on the page, `book` is where its free time leads to."""

    id: str
    title: str
    sub: str
    day: date
    day_title: str
    is_today: bool
    therapist: str
    items: list[Item]
    count: int
    row_of_now: int = 0


def entries(visits: Iterable[queries.VisitFacts], drives: dict[UUID, str], *, by: Actor) -> dict[UUID, Entry]:
    """Every visit with its client, who comes along, and whether it is paid; for therapists also who said how
    they wish to be touched. At most six queries."""
    shown = list(visits)
    clients = people.clients_named([one.client_id for one in shown if one.client_id])
    paid = money.paid_visits([one.id for one in shown if one.state == "completed"], by=by)
    along = queries.companions([one.id for one in shown], by=by)
    found = {one.id: _entry(one, clients, drives.get(one.id, ""), one.id in paid) for one in shown}
    told = intake.with_wishes(set(clients)) if by.has(THERAPIST) else set()
    return {
        key: replace(one, together=joined(along.get(key, ())), wishes=one.visit.client_id in told)
        for key, one in found.items()
    }


def _entry(visit: queries.VisitFacts, clients: dict[UUID, people.ClientFacts], drive: str, paid: bool) -> Entry:
    client = clients.get(visit.client_id) if visit.client_id else None
    state, tone, icon = STATES.get(visit.state, (visit.state, "", ""))
    marks = MARKS.get(visit.state, [])
    if visit.closed_itself:
        state, marks = "done, closed by itself", [] if paid else CLOSED_ITSELF
    if visit.answer_by and visit.state == "requested":
        state = f"{state}, answer by {moment_words(visit.answer_by, visit.timezone)}"
    if visit.moves_id is not None and visit.hold_expires_at:
        state = f"kept for a change, answer by {moment_words(visit.hold_expires_at, visit.timezone)}"
    elif visit.hold_expires_at and visit.state == "held":
        state = f"kept until {clock(local(visit.hold_expires_at, visit.timezone))}"
    return Entry(
        visit=visit,
        client=client.name if client else "Somebody who is booking right now",
        care=client.care_words(date.fromisoformat(visit.local_start[:10])) if client else "",
        phone=client.reached_at if client else "",
        state=state,
        tone=tone,
        icon=icon,
        marks=marks,
        service=service_words(visit),
        drive=drive,
        paid=paid,
    )


def service_words(visit: queries.VisitFacts) -> str:
    """`Therapeutic, 60 min`: what stands on a small card."""
    name = KINDS.get(visit.service.kind, (visit.service.name, ""))[0]
    more = (
        f" and {len(visit.added)} more"
        if len(visit.added) > 1
        else f" and {visit.added[0].name}"
        if visit.added
        else ""
    )
    return f"{name.removesuffix(' massage')}{more}, {visit.minutes} min"


def column_view(
    column: queries.Column, found: dict[UUID, Entry], *, first_hour: int, now: datetime, zone: str, many_days: bool,
    name_places: bool,
) -> ColumnView:  # fmt: skip
    """A column ready for the page."""
    today = local(now, zone)
    is_today = column.day == today.date()
    therapist = column.therapist.slug if column.therapist else ""
    who = column.therapist.name if column.therapist else column.room.name if column.room else "Without a room"
    key = therapist or (str(column.room.id) if column.room else "without")
    minute = today.hour * 60 + today.minute
    place = column.shifts[0].place if column.shifts and column.therapist else column.place
    slug = (place.slug if place else "home") if column.shifts else ""
    return ColumnView(
        id=f"col-{key}-{column.day:%m%d}",
        title=f"{DAYS[column.day.weekday()]} {column.day.day}" if many_days else who,
        sub=_sub(column, name_places=name_places),
        day=column.day,
        day_title=f"{who}, {day_words(column.day)}",
        is_today=is_today,
        therapist=therapist,
        items=_items(column, found, first_hour, f"{therapist}|{slug}|{column.day.isoformat()}"),
        count=sum(1 for one in column.visits if one.state not in ("held", "no_show")),
        row_of_now=rows(Stretch("now", minute, minute + 1), first_hour)[0] if is_today else 0,
    )


def _sub(column: queries.Column, *, name_places: bool) -> str:
    """`Studio, 9:00 a.m. to 5:00 p.m.`; a place goes without saying where there is only one."""
    if column.therapist is None:
        return column.place.name if column.place and name_places else ""
    spans: dict[str, list[int]] = {}
    for shift in column.shifts:
        spans.setdefault(shift.place.name if shift.place else HOME_VISITS, []).extend((shift.starts, shift.ends))
    parts = [
        f"{f'{name}, ' if name_places or name == HOME_VISITS else ''}{wall(min(ends))} to {wall(max(ends))}"
        for name, ends in spans.items()
    ]
    return "; ".join(parts) or "Not working"


def _items(column: queries.Column, found: dict[UUID, Entry], first_hour: int, key: str) -> list[Item]:
    solid = [one for one in column.stretches if one.kind in ("visit", "elsewhere")]
    side = dict(zip(map(id, solid), lanes([(one.starts, one.ends) for one in solid]), strict=True))
    made = []
    for one in column.stretches:
        row, span = rows(one, first_hour)
        lane, of = side.get(id(one), (1, 1))
        entry = found.get(one.key) if one.kind == "visit" and isinstance(one.key, UUID) else None
        made.append(
            Item(
                kind=one.kind,
                rows=f"at-{row} for-{span}" + (f" lane-{lane}-{of}" if of > 1 else ""),
                start=wall(one.starts),
                end=wall(one.ends),
                length=minutes_words(one.ends - one.starts),
                words=one.words or QUIET.get(one.kind, ""),
                entry=entry,
                at=f"{key}T{one.starts // 60:02}:{one.starts % 60:02}",
                minute=one.starts,
            )
        )
    return made


def wall(minute: int) -> str:
    """`9:00 a.m.` for 540 minutes after midnight; 1440 is midnight again."""
    return clock(datetime(2000, 1, 1, minute // 60 % 24, minute % 60))  # noqa: DTZ001 - a wall time
