"""Receipts as JSON and PDF."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Field, Router, Schema

from unknot.payments import queries
from unknot.payments.gateways.typst import receipt_pdf
from unknot.web.access import SIGNED_IN
from unknot.web.api import ApiRequest, call, refusals

router = Router(tags=["receipts"])
_PDF = {"responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}


class ReceiptOut(Schema):
    """One receipt. Amounts in minor units (cents); the tip is not in the total."""

    id: UUID
    number: str
    practice: str = Field(description="Slug")
    practice_name: str
    service: str
    service_on: date
    issued_on: date
    total_minor: int
    tip_minor: int
    currency: str
    voided: bool
    amends: str = Field(description="Number of the receipt this one replaces, or empty")
    pdf_url: str


class ReceiptsOut(Schema):
    """The caller's receipts, newest first."""

    receipts: list[ReceiptOut]


@router.get("/receipts", response={200: ReceiptsOut, **refusals(401)}, summary="Receipts of the signed-in client")
@call(SIGNED_IN)
def receipts(request: ApiRequest) -> ReceiptsOut:
    """All receipts of the signed-in account, over all its practices."""
    assert request.actor.account_id is not None  # noqa: S101 - SIGNED_IN
    rows = queries.receipts_of_account(request.actor.account_id)
    return ReceiptsOut(
        receipts=[
            ReceiptOut(
                id=row.id,
                number=row.number,
                practice=slug,
                practice_name=row.practice_name,
                service=row.service,
                service_on=row.service_on,
                issued_on=row.issued_on,
                total_minor=row.total.minor,
                tip_minor=row.tip.minor,
                currency=row.total.currency,
                voided=row.voided,
                amends=row.amends,
                pdf_url=f"{settings.UNKNOT_URL}/api/v1/receipts/{row.id}/pdf",
            )
            for slug, row in rows
        ]
    )


@router.get(
    "/receipts/{uuid:receipt_id}/pdf",
    response={200: None, **refusals(401, 404)},
    summary="One receipt as PDF",
    openapi_extra=_PDF,
)
@call(SIGNED_IN, per_minute=60)
def receipt(request: ApiRequest, receipt_id: UUID) -> HttpResponse:
    """The file of one of the caller's own receipts."""
    facts = queries.receipt(receipt_id, by=request.actor)
    response = HttpResponse(receipt_pdf(facts), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{facts.number}.pdf"'
    return response
