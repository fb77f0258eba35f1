"""Marketplace search with its explanation."""
