"""Prices, tax, payments by hand, receipts."""
