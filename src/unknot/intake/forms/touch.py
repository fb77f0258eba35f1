"""The form about touch, turned into wishes and back."""

from typing import Any

from unknot.intake import domain
from unknot.intake.forms.places import Posted

SINGLE = (
    ("covering", "How would you like to be covered?", domain.COVERING),
    ("asking", "When shall your therapist ask?", domain.ASKING),
    ("talking", "Talking", domain.TALKING),
)


def read_touch(posted: Posted) -> dict[str, Any]:
    """What was sent, in the shape of wishes; the domain checks it."""
    one = {name: next(iter(posted.get(name, ())), "") for name in ("covering", "asking", "talking", "signal", "words")}
    return one | {name: list(posted.get(name, ())) for name in ("off_limits", "comforts")}


def touch_fields(raw: dict[str, Any], *, fault: domain.TouchWishError | None = None) -> dict[str, Any]:
    """The form for the template, with what is chosen and the error of the field at fault."""
    error = {fault.field: fault.message} if fault is not None and fault.field else {}
    return {
        "single": [
            {
                "name": name,
                "legend": legend,
                "choices": [{"value": value, "label": words} for value, words in options.items()],
                "value": raw.get(name) or next(iter(options)),
                "error": error.get(name, ""),
            }
            for name, legend, options in SINGLE
        ],
        "regions": [{"value": value, "label": words} for value, words in domain.region_options()],
        "off_limits": raw.get("off_limits", ()),
        "comforts": [{"value": value, "label": words} for value, words in domain.COMFORTS.items()],
        "comforting": raw.get("comforts", ()),
        "signal": raw.get("signal", ""),
        "words": raw.get("words", ""),
        "error": error,
        "most": {"signal": domain.MOST_SIGNAL, "words": domain.MOST_WORDS},
    }
