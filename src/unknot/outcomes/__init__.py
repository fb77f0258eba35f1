"""Measures, scores, trends, the personal response model, proposals."""
