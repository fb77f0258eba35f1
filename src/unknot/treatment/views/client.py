"""The client's pages: comfort during the session, aftercare, check-ins."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.kernel.actors import CLIENT
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.zones import local
from unknot.treatment import actions, domain, queries
from unknot.treatment.forms import BRUISE, CheckInForm, EndByClientForm, FlagForm, device_time
from unknot.treatment.views import words
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of

JOINED = "comfort_session"
TAPS_A_MINUTE = 600
SIGNALS = {"lighter": "Lighter", "same": "Just right", "deeper": "Deeper", "stop": "Stop"}


@page(ANYONE)
def join(request: PracticeRequest, code: str) -> HttpResponse:
    """Exchanges the code for this browser's session, so that the code does not linger in the address bar."""
    request.session[JOINED] = str(queries.joined_session(code))
    return redirect("treatment:joined", practice=request.practice.slug)


@require_http_methods(["GET", "POST"])
@page(ANYONE, writes=TAPS_A_MINUTE)
def joined(request: PracticeRequest) -> HttpResponse:
    """The comfort screen of a phone that came by code."""
    session_id = _joined(request)
    if session_id is None:
        raise NotFoundError("This phone is not connected to a session. Scan the code on your therapist's screen.")
    found = queries.comfort_page(by=request.actor, session_id=session_id, joined=session_id)
    return _comfort(request, found, joined=session_id)


