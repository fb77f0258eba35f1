"""A group after it was booked: see, join, answer, move, cancel."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.wording import day_words, days_of, moment_words
from unknot.booking.views.public import DAYS_SHOWN, here, steps, url_of
from unknot.booking.views.together import day_asked
from unknot.intake import queries as intake
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of

OPEN = ("requested", "confirmed", "arrived")
MOVABLE = ("requested", "confirmed")


@require_http_methods(["GET", "HEAD", "POST"])
@page("client")
def group(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Who comes; for who was brought along, their own answers and their yes."""
    now, found = timezone.now(), queries.group(group_id, by=request.actor)
    mine = next((one for one in found.parts if one.own and one.waits and one.visit is not None), None)
    error = ""
    if request.method == "POST" and mine is not None and mine.visit is not None:
        answers = intake.current_intake(client_id=mine.visit.client_id)
        try:
            actions.answer_part(
                by=request.actor,
                appointment_id=mine.visit.id,
                intake_id=answers.id if answers else None,
                now=now,
            )
            return redirect(request.path)
        except (ConflictError, InvalidError) as refusal:
            error = refusal.message
    gate = None
    if mine is not None and mine.visit is not None:
        answers = intake.current_intake(client_id=mine.visit.client_id)
        gate = intake.gate(answers.id if answers else None, now=now, client_id=mine.visit.client_id)
    standing = [one for one in found.visits if one.state in OPEN and one.starts_at > now]
    context = {
        "steps": steps(request, 3),
        "found": found,
        "words": found.visits[0].words,
        "new": "new" in request.GET,
        "mine": mine,
        "gate": gate,
        "error": error,
        "can_change": found.organiser and bool(standing),
        "change": queries.change_of_group(group_id, by=request.actor) if found.organiser else None,
        "here": request.path,
        "email": request.actor.email,
        "cta": None,
    }
    return render(request, "booking/my_together.html", context, status=422 if error else 200)


@require_POST
@page("client")
def withdraw(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Whoever booked takes the late change of all back; the old times are as they were."""
    found = queries.group(group_id, by=request.actor)
    change = queries.change_of_group(group_id, by=request.actor) if found.organiser else None
    if change is None or change.id is None:
        raise NotFoundError
    actions.answer_change(
        by=request.actor,
        appointment_id=change.visit.id,
        change_id=change.id,
        answer="withdraw",
        now=timezone.now(),
    )
    messages.success(request, "Taken back. Your visits stay as they were.")
    return redirect(url_of(request, "together_group", group_id=group_id))


@require_http_methods(["GET", "HEAD", "POST"])
@page("client")
def cancel(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """What cancelling one or all costs, and then doing it."""
    now, by = timezone.now(), request.actor
    found = queries.group(group_id, by=by)
    if not found.organiser:
        raise NotFoundError
    only = _one(request)
    if request.method == "POST":
        actions.cancel_group(by=by, group_id=group_id, only=only, now=now)
        messages.success(request, "Cancelled. Everybody it concerns is written to.")
        return redirect(url_of(request, "together_group", group_id=group_id))
    asked = actions.cancel_group(by=by, group_id=group_id, only=only, preview=True, now=now)
    if not asked.parts:
        return redirect(url_of(request, "together_group", group_id=group_id))
    fee = Money(sum(one.fee.minor for one in asked.parts), asked.parts[0].fee.currency)
    names = {one.visit.id: one.called for one in found.parts if one.visit is not None}
    context = {
        "found": found,
        "rows": [(names.get(one.visit.id, ""), one) for one in asked.parts],
        "fee": fee,
        "only": only,
        "words": found.visits[0].words,
    }
    return render(request, "booking/my_together_cancel.html", context)


def _one(request: PracticeRequest) -> UUID | None:
    """The one visit that is meant, None for all of them. Raises NotFoundError for what is no id."""
    named = request.POST.get("visit") or request.GET.get("visit")
    try:
        return UUID(named) if named else None
    except ValueError as error:
        raise NotFoundError from error


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=30)
def move(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Another start for all of them: choose, see, confirm."""
    found = queries.group(group_id, by=request.actor)
    if not found.organiser:
        raise NotFoundError
    if not [one for one in found.visits if one.state in MOVABLE and one.starts_at > timezone.now()]:
        return redirect(url_of(request, "together_group", group_id=group_id))
    if request.method != "POST":
        return _move_page(request, found)
    _, _, local_start = request.POST.get("slot", "")[:120].replace("\x00", "").partition("|")
    sure, anybody = request.POST.get("sure") == "1", request.POST.get("with") == "anybody"
    try:
        then = actions.move_group(
            by=request.actor,
            group_id=group_id,
            local_start=local_start,
            anybody=anybody,
            preview=not sure,
            now=timezone.now(),
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        return _move_page(request, found, error=error.message, status=status_of(error))
    if sure:
        words = "Asked. All your times stay as they are until we answer, by mail."
        messages.success(request, words if then.answer_by else "Moved, all of you. Everybody is written to.")
        return redirect(url_of(request, "together_group", group_id=group_id))
    called = [one.called for one in found.parts if one.visit is not None and one.visit.state in MOVABLE]
    context = {
        "found": found,
        "rows": list(zip(called, then.then, strict=True)),
        "words": found.visits[0].words,
        "then": then.then[0].words,
        "until": moment_words(then.answer_by, found.timezone) if then.answer_by else "",
        "least": then.least,
        "slot": request.POST.get("slot", ""),
        "anybody": anybody,
    }
    return render(request, "booking/my_together_move_sure.html", context)


def _move_page(
    request: PracticeRequest, found: queries.GroupFacts, *, error: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    today = local(now, request.practice.timezone).date()
    horizon = today + timedelta(days=here(request).horizon_days)
    first = day_asked(request.GET.get("from", ""), today, horizon)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    anybody = (request.POST.get("with") or request.GET.get("with")) == "anybody"
    standing = [one for one in found.visits if one.state in MOVABLE]
    late = queries.needs_a_yes(standing, by=request.actor, now=now)
    wish = queries.question_to_move(standing, here(request), now=now, anybody=anybody, beside=late)
    starts = queries.group_starts(wish, first=first, last=last)
    days = days_of([one for one in starts if one.local_start != found.local_start], name_therapist=False)
    kept = "&with=anybody" if anybody else ""
    context = {
        "found": found,
        "words": found.visits[0].words,
        "days": days,
        "open_days": {one.id for one in days[:1]},
        "anybody": anybody,
        "late": late,
        "week": f"{day_words(first)} to {day_words(last)}",
        "first": first.isoformat(),
        "earlier": f"?from={(first - timedelta(days=DAYS_SHOWN)).isoformat()}{kept}" if first > today else "",
        "later": f"?from={(last + timedelta(days=1)).isoformat()}{kept}" if last < horizon else "",
        "error": error,
        "cta": None,
    }
    return render(request, "booking/my_together_move.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=6)
def join(request: PracticeRequest, token: str) -> HttpResponse:
    """The page of a link in a mail. It says the same whatever the link is worth: who is behind it proves themselves
    first, and only then, and not often, is it looked at.
    """
    if request.method == "POST" and not request.actor.is_anonymous:
        visit_id = actions.join_part(by=request.actor, token=token, now=timezone.now())
        group_id = queries.groups_of([visit_id])[visit_id]
        return redirect(url_of(request, "together_group", group_id=group_id))
    return render(request, "booking/join.html", {"here": request.path, "cta": None})
