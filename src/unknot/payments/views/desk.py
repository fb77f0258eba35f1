"""Receipts for the people at work."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from unknot.payments import actions
from unknot.payments.views.client import as_pdf
from unknot.web.access import PracticeRequest, page


@page("therapist", "front_desk", "owner")
def receipt(request: PracticeRequest, receipt_id: UUID) -> HttpResponse:
    """One receipt as PDF."""
    return as_pdf(request, receipt_id)


@require_POST
@page("front_desk", "owner")
def void(request: PracticeRequest, receipt_id: UUID) -> HttpResponse:
    """Marks a receipt void, with a reason, and goes back to the page it was asked from."""
    reason, back = request.POST.get("reason", ""), request.POST.get("next", "")
    actions.void_receipt(by=request.actor, receipt_id=receipt_id, reason=reason, now=timezone.now())
    messages.success(request, "The receipt is void. You can issue a corrected one.")
    own = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if own else f"/p/{request.practice.slug}/desk/")