@require_http_methods(["GET", "POST"])
@page(CLIENT, writes=TAPS_A_MINUTE)
def comfort(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The comfort screen of the client's own account."""
    return _comfort(request, queries.comfort_page(by=request.actor, appointment_id=visit_id), joined=None)


@page(CLIENT)
def aftercare(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """What was done, what helps, when to call; and the part of the note that is for the client."""
    found = queries.aftercare(visit_id, by=request.actor, now=timezone.now())
    context = {
        "found": found,
        "sheet": found.sheet,
        "part": found.part,
        "starts": local(found.visit.starts_at, found.visit.timezone),
        "sections": _sections(found.sheet) if found.sheet else [],
        "amendments": [
            {"at": local(one.at, found.visit.timezone), "text": one.text}
            for one in (found.part.amendments if found.part else ())
        ],
        "due": [
            {"id": one.id, "kind": words.KINDS[one.kind], "at": local(one.due_at, found.visit.timezone)}
            for one in found.check_ins
        ],
    }
    return render(request, "treatment/aftercare.html", context)


@require_http_methods(["GET", "POST"])
@page(CLIENT)
def check_in(request: PracticeRequest, check_in_id: UUID) -> HttpResponse:
    """A few questions, then what follows from the answers, kindly."""
    now = timezone.now()
    found = queries.check_in(check_in_id, by=request.actor, now=now)
    if found.result is not None and found.answers is not None:
        return _result(request, found)
    form = CheckInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["words"]
        actions.answer_check_in(by=request.actor, check_in_id=check_in_id, answers=form.answers(), words=typed, now=now)
        return redirect("treatment:check_in", practice=request.practice.slug, check_in_id=check_in_id)
    context = {
        "found": found,
        "form": form,
        "kind": words.KINDS[found.kind],
        "weekly": found.kind == "weekly",
        "symptoms": [{"value": name, "label": text} for name, text in domain.SYMPTOMS.items()],
        "bruises": [{"value": value, "label": label} for value, label in BRUISE],
        "values": form.data if form.is_bound else {},
        "chosen": request.POST.getlist("new_symptoms"),
        "errors": [{"target": name, "text": text} for name, texts in form.errors.items() for text in texts],
        "not_monitored": domain.not_monitored(),
    }
    return render(request, "treatment/check_in.html", context, status=422 if form.is_bound else 200)


def _result(request: PracticeRequest, found: queries.CheckInFacts) -> HttpResponse:
    if found.result is None:
        raise NotFoundError
    asked = found.result.red_flag_questions
    form = FlagForm(request.POST or None, asked=asked)
    if request.method == "POST" and asked and form.is_valid():
        actions.answer_check_in(by=request.actor, check_in_id=found.id, answers=form.answers(), now=timezone.now())
        return redirect("treatment:check_in", practice=request.practice.slug, check_in_id=found.id)
    tone, _ = words.LEVELS[found.result.level]
    bound = form.is_bound and bool(asked)
    context = {
        "found": found,
        "result": found.result,
        "tone": tone,
        "urgent": found.result.level >= domain.Level.URGENT,
        "questions": [
            {
                "name": name,
                "text": domain.FLAG_QUESTIONS[name],
                "value": form.data.get(name, "") if bound else "",
                "error": " ".join(str(text) for text in form.errors.get(name, [])) if bound else "",
            }
            for name in asked
        ],
        "not_monitored": domain.not_monitored(),
    }
    return render(request, "treatment/check_in_result.html", context, status=422 if bound else 200)


def _comfort(request: PracticeRequest, found: queries.ComfortPage, *, joined: UUID | None) -> HttpResponse:
    if request.method == "GET":
        return _comfort_page(request, found, EndByClientForm())
    if "take_back" in request.POST:
        region = request.POST["take_back"] if request.POST["take_back"] in found.private else ""
        actions.take_back(
            by=request.actor, session_id=found.session_id, region=region, joined=joined, now=timezone.now()
        )
        return redirect(f"{request.path}?back=1")
    if request.POST.get("do") == "end":
        return _end(request, found, joined=joined)
    signal = request.POST.get("signal", "")
    key = request.POST.get("idempotency_key", "")[:100]
    json = request.headers.get("Accept", "") == "application/json"
    try:
        tap = actions.tap(
            by=request.actor,
            session_id=found.session_id,
            tap_id=uuid5(found.session_id, f"{key}:{signal}"),
            signal=signal,
            tapped_at=device_time(request.POST.get("pressed_at", "")),
            sent_at=device_time(request.POST.get("sent_at", "")),
            joined=joined,
            now=timezone.now(),
        )
    except ConflictError as error:
        if json:
            return JsonResponse({"detail": error.message}, status=status_of(error))
        messages.warning(request, error.message)
        return redirect(request.path)
    if json:
        return JsonResponse({"seq": tap.seq, "signal": tap.signal, "late": tap.late})
    return redirect(f"{request.path}?sent={tap.signal}")


def _end(request: PracticeRequest, found: queries.ComfortPage, *, joined: UUID | None) -> HttpResponse:
    """The client ends the session. What can't be read of the reason never holds up the end."""
    form = EndByClientForm(request.POST)
    reason = form.reason() if form.is_valid() else ""
    actions.end_by_client(
        by=request.actor, session_id=found.session_id, words=reason, joined=joined, now=timezone.now()
    )
    return redirect(request.path)


def _comfort_page(request: PracticeRequest, found: queries.ComfortPage, form: EndByClientForm) -> HttpResponse:
    sent = request.GET.get("sent", "")
    context = {"found": found, "key": uuid4(), "sent": sent, "sent_word": SIGNALS.get(sent, ""), "end": form}
    private = [(slug, domain.REGIONS[slug].name) for slug in found.private if slug in domain.REGIONS]
    context |= {"private": private, "taken_back": "back" in request.GET}
    response = render(request, "treatment/comfort.html", context)
    # Voice is off until the person turns it on; the browser then asks once more.
    response["Permissions-Policy"] = "camera=(), microphone=(self), geolocation=()"
    return response


def _joined(request: PracticeRequest) -> UUID | None:
    try:
        return UUID(str(request.session.get(JOINED, "")))
    except ValueError:
        return None


def _sections(sheet: domain.AftercareSheet) -> list[dict[str, Any]]:
    titles = {
        "today": "Today and tomorrow",
        "expect": "What you may feel",
        "evidence": "What is known",
        "contact": "When to write to us",
    }
    return [{"title": title, "lines": sheet.section(name)} for name, title in titles.items() if sheet.section(name)]
