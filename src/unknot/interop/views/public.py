"""What calendar programs fetch: nobody is signed in, the secret in the address is the permission."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from unknot.interop import actions, queries
from unknot.kernel.actors import system
from unknot.web.access import ANYONE, PracticeRequest, page


@require_safe
@page(ANYONE, reads=60)
def feed(request: PracticeRequest, token: str) -> HttpResponse:
    """A therapist's diary as a calendar file."""
    now, by = timezone.now(), system(request.practice.id)
    found = queries.read_feed(token, by=by, now=now)
    actions.note_reading(by=by, feed_id=found.id, now=now)
    response = HttpResponse(found.content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="diary.ics"'
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
