"""One visit at the desk: its sheet, what happened to it, cancelling, payment."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.forms import PayForm
from unknot.booking.views.diary import back_to
from unknot.booking.views.entries import entries
from unknot.db import tenancy
from unknot.kernel.actors import FRONT_DESK, OWNER
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.payments import actions as payments
from unknot.payments import queries as money
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

STANDING = ("requested", "confirmed", "arrived", "in_session")


@require_GET
@page("therapist", "front_desk", "owner")
def visit(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Everything about one visit that the desk needs, and everything it can do with it. The diary opens it in place."""
    found = queries.visit(visit_id, by=request.actor)
    now = timezone.now()
    recipient = people.recipient(client_id=found.client_id, account_id=found.account_id)
    context = {
        "visit": found,
        "entry": entries([found], {}, by=request.actor)[found.id],
        "mail": recipient.email if recipient else "",
        "price": money.price_of(
            found.price, practice_id=request.practice.id, service_on=date.fromisoformat(found.local_start[:10])
        ),
        "terms": found.terms_at(now) if found.state in ("confirmed", "requested") else [],
        "group_id": queries.groups_of([found.id]).get(found.id),
        "new": "new" in request.GET,
        "may_open": request.actor.has("therapist"),
        "may_room": found.place_id is not None and found.state in STANDING,
        "may_add": found.state in ("requested", "confirmed") and now < found.starts_at,
        "may_cancel": found.state in ("requested", "confirmed", "arrived"),
        "back": back_to(request, found),
    }
    return render(request, "booking/desk_visit.html", context)


@require_POST
@page("therapist", "front_desk", "owner")
def mark(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Arrived, did not come, done; and undoing a slip."""
    found = queries.visit(visit_id, by=request.actor)
    actions.mark(by=request.actor, appointment_id=visit_id, event=request.POST.get("event", ""), now=timezone.now())
    return redirect(back_to(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def cancel(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Cancels for a client who called; the fee may be waived with a reason."""
    now, found = timezone.now(), queries.visit(visit_id, by=request.actor)
    reason = request.POST.get("waive", "").strip()[:200] if "waived" in request.POST else ""
    if request.method == "POST" and ("waived" not in request.POST or reason):
        actions.cancel(by=request.actor, appointment_id=visit_id, now=now, waive_reason=reason)
        messages.success(request, "The visit is cancelled, and its client is told by mail.")
        return redirect(back_to(request, found))
    outcome = actions.cancel(by=request.actor, appointment_id=visit_id, now=now, preview=True)
    clients = people.clients_named([found.client_id] if found.client_id else [])
    context = {
        "visit": found,
        "outcome": outcome,
        "client": clients.get(found.client_id) if found.client_id else None,
        "no_reason": request.method == "POST",
        "back": back_to(request, found),
    }
    return render(request, "booking/desk_cancel.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def pay(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Takes the money for a completed visit and issues its receipt."""
    found = queries.visit(visit_id, by=request.actor)
    form = PayForm(request.POST if request.method == "POST" else None)
    paid = money.payment_of_visit(found.id, by=request.actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() or paid is not None:
            try:
                with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
                    return _take(request, found, form, paid)
            except (ConflictError, InvalidError) as error:
                if paid is not None:
                    messages.error(request, error.message)
                    return redirect(request.path)
                form.add_error(error.field if error.field in form.fields else None, error.message)
                status = status_of(error)
    service_on = date.fromisoformat(found.local_start[:10])
    clients = people.clients_named([found.client_id] if found.client_id else [])
    context = {
        "visit": found,
        "client": clients.get(found.client_id) if found.client_id else None,
        "form": form,
        "methods": [{"value": value, "label": label} for value, label in money.METHODS.items()],
        "chosen": form.data.get("method", ""),
        "price": money.price_of(found.price, practice_id=request.practice.id, service_on=service_on),
        "paid": paid,
        "receipts": money.receipts_of_visit(found.id, by=request.actor),
        "may_void": request.actor.has(FRONT_DESK, OWNER),
        "here": request.path,
    }
    context["done"] = found.state == "completed" and found.starts_at <= timezone.now()
    context["standing"] = [one for one in context["receipts"] if not one.voided]
    return render(request, "booking/pay.html", context, status=status)


def _take(
    request: PracticeRequest, found: queries.VisitFacts, form: PayForm, paid: money.PaymentFacts | None
) -> HttpResponse:
    now = timezone.now()
    visit = payments.PaidVisit(
        id=found.id,
        client_id=found.client_id or UUID(int=0),
        account_id=found.account_id,
        therapist_id=found.therapist_id,
        place_id=found.place_id,
        starts_at=found.starts_at,
        minutes=found.minutes,
        price=found.price,
        completed=found.state == "completed",
    )
    if paid is None:
        tip, method = form.cleaned_data["tip"], form.cleaned_data["method"]
        payment_id = payments.record_payment(by=request.actor, visit=visit, method=method, tip_minor=tip, now=now)
    else:
        payment_id = paid.id
    payments.issue_receipt(by=request.actor, payment_id=payment_id, visit=visit, now=now)
    messages.success(request, "Paid. The receipt is ready.")
    return redirect(request.path)
