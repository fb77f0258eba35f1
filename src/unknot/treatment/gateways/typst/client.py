"""Setting notes with the Typst compiler.

The facts travel as one JSON text in `sys.inputs`; the template prints every field as text, so nothing a person typed is
ever read as markup. The compiler may read this folder only, and no packages.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any

import typst

_TEMPLATE = "note.typ"
_log = logging.getLogger(__name__)


def note_pdf(facts: Mapping[str, Any], *, at: datetime) -> bytes:
    """The note as an accessible PDF (PDF/UA-1). `facts` are the plain texts that the template names; `at` is when the
    note was signed or last saved: the same note gives the same bytes with the same fonts.

    The standard forbids text without a glyph. Where the host has no font for some character (install fonts-noto), the
    note is set again without claiming the standard, and that is logged without its words.
    """
    with as_file(files("unknot.treatment.gateways.typst")) as folder:
        settings: dict[str, Any] = {
            "input": str(folder / _TEMPLATE),
            "root": str(folder),
            "format": "pdf",
            "sys_inputs": {"note": json.dumps(facts, ensure_ascii=False)},
            "timestamp": int(at.timestamp()),
        }
        try:
            return bytes(typst.compile(**settings, pdf_standards=["ua-1"]))
        except typst.TypstError as error:
            if "font" not in str(error) and "glyph" not in str(error) and "displayed" not in str(error):
                raise
            _log.warning("note set without PDF/UA: a character is in no installed font")
            return bytes(typst.compile(**settings))
