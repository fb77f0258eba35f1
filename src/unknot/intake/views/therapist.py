"""The therapist's pages about what a client told: the answers with what follows, asking in the room, wishes."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from unknot.intake import actions, domain, queries
from unknot.intake.forms import relaxing
from unknot.intake.views.asking import Asked, ask, posted_of
from unknot.intake.views.consenting import consent_page
from unknot.intake.views.touching import touch_page
from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import NotFoundError, UnknotError
from unknot.people import queries as people
from unknot.people.queries import ClientFacts
from unknot.web.access import PracticeRequest, page

OUTCOMES = {
    "clear": "Nothing in the answers stands in the way.",
    "adapt": "The visit can go on, with the limits below.",
    "review": "Talk with them before you begin.",
    "not_today": "Not today.",
    "doctor_first": "A doctor or nurse practitioner first.",
    "urgent": "Medical assessment today, no massage.",
    "emergency": "Emergency: 911, no massage.",
}


@never_cache
@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def answers(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """What a client answered, rule by rule with its source; a rule may be relaxed with a reason, emergencies never."""
    client = people.client(client_id, by=request.actor)
    newest = queries.current_intake(client_id=client_id)
    found = queries.intake_of(newest.id, by=request.actor) if newest else None
    typed: dict[str, Any] = {}
    fault: UnknotError | None = None
    if request.method == "POST" and found is not None:
        typed = relaxing.read_relaxation(posted_of(request.POST))
        try:
            if typed["intake"] != str(found.id):
                raise actions.AnswersMovedOnError
            actions.relax(
                by=request.actor,
                intake_id=found.id,
                rule=typed["rule"],
                reason=typed["reason"],
                scope=relaxing.scope_of(typed),
                cap=relaxing.cap_of(typed),
                now=timezone.now(),
            )
            messages.success(request, "Kept, with your name, your reason and the time.")
            return redirect(request.path)
        except (domain.RelaxationError, domain.UnknownRuleError, domain.EmergencyNotRelaxableError,
                actions.NothingToRelaxError, actions.AnswersMovedOnError) as error:  # fmt: skip
            fault = error
    return render(
        request, "intake/desk_answers.html", _context(client, found, typed, fault), status=422 if fault else 200
    )


def _context(
    client: ClientFacts, found: queries.IntakeFacts | None, typed: dict[str, Any], fault: UnknotError | None
) -> dict[str, Any]:
    result = domain.ScreeningResult.from_dict(found.screening) if found and found.screening else None
    told = queries.told_by(found)
    version = found.screening_version if found else ""
    in_force = queries.rules_of(version) if version else None
    rules = domain.adaptations(result) if result else ()
    return {
        "client": client,
        "found": found,
        "result": result,
        "outcome": OUTCOMES[result.outcome.value] if result else "",
        "rules": [
            (one, domain.may_relax(told.answers, one.rule, rules=in_force), _placed(told, one.rule)) for one in rules
        ],
        "relaxed": [
            (one, domain.question_words(one.rule, screening_version=version))
            for one in (result.relaxed if result else ())
        ],
        "unsure": [
            (rule, domain.question_words(rule, screening_version=version))
            for rule, answer in told.answers.items
            if answer.value.is_unknown
        ],
        "due": bool(found is None or found.valid_until is None or found.valid_until <= timezone.now()),
        "typed": typed,
        "fault": fault,
        "levels": range(6),
        "errors": [{"target": f"reason-{typed.get('rule')}", "text": fault.message}] if fault else [],
    }


def _placed(told: domain.Told, rule: str) -> str:
    answer = told.answers.get(rule)
    return ", ".join(domain.place_name(place.region) for place in answer.places) if answer else ""


@never_cache
@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def ask_in_the_room(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """The same questions, put by the therapist: what has changed, or everything to somebody new."""
    client = people.client(client_id, by=request.actor)
    done = reverse("intake:answers", args=[request.practice.slug, client_id])
    shown = {"base": "web/base_desk.html", "asked": client.greeting, "leave": done}
    return ask(request, Asked(replace(request.actor, client_id=client_id), None, done, shown))


@never_cache
@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def consent(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """What was signed or said in the room, written down by the therapist; taken back in one tap as well."""
    client_id = import_string(settings.UNKNOT_VISIT_FINDER)(visit_id, by=request.actor).client_id
    if client_id is None:
        raise NotFoundError
    back = f"/p/{request.practice.slug}/desk/visits/{visit_id}/"
    return consent_page(request, visit_id, client_id, base="web/base_desk.html", back=back, in_room=True)


@never_cache
@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def touch(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """How a client wishes to be touched, written down by the therapist who was told."""
    client = people.client(client_id, by=request.actor)
    back = reverse("intake:answers", args=[request.practice.slug, client_id])
    return touch_page(request, client_id, base="web/base_desk.html", back=back, name=client.greeting)
