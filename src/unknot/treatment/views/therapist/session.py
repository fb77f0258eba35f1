"""The session screen: read at arm's length, hit with an elbow, safe to reload."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4, uuid5

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.treatment import actions, domain, queries
from unknot.treatment.forms import EndForm
from unknot.treatment.views import words
from unknot.web.access import PracticeRequest, page
from unknot.web.streams import Source, last_event


@require_http_methods(["GET", "POST"])
@page(THERAPIST, writes=240)
def session(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The running session; its buttons post back here, or to `marks` where scripts run."""
    screen = queries.session_screen(visit_id, by=request.actor)
    if request.method == "POST" and screen.session.is_running:
        try:
            _do(request, screen)
        except actions.TakenBackError as error:
            messages.warning(request, error.message)
        return redirect("treatment:session", practice=request.practice.slug, visit_id=visit_id)
    if screen.session.is_running:
        return render(request, "treatment/session.html", _context(request, screen))
    if screen.session.ended_by_phone and request.method == "GET":
        return render(request, "treatment/ended.html", {"screen": screen, "at": _ended(screen)})
    return redirect("treatment:note", practice=request.practice.slug, visit_id=visit_id)


@require_http_methods(["GET", "POST"])
@page(THERAPIST)
def end(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Asks how the session ended and how the client feels, then ends it."""
    screen = queries.session_screen(visit_id, by=request.actor)
    form = EndForm(request.POST or None)
    if not screen.session.is_running:
        return redirect("treatment:note", practice=request.practice.slug, visit_id=visit_id)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        actions.end_session(
            by=request.actor,
            session_id=screen.session.id,
            ended_by=found["ended_by"],
            words=found["words"],
            pain=found["pain"],
            now=timezone.now(),
        )
        messages.success(request, "The session has ended. The note is started for you from what was done.")
        return redirect("treatment:note", practice=request.practice.slug, visit_id=visit_id)
    context = _context(request, screen) | {"form": form, "leave_label": "Back to the session"}
    context["leave_url"] = reverse("treatment:session", args=[request.practice.slug, visit_id])
    return render(request, "treatment/end.html", context, status=422 if form.is_bound else 200)


@require_GET
@page(THERAPIST, streams=True)
def stream(request: PracticeRequest, visit_id: UUID) -> Source:
    """The client's signals as they come, for the session screen."""
    session = queries.session_screen(visit_id, by=request.actor).session
    after = last_event(request.headers.get("Last-Event-ID", ""), otherwise=request.GET.get("after", ""))
    return Source(queries.watch(session.id, by=request.actor, after=after))


def _do(request: PracticeRequest, screen: queries.SessionScreen) -> None:
    """The plain forms of the screen, for browsers without scripts: each is one mark, made now."""
    typed, now = request.POST, timezone.now()
    do, session = typed.get("do", ""), screen.session
    clock = session.clock(now)
    step = {"next": clock.following, "back": clock.previous}.get(do)
    content: dict[str, Any] = {}
    if do in ("next", "back"):
        leave = typed.get("leave", "")
        if step is None or clock.current is None or clock.current.segment.key != leave:
            return
        actions.move_to_segment(by=request.actor, session_id=session.id, leave=leave, key=step.segment.key, now=now)
        return
    if do == "take_back":
        region = typed.get("region", "")
        actions.take_back(by=request.actor, session_id=session.id, region=region, treated=True, now=now)
        return
    if do == "acknowledge":
        content = {"seq": last_event(typed.get("seq", ""))}
    elif do == "said":
        content = {"signal": typed.get("signal", "")}
    elif do == "note":
        content = {"words": typed.get("words", "")}
    else:
        raise NotFoundError
    mark = actions.Mark(uuid5(session.id, f"{typed.get('key', '')[:100]}:{do}:{content}"), do, content)
    for answer in actions.record_marks(by=request.actor, session_id=session.id, marks=[mark], now=now):
        if answer.why:
            messages.warning(request, answer.why)


def _ended(screen: queries.SessionScreen) -> Any:
    return local(screen.session.ended_at, screen.visit.timezone) if screen.session.ended_at else None


def _context(request: PracticeRequest, screen: queries.SessionScreen) -> dict[str, Any]:
    session, now = screen.session, timezone.now()
    clock, slug = session.clock(now), request.practice.slug
    visit_id = screen.visit.id
    bounds = domain.bounds_of(session.plan.request)
    current = clock.current.segment if clock.current else None
    following = clock.following.segment if clock.following and session.stopped_at is None else None
    join = request.build_absolute_uri(reverse("treatment:join", args=[slug, queries.join_code(session.id)]))
    stream_url = reverse("treatment:stream", args=[slug, visit_id])
    return {
        "screen": screen,
        "clock": clock,
        "left_here": words.minutes_seconds(clock.left_here),
        "left": words.minutes_seconds(clock.left),
        "elapsed": words.minutes_seconds(clock.elapsed),
        "rows": words.clock_rows(clock, session.plan),
        "parts": words.screen_parts(session.plan),
        "made": uuid4(),
        "form": EndForm(),
        "written": [
            {"at": local(one.at, screen.visit.timezone), "words": one.words} for one in queries.written_down(session)
        ],
        "current": words.part_row(current, bounds) if current else None,
        "current_cap": words.cap_of(current, bounds) if current else None,
        "following": words.part_row(following, bounds) if following else None,
        "previous": clock.previous if session.stopped_at is None else None,
        "cue": _cue(screen),
        "stream_url": f"{stream_url}?after={session.last_seq}",
        "join_url": join,
        "join_code": _qr(join),
        "withdrawn": [domain.REGIONS[slug].name for slug in screen.withdrawn if slug in domain.REGIONS],
        "consented": [(one, domain.REGIONS[one].name) for one in screen.consented if one in domain.REGIONS],
        "notes": session.plan.notes,
        "leave_url": reverse("treatment:visit", args=[slug, visit_id]),
    }


def _cue(screen: queries.SessionScreen) -> dict[str, Any]:
    """The signal to show: an open stop before anything else, else the newest tap."""
    session = screen.session
    state = session.comfort
    if not session.taps:
        return {"prompts": []}
    open_ids = set(state.unacknowledged)
    stops = [tap for tap in session.taps if tap.signal == "stop" and str(tap.tap_id) in open_ids]
    shown = stops[-1] if stops else session.taps[-1]
    return {
        "signal": shown.signal,
        "spoken": shown.spoken,
        "waited": max(0, int((timezone.now() - shown.at).total_seconds())),
        "at": local(shown.at, screen.visit.timezone),
        "seq": shown.seq,
        "open": str(shown.tap_id) in open_ids,
        "prompts": [prompt.text for prompt in state.prompts],
    }


def _qr(url: str) -> SafeString:
    """The address as an inline picture for the client's camera: paths only, made here from our own address."""
    image = qrcode.make(url, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    out = BytesIO()
    image.save(out)
    text = out.getvalue().decode()
    return mark_safe(text[text.index("<svg") :])  # noqa: S308 - drawn by the library from our own address
