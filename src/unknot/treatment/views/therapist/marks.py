"""What the session screen kept while the line was down, taken in; and the worker that keeps the screen itself."""

import json
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import InvalidError
from unknot.treatment import actions, queries
from unknot.treatment.forms import device_time
from unknot.web.access import ANYONE, PracticeRequest, page

MOST = 200


@require_POST
@page(THERAPIST, writes=240)
def marks(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Takes `marks` (a JSON list of {id, kind, at, content}, oldest first) sent at `sent_at` by the device's clock, and
    answers what became of each and where the session stands."""
    session = queries.session_screen(visit_id, by=request.actor).session
    found = _read(request.POST.get("marks", ""))
    answers = actions.record_marks(
        by=request.actor,
        session_id=session.id,
        marks=found,
        sent_at=device_time(request.POST.get("sent_at", "")),
        now=timezone.now(),
    )
    now, after = timezone.now(), queries.session_screen(visit_id, by=request.actor).session
    return JsonResponse(
        {
            "answers": [{"id": str(one.id), "outcome": one.outcome, "why": one.why} for one in answers],
            "part": after.part,
            "elapsed": after.clock(now).elapsed,
            "running": after.is_running,
        }
    )


@require_GET
@page(ANYONE, in_practice=False)
def worker(request: PracticeRequest) -> HttpResponse:
    """The service worker of the session screen. It stands at the root, so that it may keep a page of any practice; the
    screen registers it for its own address only."""
    text = files("unknot.web").joinpath("static/web/js/session-worker.js").read_text()
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


def _read(text: str) -> list[actions.Mark]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError("These marks could not be read. They stay on the device.", field="marks") from error
    if not isinstance(rows, list) or len(rows) > MOST:
        raise InvalidError(f"Send a list of at most {MOST} marks. They stay on the device.", field="marks")
    return [_mark(row) for row in rows]


def _mark(row: Any) -> actions.Mark:
    """One mark; raises InvalidError where not even its id can be read."""
    try:
        content = row.get("content")
        return actions.Mark(
            UUID(str(row["id"])),
            str(row.get("kind", "")),
            content if isinstance(content, dict) else {},
            device_time(str(row.get("at", ""))),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidError("A mark without its id could not be read. It stays on the device.", field="marks") from error
