"""A client's receipts."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from unknot.payments import queries
from unknot.payments.gateways.typst import receipt_pdf
from unknot.web.access import PracticeRequest, page


@page("client")
def receipts(request: PracticeRequest) -> HttpResponse:
    """All receipts in this practice, newest first."""
    assert request.actor.client_id is not None  # noqa: S101 - the role says so
    rows = queries.receipts_of_client(request.actor.client_id, by=request.actor)
    return render(request, "payments/receipts.html", {"rows": rows})


@page("client")
def receipt(request: PracticeRequest, receipt_id: UUID) -> HttpResponse:
    """One receipt as PDF."""
    return as_pdf(request, receipt_id)


def as_pdf(request: PracticeRequest, receipt_id: UUID) -> HttpResponse:
    """The file, to be shown in the browser or kept."""
    facts = queries.receipt(receipt_id, by=request.actor)
    response = HttpResponse(receipt_pdf(facts), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{facts.number}.pdf"'
    return response
