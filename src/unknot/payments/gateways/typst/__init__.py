"""Receipts as PDF, set by Typst."""

from unknot.payments.gateways.typst.client import receipt_pdf

__all__ = ["receipt_pdf"]
