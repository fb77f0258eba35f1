"""Notes on paper."""

from unknot.treatment.gateways.typst.client import note_pdf

__all__ = ["note_pdf"]
