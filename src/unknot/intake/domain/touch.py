"""How somebody wishes to be touched, covered and spoken to: asked for nobody's reason, shown before the door opens.

Places left alone bind the plan like any closed region; the rest are words for the therapist. Nobody is asked why
(clinical reference C58, and section 4.3: an agreed signal).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unknot.intake.domain.regions import BY_SLUG, SLUGS, place_name
from unknot.kernel.errors import InvalidError

COVERING: dict[str, str] = {
    "usual": "Covered by a sheet; only the part being worked on is uncovered",
    "through": "I stay covered: work through the sheet",
    "dressed": "I stay dressed: work through my clothes",
    "talk": "Talk it over with me first",
}
ASKING: dict[str, str] = {
    "along": "As we go along",
    "each": "Before each new area",
    "first": "Only where we agreed before",
}
TALKING: dict[str, str] = {"either": "No preference", "quiet": "Quiet, please", "talk": "I like to talk"}
COMFORTS: dict[str, str] = {
    "no_prone": "Not face down",
    "no_supine": "Not flat on my back",
    "no_side_lying": "Not on my side",
    "door": "I want to see the door",
    "light": "Please leave the light on",
    "company": "Somebody comes with me and stays",
}
POSITIONS = ("no_prone", "no_supine", "no_side_lying")
"""Comforts that rule a position out, by the plan's own words for it."""
MOST_SIGNAL, MOST_WORDS = 80, 600


class TouchWishError(InvalidError):
    """These wishes are not filled in correctly. Nothing was saved; what you wrote is still here."""

    code = "touch-wish"


@dataclass(frozen=True, slots=True)
class TouchWishes:
    """One person's wishes. `off_limits` are region slugs in catalogue order, the other fields slugs of the lists above,
    or words of their own."""

    off_limits: tuple[str, ...] = ()
    covering: str = "usual"
    asking: str = "along"
    talking: str = "either"
    comforts: tuple[str, ...] = ()
    signal: str = ""
    words: str = ""

    @property
    def says_something(self) -> bool:
        """Whether anything differs from what is usual."""
        return self != TouchWishes()

    @property
    def positions(self) -> tuple[str, ...]:
        """Positions ruled out, as position rules of a plan."""
        return tuple(one for one in POSITIONS if one in self.comforts)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `read_wishes` gives an equal value back."""
        return {
            "off_limits": list(self.off_limits),
            "covering": self.covering,
            "asking": self.asking,
            "talking": self.talking,
            "comforts": list(self.comforts),
            "signal": self.signal,
            "words": self.words,
        }


def read_wishes(raw: Mapping[str, Any]) -> TouchWishes:
    """Checks wishes as they come from a form or from storage. Raises `TouchWishError` naming the field."""
    return TouchWishes(
        off_limits=_several(raw, "off_limits", SLUGS),
        covering=_one(raw, "covering", COVERING, "usual"),
        asking=_one(raw, "asking", ASKING, "along"),
        talking=_one(raw, "talking", TALKING, "either"),
        comforts=_several(raw, "comforts", tuple(COMFORTS)),
        signal=_text(raw, "signal", MOST_SIGNAL),
        words=_text(raw, "words", MOST_WORDS),
    )


def wish_lines(wishes: TouchWishes) -> tuple[str, ...]:
    """What the therapist reads before the door opens, most binding first. Empty if all is as usual."""
    lines = []
    if wishes.off_limits:
        lines.append("No touch: " + ", ".join(place_name(slug) for slug in wishes.off_limits) + ".")
    if wishes.covering != "usual":
        lines.append(f"Covering: {COVERING[wishes.covering]}.")
    if wishes.asking != "along":
        lines.append(f"Ask: {ASKING[wishes.asking].lower()}.")
    lines += [f"{COMFORTS[one]}." for one in wishes.comforts]
    if wishes.talking != "either":
        lines.append(f"{TALKING[wishes.talking]}.")
    if wishes.signal:
        lines.append(f"Their sign for stop: {wishes.signal}")
    if wishes.words:
        lines.append(f"In their words: {wishes.words}")
    return tuple(lines)


def newly_off(before: TouchWishes, after: TouchWishes) -> tuple[str, ...]:
    """Regions that were open before and are not any more."""
    return tuple(slug for slug in after.off_limits if slug not in before.off_limits)


def _one(raw: Mapping[str, Any], name: str, known: Mapping[str, str], usual: str) -> str:
    value = raw.get(name) or usual
    if not isinstance(value, str) or value not in known:
        raise TouchWishError("Choose one of the options shown.", field=name)
    return value


def _several(raw: Mapping[str, Any], name: str, known: Sequence[str]) -> tuple[str, ...]:
    values = raw.get(name) or ()
    if not isinstance(values, (list, tuple)) or any(value not in known for value in values):
        raise TouchWishError("Choose from the options shown.", field=name)
    return tuple(one for one in known if one in values)


def _text(raw: Mapping[str, Any], name: str, most: int) -> str:
    value = raw.get(name) or ""
    if not isinstance(value, str) or "\x00" in value or len(value.strip()) > most:
        raise TouchWishError(f"Please keep this to {most} characters.", field=name)
    return value.strip()


def region_options() -> tuple[tuple[str, str], ...]:
    """Every region with its plain name, for a list of places."""
    return tuple((slug, BY_SLUG[slug].name) for slug in SLUGS)
