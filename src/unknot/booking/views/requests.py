"""What waits for an answer: visits to confirm, and late changes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.parts import joined
from unknot.booking.domain.wording import moment_words
from unknot.kernel.errors import NotFoundError
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page

SAID = {
    "accepted": "Moved. The client is told by mail.",
    "declined": "The visit stays as it was. The client is told by mail.",
    "confirmed": "Confirmed. The client is told by mail.",
    "cancelled": "Declined. The client is told by mail.",
}


@page("therapist", "front_desk", "owner")
def waiting(request: PracticeRequest) -> HttpResponse:
    """Everything that waits, with its deadline."""
    changes = queries.changes(by=request.actor, now=timezone.now())
    visits = queries.requests(by=request.actor)
    asked = [*(one.visit for one in changes), *visits]
    clients = people.clients_named([one.client_id for one in asked if one.client_id])

    def who(visit: queries.VisitFacts) -> dict[str, Any]:
        client = clients.get(visit.client_id) if visit.client_id else None
        return {"client": client.name if client else "", "phone": client.phone if client else ""}

    along = queries.companions([one.visit.id for one in changes if one.together], by=request.actor)
    context = {
        "changes": [{"change": one, "along": joined(along.get(one.visit.id, ())), **who(one.visit)} for one in changes],
        "visits": [
            {"visit": one, "until": moment_words(one.answer_by, one.timezone) if one.answer_by else "", **who(one)}
            for one in visits
        ],
    }
    return render(request, "booking/requests.html", context)


@require_POST
@page("therapist", "front_desk", "owner")
def answer(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Yes or no to a request (confirm, decline) or, with `change`, to a late change (accept, decline)."""
    now, said = timezone.now(), request.POST.get("answer", "")
    if "change" in request.POST:
        change = actions.answer_change(
            by=request.actor, appointment_id=visit_id, change_id=_change_id(request), answer=said, now=now
        )
        messages.success(request, SAID.get(change.state, ""))
    else:
        if said not in ("confirm", "decline"):
            queries.visit(visit_id, by=request.actor)
            raise actions.UnknownAnswerError(field="answer")
        visit = actions.mark(by=request.actor, appointment_id=visit_id, event=said, now=now)
        messages.success(request, SAID.get(visit.state, ""))
    return redirect(reverse("booking:requests", kwargs={"practice": request.practice.slug}))


@require_POST
@page("client")
def withdraw(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The client takes a late change back; the old time is as it was."""
    actions.answer_change(
        by=request.actor, appointment_id=visit_id, change_id=_change_id(request), answer="withdraw", now=timezone.now()
    )
    messages.success(request, "Taken back. Your visit stays as it was.")
    return redirect(reverse("booking:visit", kwargs={"practice": request.practice.slug, "visit_id": visit_id}))


def _change_id(request: PracticeRequest) -> UUID:
    try:
        return UUID(request.POST.get("change", ""))
    except ValueError as error:
        raise NotFoundError from error
