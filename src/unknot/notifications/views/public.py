"""Stopping a kind of mail from the mail itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from unknot.notifications import actions, queries
from unknot.notifications.queries import Kind
from unknot.web.access import ANYONE, PracticeRequest, page

WORDS = {
    Kind.BOOKING_REMINDER: "reminders of your appointments",
    Kind.CHECK_IN_DUE: "questions about how you are after an appointment",
    Kind.AFTERCARE_READY: "notes to read after an appointment",
    Kind.REVIEW_INVITE: "invitations to write a review",
}


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, in_practice=False, writes=20)
def stop_mail(request: PracticeRequest, token: str) -> HttpResponse:
    """Asks once (link scanners open links too), then stops."""
    _, _, kind = queries.read_stop_link(token)
    if request.method == "POST":
        actions.stop(token=token, now=timezone.now())
    context = {"what": WORDS.get(kind, "messages like this one"), "done": request.method == "POST"}
    return render(request, "notifications/stop.html", context)
