"""The safety questions as pages: the same for a visitor, a client, and a therapist who asks in the room."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from unknot.intake import actions, domain, queries
from unknot.intake.forms import places as places_form
from unknot.intake.forms import screening as form
from unknot.kernel.actors import Actor
from unknot.web.access import PracticeRequest

SIGNS, HEALTH, CHANGED, MORE = "signs", "health", "changed", "-more"
PAGE_OF = {SIGNS: "warning_signs", HEALTH: "health"}


@dataclass(frozen=True)
class Asked:
    """Whose answers these are (`actor` at work as the client, or the `visitor`), where it goes on once they are kept,
    and what the pages show besides: the steps of a booking, or the name of whom a therapist asks."""

    actor: Actor
    visitor: str | None
    done: str
    shown: dict[str, Any] = field(default_factory=dict)


def ask(request: PracticeRequest, asked: Asked) -> HttpResponse:
    """The page that comes next: cards, closer questions, or on to `done`. `?again=1` asks everything."""
    told = queries.told_by(queries.own_intake(by=asked.actor, visitor=asked.visitor))
    changed = told.has_screening and "again" not in request.GET
    rules = queries.rules_in_force()
    cards = (
        domain.questions_now(told, now=timezone.now(), rules=rules) if changed else domain.short_questions(rules=rules)
    )
    if not cards:
        return redirect(asked.done)
    step = CHANGED if changed else SIGNS
    if request.method == "POST":
        return _answered(request, asked, cards, told, step)
    shown = _cards_of(step, cards)
    known = domain.prefilled(told, [row for card in shown for row in card.rules])
    return _cards_page(request, asked, step, form.card_fields(shown, answers=known))


def _answered(
    request: PracticeRequest, asked: Asked, cards: tuple[domain.QuestionGroup, ...], told: domain.Told, first: str
) -> HttpResponse:
    posted = posted_of(request.POST)
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
            return _closer_page(request, asked, base, fields, answers, faults)
    else:
        new, faults = form.read_cards(posted, shown)
        faults += form.misfits(new, shown)
        if faults:
            fields = form.card_fields(shown, answers=_as_shown(new), none=posted.get("none", ()), faults=faults)
            return _cards_page(request, asked, base, fields, carried=answers, faults=faults)
        answers |= new | queries.certain_answers(asked.actor.client_id, now=timezone.now())
        if rows := form.closer_rows(answers, shown):
            return _closer_page(request, asked, base, form.closer_fields(rows, posted={}, before=before), answers)
    if base == SIGNS and not _is_urgent(answers):
        later = _cards_of(HEALTH, cards)
        return _cards_page(request, asked, HEALTH, form.card_fields(later, answers={}), carried=answers)
    actions.record_screening(by=asked.actor, visitor=asked.visitor, answers=answers, now=timezone.now())
    return redirect(asked.done)


def _as_shown(answers: dict[str, Any]) -> dict[str, Any]:
    return {row: value for row, value in answers.items() if value != "no"}


def _is_urgent(answers: dict[str, Any]) -> bool:
    """Whoever needs help now is not asked fifty more questions."""
    result = domain.screen(domain.read_answers(answers), rules=queries.rules_in_force())
    return result.outcome.severity >= domain.Outcome.URGENT.severity


def _cards_of(step: str, cards: tuple[domain.QuestionGroup, ...]) -> tuple[domain.QuestionGroup, ...]:
    return tuple(card for card in cards if step == CHANGED or card.page == PAGE_OF[step])


def _cards_page(
    request: PracticeRequest,
    asked: Asked,
    step: str,
    fields: list[dict[str, Any]],
    *,
    carried: dict[str, Any] | None = None,
    faults: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context = {"step": step, "cards": fields, "carried": form.carry(carried or {}), "errors": faults or []}
    context |= {"unsure": form.UNSURE, **asked.shown}
    return render(request, "intake/screening.html", context, status=422 if faults else 200)


def _closer_page(
    request: PracticeRequest,
    asked: Asked,
    step: str,
    fields: list[dict[str, Any]],
    answers: dict[str, Any],
    faults: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"step": step + MORE, "rows": fields, "carried": form.carry(answers)}
    context |= {"errors": faults or [], "places": places_form.place_options(), **asked.shown}
    return render(request, "intake/screening_closer.html", context, status=422 if faults else 200)


def posted_of(data: QueryDict) -> dict[str, list[str]]:
    """What a form sent, as lists of text."""
    return {key: [str(value) for value in values] for key, values in data.lists()}
