"""Addresses of receipts."""

from django.urls import path

from unknot.payments.views import client, desk

app_name = "payments"
urlpatterns = [
    path("p/<slug:practice>/my/receipts/", client.receipts, name="receipts"),
    path("p/<slug:practice>/my/receipts/<uuid:receipt_id>.pdf", client.receipt, name="receipt"),
    path("p/<slug:practice>/desk/receipts/<uuid:receipt_id>.pdf", desk.receipt, name="desk_receipt"),
    path("p/<slug:practice>/desk/receipts/<uuid:receipt_id>/void/", desk.void, name="void"),
]
