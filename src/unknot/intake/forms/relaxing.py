"""The therapist's decision about one rule, as typed."""

from typing import Any, Literal

from unknot.intake.forms.places import Posted


def read_relaxation(posted: Posted) -> dict[str, Any]:
    """What was typed, kept as it is so that nothing is lost when it is refused."""
    names = ("intake", "rule", "scope", "cap", "reason")
    return {name: next(iter(posted.get(name, ())), "") for name in names}


def scope_of(typed: dict[str, Any]) -> Literal["row", "hold"]:
    """The scope chosen; the one that keeps every limit if none was."""
    return "row" if typed["scope"] == "row" else "hold"


def cap_of(typed: dict[str, Any]) -> int | None:
    """Another pressure cap, if one was chosen and limits are kept; -1, which is refused, for anything else."""
    if scope_of(typed) == "row" or typed["cap"] == "":
        return None
    return int(typed["cap"]) if typed["cap"] in {str(level) for level in range(6)} else -1
