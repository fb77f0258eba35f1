"""The page about touch: places left alone, covering, signs. One for the client, one for the therapist who was told."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from unknot.intake import actions, domain, queries
from unknot.intake.forms import touch as form
from unknot.intake.views.asking import posted_of
from unknot.web.access import PracticeRequest, keep_for


def touch_page(request: PracticeRequest, client_id: UUID, *, base: str, back: str, name: str = "") -> HttpResponse:
    """Shows the wishes of a client and keeps new ones; `name` is given where somebody else writes them down."""
    fault: domain.TouchWishError | None = None
    if request.method == "POST":
        raw = form.read_touch(posted_of(request.POST))
        try:
            actions.keep_touch_wishes(by=request.actor, client_id=client_id, wishes=raw, now=timezone.now())
            return redirect(keep_for(request, f"{request.path}?saved=1"))
        except domain.TouchWishError as error:
            fault = error
    else:
        raw = queries.touch_wishes(client_id, by=request.actor).to_dict()
    context = form.touch_fields(raw, fault=fault) | {"base": base, "back": back, "name": name}
    context |= {"saved": "saved" in request.GET and fault is None}
    context["errors"] = [{"target": f"id_{fault.field}", "text": fault.message}] if fault else []
    return render(request, "intake/touch.html", context, status=422 if fault else 200)
