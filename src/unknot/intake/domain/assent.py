"""Who consents for whom, by age, and how the person on the table is asked as well. Versioned words and ages [P]."""

from dataclasses import dataclass

from unknot.intake.domain.consent import ConsentScopeError
from unknot.intake.domain.rulebook import read_mark, rule_files

ADULT_AT = 18
ASSENTS = ("", "told", "yes")
"""Weakest first: nobody said, they were told in their own words, they said yes for themselves."""


@dataclass(frozen=True, slots=True)
class Band:
    """How consent works for an age. `needs` is what has to be said about the person's own assent, `who` and `ask` are
    for who consents, `words` for the person themselves, `therapist` for the therapist. `{name}` stands for the person.
    """

    id: str
    under: int
    needs: str
    who: str
    ask: str
    words: str
    therapist: str

    def named(self, text: str, name: str) -> str:
        """One of its texts about this person."""
        return text.replace("{name}", name)


def band_for(age: int | None, *, decided_for: bool) -> Band | None:
    """The band of somebody who does not consent alone, None for somebody who does.

    Under eighteen by age; an adult, or somebody of unknown age, only if somebody else decides for them.
    """
    if age is not None and age < ADULT_AT:
        return next(band for band in BANDS if age < band.under)
    return BANDS[-1] if decided_for else None


def check_assent(band: Band | None, assent: str) -> None:
    """Raises `ConsentScopeError` unless the person on the table was told, or asked, as their age needs."""
    if assent not in ASSENTS:
        raise ConsentScopeError("Choose one of the options shown.", field="assent")
    if band is not None and ASSENTS.index(assent) < ASSENTS.index(band.needs):
        words = "Ask them first, and tick their yes." if band.needs == "yes" else "Tell them first, and tick it."
        raise ConsentScopeError(f"Their own word counts too. {words} Nothing was recorded yet.", field="assent")


def _read() -> tuple[str, tuple[Band, ...]]:
    version, raw = list(rule_files("assent").items())[-1]
    read_mark(raw["confidence"], "assent")
    bands = tuple(Band(**band) for band in raw["band"])
    ends = [band.under for band in bands]
    if ends != sorted(set(ends)) or ADULT_AT not in ends:
        raise ValueError("assent: bands have to rise, one of them to eighteen")
    return version, bands


ASSENT_VERSION, BANDS = _read()
