"""A change of one rule, as typed, and the rules in words."""

from collections.abc import Mapping
from typing import Any

from unknot.intake import domain
from unknot.intake.forms.places import Posted

HOLD_WORDS = {
    "": "As released",
    "none": "Nothing: it only adapts the work",
    "review": "The therapist talks with them first",
    "not_today": "Not today",
    "md_first": "A doctor or nurse practitioner first",
    "clear": "A doctor's go-ahead first",
    "urgent": "Medical assessment today, no massage",
}
EFFECT_WORDS = {
    "emergency": "emergency: call 911",
    "crisis": "support first",
    "urgent": "medical assessment today",
    "md_first": "doctor first",
    "clear": "doctor's go-ahead",
    "not_today": "not today",
    "review": "talk first",
    "avoid": "leave alone",
    "pos": "position",
    "tech_minus": "leave out",
    "product": "product",
    "note": "note",
}


def read_change(posted: Posted, rule: str) -> dict[str, Any]:
    """What was typed, kept as it is so that nothing is lost when it is refused."""
    names = ("hold", "cap", "days", "reason", "upon")
    return {"rule": rule} | {name: next(iter(posted.get(name, ())), "") for name in names}


def change_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The change in the shape that the domain checks; what is no number becomes one that it refuses."""
    numbers = {name: _number(typed[name]) for name in ("cap", "days")}
    return {"rule": typed["rule"], "hold": typed["hold"], **numbers}


def upon_of(typed: Mapping[str, Any]) -> int:
    """The version number that the form was shown with."""
    found = _number(typed["upon"])
    return -1 if found is None else found


def _number(text: str) -> int | None:
    if text == "":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1


def row_words(row: domain.Row) -> list[str]:
    """What follows from a yes, in short words, strictest first as released."""
    lines = []
    for effect in row.effects:
        words = EFFECT_WORDS.get(effect.do, effect.do)
        if effect.do == "cap":
            words = f"level {effect.n} at most"
        if effect.where and effect.where != "all":
            words += f" on {_where(effect.where)}"
        if effect.items:
            words += ": " + ", ".join(one.replace("_", " ") for one in effect.items)
        lines.append(words + (" (after a closer question)" if effect.if_any else ""))
    return list(dict.fromkeys(lines))


def _where(place: str) -> str:
    return "the places marked" if place.startswith("marked") else domain.place_name(place)


def typed_of(change: domain.Adjustment | None) -> dict[str, Any]:
    """The form for a change in force (or none)."""
    facts = change.to_dict() if change else {"hold": "", "cap": None, "days": None}
    return {name: "" if facts[name] is None else str(facts[name]) for name in ("hold", "cap", "days")} | {"reason": ""}
