"""The client's own progress: does it help, and what comes next."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unknot.kernel.errors import ConflictError, InvalidError, UnknotError
from unknot.kernel.zones import local, to_utc
from unknot.outcomes import actions, queries
from unknot.outcomes.forms import GoalForm, LevelForm, QuestionsForm, RatingForm, WishForm
from unknot.outcomes.views.present import book_url, present, series_url
from unknot.web.access import PracticeRequest, keep_for, page


@require_GET
@page("client")
def progress(request: PracticeRequest) -> HttpResponse:
    """Chart, numbers, goals, the next visit, and a place to rate today."""
    return _page(request, timezone.now())


@require_POST
@page("client")
def rate(request: PracticeRequest) -> HttpResponse:
    """Stores a rating of average pain."""
    now = timezone.now()
    form = RatingForm(request.POST, today=local(now, request.practice.timezone).date())
    if form.is_valid():
        try:
            actions.record_measure(
                by=request.actor,
                client_id=own(request),
                instrument="nprs",
                value=form.cleaned_data["value"],
                window="average_24h",
                context="weekly",
                taken_at=moment_of(form.cleaned_data["day"], now, request.practice.timezone),
                now=now,
            )
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "Thank you. Your rating is in, and what follows from it is worked out anew.")
            return redirect(keep_for(request, f"{_base(request)}my/progress/"))
    return _page(request, now, rating=form, status=422)


@require_POST
@page("client")
def add_goal(request: PracticeRequest) -> HttpResponse:
    """Stores a goal in the client's own words."""
    now, form = timezone.now(), GoalForm(request.POST)
    if form.is_valid():
        try:
            words, steps = form.cleaned_data["words"], form.steps()
            actions.set_goal(by=request.actor, client_id=own(request), words=words, steps=steps, now=now)
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "Your goal is saved. Your therapist sees it before each visit.")
            return redirect(keep_for(request, f"{_base(request)}my/progress/#goals"))
    return _page(request, now, goal=form, status=422)


@require_POST
@page("client")
def goal(request: PracticeRequest, goal_id: UUID) -> HttpResponse:
    """Says how far a goal is reached, or closes it."""
    now, form = timezone.now(), LevelForm(request.POST)
    if "close" in request.POST:
        actions.close_goal(by=request.actor, client_id=own(request), goal_id=goal_id, now=now)
        messages.success(request, "The goal is closed. It stays in your record.")
        return redirect(keep_for(request, f"{_base(request)}my/progress/#goals"))
    if form.is_valid():
        actions.record_measure(
            by=request.actor,
            client_id=own(request),
            instrument="goal",
            value=form.cleaned_data["level"],
            context="review",
            goal_id=goal_id,
            now=now,
        )
        messages.success(request, "Saved. Thank you.")
        return redirect(keep_for(request, f"{_base(request)}my/progress/#goals"))
    return _page(request, now, level_error=(goal_id, str(form.errors["level"][0])), status=422)


@require_http_methods(["GET", "POST"])
@page("client")
def questions(request: PracticeRequest) -> HttpResponse:
    """The longer questions, while they are open: activities the client chose, and the overall change."""
    now, client_id = timezone.now(), own(request)
    found = queries.round_for(client_id, by=request.actor, now=now)
    if found.round is None:
        if found.forms:
            return redirect(keep_for(request, f"{_base(request)}my/progress/questions/{found.forms[0].id}/"))
        return render(request, "outcomes/questions_none.html", {"base": _base(request)})
    form = QuestionsForm(request.POST or None, asks=found.round.asks, chosen=found.activities)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_round(
                by=request.actor,
                client_id=client_id,
                activities=form.activities(),
                overall=form.cleaned_data.get("overall"),
                now=now,
            )
        except (InvalidError, ConflictError) as error:
            blame(form, error)
        else:
            messages.success(request, "Thank you. Your answers are in, beside the earlier ones.")
            return redirect(keep_for(request, after_questions(request, found.forms)))
    context = {"form": form, "round": found.round, "base": _base(request)}
    return render(request, "outcomes/questions.html", context, status=422 if form.is_bound else 200)


@require_POST
@page("client")
def wish(request: PracticeRequest) -> HttpResponse:
    """What the client wishes for the plan: from which pain on, and whether styles take turns."""
    now, form = timezone.now(), WishForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        actions.set_wish(
            by=request.actor, client_id=own(request), target=given["target"], compare=given["compare"], now=now
        )
        messages.success(request, "Saved. The proposal is worked out anew with it.")
        return redirect(keep_for(request, f"{_base(request)}my/progress/#proposal"))
    return _page(request, now, wishes=form, status=422)


def after_questions(request: PracticeRequest, left: Sequence[queries.OpenForm]) -> str:
    """Where to go after an answer: the next questionnaire that waits, else the progress page."""
    base = f"{_base(request)}my/progress/"
    return f"{base}questions/{left[0].id}/" if left else base


def own(request: PracticeRequest) -> UUID:
    """The record that the page is about: the signed-in client's own, or that of somebody they look after."""
    assert request.actor.client_id is not None  # noqa: S101 - the page is for clients
    return request.actor.client_id


def moment_of(day: str, now: datetime, zone: str) -> datetime:
    """A chosen local day as an instant: now for today, its evening for an earlier day."""
    today = local(now, zone).date()
    chosen = date.fromisoformat(day) if day else today
    return now if chosen >= today else to_utc(datetime.combine(chosen, time(18)), zone)


def blame(form: Form, error: UnknotError) -> None:
    """Puts a refusal beside the field at fault, or on top of the form."""
    form.add_error(error.field if error.field in form.fields else None, error.message)


def _base(request: PracticeRequest) -> str:
    return f"/p/{request.practice.slug}/"


def _page(
    request: PracticeRequest,
    now: datetime,
    *,
    rating: RatingForm | None = None,
    goal: GoalForm | None = None,
    level_error: tuple[UUID, str] | None = None,
    wishes: WishForm | None = None,
    status: int = 200,
) -> HttpResponse:
    view = queries.progress(own(request), by=request.actor, now=now)
    base, rhythm = _base(request), series_url(view, request.practice.slug)
    asked = queries.round_for(own(request), by=request.actor, now=now)
    wished = {"target": view.wish.target, "compare": view.wish.compare_since is not None}
    context: dict[str, Any] = present(view) | {
        "base": base,
        "asked": asked if asked.round or asked.forms else None,
        "wishes": wishes or WishForm(initial=wished),
        "rating": rating or RatingForm(today=view.today),
        "goal_form": goal or GoalForm(),
        "level_error": level_error,
        "book_url": keep_for(request, book_url(view, base)),
        "series_url": rhythm and keep_for(request, rhythm),
    }
    return render(request, "outcomes/progress.html", context, status=status)
