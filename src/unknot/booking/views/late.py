"""Running late: the tap at the desk, the plan it made, and the client's page with real choices."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.late_options import CANCEL, CANCEL_ALL, DAY, KEEP, LATER, OTHER, SHORTER, SOONER, Option
from unknot.booking.domain.wording import clock_words, day_words
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.ids import new_id
from unknot.kernel.money import share
from unknot.kernel.zones import local
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

TAPS = (10, 15, 20, 30, 45, 60)
"""Minutes that are one tap away."""
ANSWERS = {
    "": ("not answered, the new time stands", ""),
    "keep": ("is fine with the new time", "good"),
    "sooner": ("comes sooner", "good"),
    "other": ("goes to somebody else", "good"),
    "later": ("comes later today", "good"),
    "day": ("comes another day", "good"),
    "shorter": ("comes for a shorter visit", "good"),
    "cancel": ("cancelled, free of charge", "warn"),
    "cancel-all": ("cancelled for all of them, free of charge", "warn"),
    "moved": ("was moved", "good"),
    "over": ("took place or was missed", ""),
    "superseded": ("told again since", ""),
    "undone": ("as before: it was taken back", ""),
}
HEADINGS = {
    SOONER: "Sooner, now that there is room",
    OTHER: "With somebody else, about when you had planned",
    LATER: "Later that day",
    DAY: "Another day",
}


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def desk(request: PracticeRequest) -> HttpResponse:
    """One tap plans the rest of the day anew; then the plan, who has answered, and whom to call."""
    now = timezone.now()
    team = practices.therapists()
    if request.method == "POST":
        try:
            delay = actions.run_late(
                by=request.actor,
                therapist_slug=request.POST.get("therapist", "")[:80],
                minutes=_number(request.POST.get("minutes", "")),
                key=_key(request.POST.get("key", "")),
                now=now,
            )
        except (ConflictError, InvalidError) as error:
            return _desk_page(request, team, error=error.message, status=status_of(error))
        said = "Nobody has to wait: the day stays as it is."
        if delay.visits:
            said = f"{delay.therapist_name} is {delay.minutes} minutes late. Everybody concerned gets a message."
        messages.success(request, said)
        return redirect(f"{_url(request, 'late')}?therapist={delay.therapist_slug}")
    return _desk_page(request, team)


def _desk_page(
    request: PracticeRequest, team: list[practices.TherapistFacts], *, error: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    wanted = request.POST.get("therapist") or request.GET.get("therapist", "")
    own = next((one.slug for one in team if one.id == request.actor.therapist_id), "")
    delays = queries.delays(by=request.actor, day=local(now, request.practice.timezone).date())
    shown = [one for delay in delays for one in delay.visits]
    clients = people.clients_named([one.visit.client_id for one in shown if one.visit.client_id])
    newest = {one.therapist_slug: one for one in reversed(delays) if one.undone_at is None}
    context = {
        "undoable": {one.id for one in newest.values() if one.can_undo(now)},
        "team": team,
        "chosen": wanted or own,
        "taps": TAPS,
        "key": str(new_id()),
        "delays": [(delay, [_line(one, clients) for one in delay.visits]) for delay in delays],
        "error": error,
    }
    return render(request, "booking/desk_late.html", context, status=status)


@require_POST
@page("therapist", "front_desk", "owner")
def undo(request: PracticeRequest, delay_id: UUID) -> HttpResponse:
    """Takes a wrong tap back."""
    try:
        delay = actions.undo_late(by=request.actor, delay_id=delay_id, now=timezone.now())
    except ConflictError as error:
        return _desk_page(request, practices.therapists(), error=error.message, status=status_of(error))
    said = f"Taken back: {delay.therapist_name}'s day stands as it was before."
    if delay.visits:
        said += " Whoever had been told gets a message; whoever had not hears nothing."
    messages.success(request, said)
    return redirect(f"{_url(request, 'late')}?therapist={delay.therapist_slug}")


def _line(late: queries.LateFacts, clients: dict[UUID, people.ClientFacts]) -> dict[str, Any]:
    client = clients.get(late.visit.client_id) if late.visit.client_id else None
    words, tone = ANSWERS.get(late.answer, (late.answer, ""))
    if not late.answer and late.starts_at is None:
        words, tone = "no time left today: please call", "danger"
    return {
        "late": late,
        "client": client.name if client else "",
        "phone": client.phone if client else "",
        "words": words,
        "tone": tone,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=20)
def choices(request: PracticeRequest, late_id: UUID) -> HttpResponse:
    """What the client can choose, free of charge, because we are late."""
    now = timezone.now()
    late = queries.late_visit(late_id, by=request.actor)
    error, status = "", 200
    if request.method == "POST":
        try:
            late = actions.answer_late(
                by=request.actor, late_id=late_id, choice=request.POST.get("choice", "")[:200], now=now
            )
        except (ConflictError, InvalidError) as refusal:
            error, status = refusal.message, status_of(refusal)
            late = queries.late_visit(late_id, by=request.actor)
        else:
            messages.success(request, _thanks(late))
            return redirect(_url(request, "visit", visit_id=late.visit.id))
    found = queries.late_options(late, now=now)
    context = {
        "late": late,
        "visit": late.visit,
        "open": late.is_open(now),
        "today": late.visit.local_start[:10] == f"{local(now, request.practice.timezone):%Y-%m-%d}",
        "keep": any(one.kind == KEEP for one in found),
        "groups": _groups(found),
        "shorter": next((_shorter(late, one) for one in found if one.kind == SHORTER), None),
        "cancel": any(one.kind == CANCEL for one in found),
        "cancel_all": any(one.kind == CANCEL_ALL for one in found),
        "together": queries.late_whom(late) if late.is_open(now) else "",
        "error": error,
        "cta": None,
    }
    return render(request, "booking/late.html", context, status=status)


def _groups(found: Iterable[Option]) -> list[tuple[str, list[dict[str, str]]]]:
    """Free starts by heading, each with the words of its button."""
    groups: dict[str, list[dict[str, str]]] = {}
    for one in found:
        if one.kind in HEADINGS:
            day = date.fromisoformat(one.local_start[:10])
            at = clock_words(one.local_start)
            label = f"{day_words(day)}, {at}" if one.kind == DAY else at
            groups.setdefault(one.kind, []).append({"key": one.key, "label": label, "sub": one.therapist_name})
    return [(HEADINGS[kind], groups[kind]) for kind in HEADINGS if kind in groups]


def _shorter(late: queries.LateFacts, one: Option) -> dict[str, Any]:
    price = share(late.visit.price, rate_ppm=one.minutes * 1_000_000 // late.visit.minutes)
    return {"minutes": one.minutes, "end": late.was.end, "price": price}


def _thanks(late: queries.LateFacts) -> str:
    if late.answer == CANCEL_ALL:
        return "Cancelled for all of you, free of charge. We are sorry for today."
    if late.answer == CANCEL:
        return "Cancelled, free of charge. We are sorry for today."
    visit = late.visit
    return f"Thank you. Your visit is on {visit.words.day}, {visit.words.start}, with {visit.therapist_name}."


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        return new_id()


def _url(request: PracticeRequest, name: str, **kwargs: Any) -> str:
    return reverse(f"booking:{name}", kwargs={"practice": request.practice.slug, **kwargs})
