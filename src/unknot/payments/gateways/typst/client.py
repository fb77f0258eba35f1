"""Setting receipts with the Typst compiler.

The facts travel as one JSON text in `sys.inputs`; the template reads fields and prints them as text, so nothing a
person typed is ever read as markup. The compiler may read this folder only, and no packages.
"""

import json
import logging
from datetime import UTC, datetime
from datetime import time as clock_time
from importlib.resources import as_file, files
from typing import Any

import typst

from unknot.payments.domain import ReceiptFacts
from unknot.payments.gateways.typst.translate import printed

_TEMPLATE = "receipt.typ"
_log = logging.getLogger(__name__)


def receipt_pdf(facts: ReceiptFacts) -> bytes:
    """The receipt as an accessible PDF (PDF/UA-1); the same facts give the same bytes with the same fonts.

    The standard forbids text without a glyph. Where the host has no font for some character (write it as a host:
    install fonts-noto), the receipt is set again without claiming the standard, and that is logged by number.
    """
    inputs = {"receipt": json.dumps(printed(facts), ensure_ascii=False)}
    # The day of issue, not the moment of printing, so that a reprint is the same file.
    stamp = datetime.combine(facts.issued_on, clock_time(12), UTC)
    with as_file(files("unknot.payments.gateways.typst")) as folder:
        settings: dict[str, Any] = {
            "input": str(folder / _TEMPLATE),
            "root": str(folder),
            "format": "pdf",
            "sys_inputs": inputs,
            "timestamp": int(stamp.timestamp()),
        }
        try:
            return bytes(typst.compile(**settings, pdf_standards=["ua-1"]))
        except typst.TypstError as error:
            if "font" not in str(error) and "glyph" not in str(error) and "displayed" not in str(error):
                raise
            _log.warning(
                "receipt set without PDF/UA: a character is in no installed font", extra={"receipt": facts.number}
            )
            return bytes(typst.compile(**settings))
