"""The guide and the screening, for visitors and clients: plain forms that work without a script."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from unknot.intake import actions, domain, queries
from unknot.intake.forms import guide as guide_form
from unknot.intake.forms import places as places_form
from unknot.intake.views.asking import Asked, ask, posted_of
from unknot.kernel.errors import InvalidError
from unknot.kernel.ids import new_secret
from unknot.web.access import ANYONE, PracticeRequest, keep_for, page
from unknot.web.bodymap import body_map

VISITOR = "visitor"
STEPS = ("Guide", "Safety", "Time", "You", "Done")


@never_cache
@require_http_methods(["GET", "POST"])
@page(ANYONE)
def guide(request: PracticeRequest) -> HttpResponse:
    """Which massage may suit: one calm form. Answers are kept under the browser's secret, or as the client's."""
    if request.method == "POST":
        posted = posted_of(request.POST)
        try:
            answers = guide_form.read_guide(posted)
            actions.record_guide(by=request.actor, visitor=_visitor(request), answers=answers, now=timezone.now())
            return _to(request, "guide_result")
        except domain.CardChoiceError as fault:
            marked = places_form.map_of(places_form.read_places(posted))
            return _guide(request, guide_form.guide_fields(posted, fault=fault), marked, fault=fault)
    before = queries.own_intake(by=request.actor, visitor=_known_visitor(request))
    marked = places_form.map_of(before.places) if before else {}
    marked = places_form.map_for(request.GET.get("region", "")) or marked
    chosen = guide_form.chosen_before(before.answers) if before and before.guide else {}
    return _guide(request, guide_form.guide_fields(chosen), marked)


def _guide(
    request: PracticeRequest, fields: list[dict[str, Any]], marked: dict[str, Any], *, fault: InvalidError | None = None
) -> HttpResponse:
    errors = [{"target": fault.field, "text": fault.message}] if fault else []
    context = {"first": fields[0], "fields": fields[1:], "map": body_map(marked, readonly=False), "errors": errors}
    return render(request, "intake/guide.html", context | _steps(0, request), status=422 if fault else 200)


@never_cache
@require_safe
@page(ANYONE)
def guide_result(request: PracticeRequest) -> HttpResponse:
    """The lean, explained, as it was worked out under its rules; it changes nothing about what can be booked."""
    found = queries.own_intake(by=request.actor, visitor=_known_visitor(request))
    if found is None or found.guide is None:
        return _to(request, "guide")
    result = domain.GuideResult.from_dict(found.guide)
    versions = {"guide_version": found.guide_version, "screening_version": found.screening_version}
    said = {
        reason.signal: domain.GUIDE_WORDS.get(reason.signal) or domain.question_words(reason.signal, **versions)
        for reason in (*result.reasons, *result.against)
    }
    context = {
        "result": result,
        "reasons": [(said[reason.signal], reason) for reason in result.reasons],
        "against": [(said[reason.signal], reason) for reason in result.against],
        "places": body_map(places_form.map_of(found.places), readonly=True) if found.places else None,
        "gate": queries.gate(found.id, now=timezone.now()) if found.screening else None,
        "stopped": found.screening is not None and result.lean == "not_now_refer",
    }
    return render(request, "intake/guide_result.html", context | _steps(0, request))


@never_cache
@require_http_methods(["GET", "POST"])
@page(ANYONE)
def screening(request: PracticeRequest) -> HttpResponse:
    """Safety questions: warning signs first; a returning client is asked what has changed. `?again=1` asks
    everything."""
    visitor = _visitor(request) if request.method == "POST" else _known_visitor(request)
    done = keep_for(request, reverse("intake:screening_result", kwargs={"practice": request.practice.slug}))
    return ask(request, Asked(request.actor, visitor, done, _steps(1, request)))


@never_cache
@require_safe
@page(ANYONE)
def screening_result(request: PracticeRequest) -> HttpResponse:
    """What follows: a time to choose, or what to do instead. A stop offers no booking."""
    found = queries.own_intake(by=request.actor, visitor=_known_visitor(request))
    if found is None or found.screening is None:
        return _to(request, "screening")
    result = domain.ScreeningResult.from_dict(found.screening)
    gate = queries.gate(found.id, now=timezone.now())
    if gate.needs == "screening":
        return _to(request, "screening")
    every = domain.adaptations(result)
    stopped = gate.needs == "stop"
    context: dict[str, Any] = {
        "result": result,
        "gate": gate,
        "stopped": stopped,
        "holding": [item for item in every if item.holds],
        "adapting": [item for item in every if not item.holds],
        "book_url": keep_for(request, f"/p/{request.practice.slug}/book/"),
    }
    if stopped:
        context["cta"] = None
    return render(request, "intake/screening_result.html", context | _steps(1, request))


def _to(request: PracticeRequest, name: str) -> HttpResponse:
    """On to another page about the same person."""
    return redirect(keep_for(request, reverse(f"intake:{name}", kwargs={"practice": request.practice.slug})))


def _known_visitor(request: PracticeRequest) -> str | None:
    return request.session.get(VISITOR)


def _visitor(request: PracticeRequest) -> str:
    """This browser's secret; made at the first answer, so that reading sets no cookie."""
    return str(request.session.setdefault(VISITOR, new_secret()))


def _steps(current: int, request: PracticeRequest) -> dict[str, Any]:
    base = f"/p/{request.practice.slug}/"
    urls = (f"{base}guide/", f"{base}screening/", "", "", "")
    states = [
        "done" if number < current else "current" if number == current else "todo" for number in range(len(STEPS))
    ]
    return {
        "steps": [
            {"label": label, "state": state, "url": url} for label, state, url in zip(STEPS, states, urls, strict=True)
        ]
    }
