"""The opened visit and its plan."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.zones import local
from unknot.treatment import actions, domain, queries
from unknot.treatment.forms import StartForm
from unknot.treatment.views import words
from unknot.web.access import PracticeRequest, page
from unknot.web.bodymap import body_map

A_DAY = timedelta(days=1)


@page(THERAPIST)
def visit(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Goal, body map, limits, last time and plan, before the door opens."""
    now = timezone.now()
    found = queries.opened_visit(visit_id, by=request.actor, now=now)
    context = _context(found, now) | {"open_part": request.GET.get("open", "")}
    slug, client_id = request.practice.slug, found.client.id
    context["check_ins_url"] = reverse("treatment:check_ins", args=[slug])
    context["answers_url"] = reverse("intake:answers", args=[slug, client_id])
    context["ask_url"] = reverse("intake:ask", args=[slug, client_id])
    context["consent_url"] = reverse("intake:desk_consent", args=[slug, visit_id])
    context["style_url"] = reverse("intake:style", args=[slug, visit_id])
    context["touch_url"] = reverse("intake:touch", args=[slug, client_id])
    return render(request, "treatment/visit.html", context)


@require_POST
@page(THERAPIST, writes=240)
def plan(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Changes the plan, makes it anew, or records that the client agreed. A refusal is said on the page."""
    do, version = request.POST.get("do", ""), request.POST.get("version", "")
    now = timezone.now()
    try:
        if do == "propose":
            actions.propose_plan(by=request.actor, appointment_id=visit_id, now=now)
        elif do == "agree":
            actions.agree_plan(by=request.actor, appointment_id=visit_id, version=_number(version), now=now)
        else:
            edit = actions.Edit(do, request.POST.get("key", ""), request.POST.get("technique", ""))
            actions.edit_plan(by=request.actor, appointment_id=visit_id, version=_number(version), edit=edit, now=now)
    except (InvalidError, ConflictError) as error:
        messages.warning(request, error.message)
    opened = urlencode({"open": request.POST["key"]}) if request.POST.get("key") else ""
    anchor = f"?{opened}#plan" if opened else "#start" if do == "agree" else "#plan"
    return redirect(reverse("treatment:visit", args=[request.practice.slug, visit_id]) + anchor)


@require_POST
@page(THERAPIST)
def start(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Starts the session and leads to its screen."""
    form = StartForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidError("Pain runs from 0 to 10. The session was not started; choose a number or leave it open.")
        pain = form.cleaned_data["pain"]
        actions.start_session(by=request.actor, appointment_id=visit_id, pain=pain, now=timezone.now())
    except (ConflictError, InvalidError) as error:
        messages.warning(request, error.message)
        return redirect("treatment:visit", practice=request.practice.slug, visit_id=visit_id)
    return redirect("treatment:session", practice=request.practice.slug, visit_id=visit_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _context(found: queries.OpenedVisit, now: datetime) -> dict[str, Any]:
    visit, plan = found.visit, found.plan
    return {
        "found": found,
        "visit": visit,
        "client": found.client,
        "starts": local(visit.starts_at, visit.timezone),
        "lean": words.LEANS.get(found.limits.lean, found.limits.lean),
        "map": body_map(words.body(found.limits.marked), readonly=True),
        "parts": _parts(plan.plan) if plan else [],
        "plan": plan,
        "ceiling": _ceiling(plan.plan) if plan else None,
        "outdated": [words.OUTDATED[name] for name in plan.outdated] if plan else [],
        "editable": found.mine and found.session is None and visit.is_upcoming,
        "consented": [domain.REGIONS[slug].name for slug in sorted(found.limits.consented) if slug in domain.REGIONS],
        "last": _last(found),
        "held": [past for past in found.history if past.is_held],
        "choice_words": words.LEANS.get(found.choice.choice, "No massage") if found.choice else "",
        "held_words": words.HELD.get(found.limits.held, ""),
        "ask_again": visit.is_upcoming
        and visit.starts_at - now < A_DAY
        and found.limits.must_ask_again(visit.starts_at),
        "numbers": range(11),
        "attribution": domain.WALTON_ATTRIBUTION,
        "session_state": _session_state(found),
    }


def _parts(plan: domain.Plan) -> list[dict[str, Any]]:
    bounds = domain.bounds_of(plan.request)
    rows = []
    movable = [s.phase not in domain.KEPT_PHASES | {"warm_up", "cool_down"} for s in plan.segments]
    for i, segment in enumerate(plan.segments):
        cap = words.cap_of(segment, bounds)
        level = segment.walton_max
        rows.append(
            words.part_row(segment, bounds)
            | {
                "fixed": segment.phase in domain.KEPT_PHASES,
                "up": movable[i] and i > 0 and movable[i - 1],
                "down": movable[i] and i + 1 < len(movable) and movable[i + 1],
                "lighter": level is not None and level > 0,
                "firmer": level is not None and cap is not None and level < cap,
                "swaps": words.swaps(segment, bounds),
            }
        )
    return rows


def _ceiling(plan: domain.Plan) -> dict[str, Any] | None:
    level, request = domain.bounds_of(plan.request).top_level, plan.request
    if level >= domain.MOST_LEVEL:
        return None
    if request.style == "lighter_only":
        return {"level": level, "why": "Lighter work is what fits."}
    if request.first_visit:
        return {"level": level, "why": "First visit here."}
    return {"level": level, "why": "They did not ask for more."}


def _last(found: queries.OpenedVisit) -> dict[str, Any] | None:
    past = found.last
    if past is None:
        return None
    return {
        "starts": local(past.visit.starts_at, past.visit.timezone),
        "note": past.note,
        "level": past.session.level,
        "regions": [domain.REGIONS[slug].name for slug in sorted(past.session.regions)],
        "reaction": words.REACTIONS[past.reaction],
        "tone": "warn" if past.reaction in {"sore_over_2_days", "bruised", "worse"} else "good",
        "words": [one.words for one in past.check_ins if one.words],
    }


def _session_state(found: queries.OpenedVisit) -> str:
    if found.session is None:
        return ""
    return "running" if found.session.is_running else "over"
