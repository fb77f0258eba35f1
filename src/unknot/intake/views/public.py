"""The guide and the screening, for visitors and clients: plain forms that work without a script."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from unknot.intake import actions, domain, queries
from unknot.intake.forms import guide as guide_form
from unknot.intake.forms import places as places_form
from unknot.intake.forms import screening as form
from unknot.kernel.errors import InvalidError
from unknot.kernel.ids import new_secret
from unknot.web.access import ANYONE, PracticeRequest, keep_for, page
from unknot.web.bodymap import body_map

VISITOR = "visitor"
STEPS = ("Guide", "Safety", "Time", "You", "Done")
SIGNS, HEALTH, CHANGED, MORE = "signs", "health", "changed", "-more"
PAGE_OF = {SIGNS: "warning_signs", HEALTH: "health"}


@never_cache
@require_http_methods(["GET", "POST"])
@page(ANYONE)
def guide(request: PracticeRequest) -> HttpResponse:
    """Which massage may suit: one calm form. Answers are kept under the browser's secret, or as the client's."""
    if request.method == "POST":
        posted = _posted(request.POST)
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
    before = queries.own_intake(by=request.actor, visitor=_known_visitor(request))
    told = queries.told_by(before)
    now = timezone.now()
    changed = told.has_screening and "again" not in request.GET
    cards = domain.questions_now(told, now=now) if changed else domain.short_questions()
    if not cards:
        return _to(request, "screening_result")
    step = CHANGED if changed else SIGNS
    if request.method == "POST":
        return _screening_post(request, cards, told, step)
    shown = _cards_of(step, cards)
    known = domain.prefilled(told, [row for card in shown for row in card.rules])
    return _cards_page(request, step, form.card_fields(shown, answers=known))


def _screening_post(
    request: PracticeRequest, cards: tuple[domain.QuestionGroup, ...], told: domain.Told, first: str
) -> HttpResponse:
    posted = _posted(request.POST)
    step = next(iter(posted.get("step", ())), first)
    base, closer = step.removesuffix(MORE), step.endswith(MORE)
    if base not in ((CHANGED,) if first == CHANGED else (SIGNS, HEALTH)):
        base, closer = first, False
    shown = _cards_of(base, cards)
    answers, before = form.carried(posted), told.answers.to_dict()
    if closer:
        rows = form.closer_rows(answers, shown)
        answers, faults = form.read_closer(posted, rows, answers)
        if faults:
            fields = form.closer_fields(rows, posted=posted, before=before, faults=faults)
            return _closer_page(request, base, fields, answers, faults)
    else:
        new, faults = form.read_cards(posted, shown)
        if faults:
            fields = form.card_fields(shown, answers=_as_shown(new), none=posted.get("none", ()), faults=faults)
            return _cards_page(request, base, fields, carried=answers, faults=faults)
        answers |= new | queries.certain_answers(request.actor.client_id, now=timezone.now())
        if rows := form.closer_rows(answers, shown):
            return _closer_page(request, base, form.closer_fields(rows, posted={}, before=before), answers)
    if base == SIGNS and not _is_urgent(answers):
        later = _cards_of(HEALTH, cards)
        return _cards_page(request, HEALTH, form.card_fields(later, answers={}), carried=answers)
    actions.record_screening(by=request.actor, visitor=_visitor(request), answers=answers, now=timezone.now())
    return _to(request, "screening_result")


def _as_shown(answers: dict[str, Any]) -> dict[str, Any]:
    return {row: value for row, value in answers.items() if value != "no"}


def _is_urgent(answers: dict[str, Any]) -> bool:
    """Whoever needs help now is not asked fifty more questions."""
    return domain.screen(domain.read_answers(answers)).outcome.severity >= domain.Outcome.URGENT.severity


def _cards_of(step: str, cards: tuple[domain.QuestionGroup, ...]) -> tuple[domain.QuestionGroup, ...]:
    return tuple(card for card in cards if step == CHANGED or card.page == PAGE_OF[step])


def _cards_page(
    request: PracticeRequest,
    step: str,
    fields: list[dict[str, Any]],
    *,
    carried: dict[str, Any] | None = None,
    faults: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context = {"step": step, "cards": fields, "carried": form.carry(carried or {}), "errors": faults or []}
    context |= {"unsure": form.UNSURE, **_steps(1, request)}
    return render(request, "intake/screening.html", context, status=422 if faults else 200)


def _closer_page(
    request: PracticeRequest,
    step: str,
    fields: list[dict[str, Any]],
    answers: dict[str, Any],
    faults: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"step": step + MORE, "rows": fields, "carried": form.carry(answers)}
    context["errors"] = faults or []
    context |= {"places": places_form.place_options(), **_steps(1, request)}
    return render(request, "intake/screening_closer.html", context, status=422 if faults else 200)


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


def _posted(data: QueryDict) -> dict[str, list[str]]:
    return {key: [str(value) for value in values] for key, values in data.lists()}


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
