"""Plain words for what is stored as short codes: skills, languages, registrations.

A registration is worded as clinical reference 8.1 asks: who registered the therapist, never "licensed", because in some
provinces no law stands behind the title.
"""

from datetime import date

STATUTORY, ASSOCIATION, COURSE = "statutory", "association", "course"

_SKILLS = {
    "deep_tissue": "Deep tissue",
    "myofascial": "Myofascial techniques",
    "low_back": "Low backs",
    "neck": "Necks",
    "jaw": "Jaws",
    "pregnancy": "Pregnancy",
    "sports": "Sport",
    "lymphatic": "Lymphatic techniques",
    "oncology": "During and after cancer treatment",
    "relaxation": "Relaxation",
}
_LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "so": "Somali",
    "tl": "Tagalog",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def skill_label(slug: str) -> str:
    """The name of a skill; an unknown slug without its underscores."""
    return _SKILLS.get(slug) or slug.replace("_", " ").replace("-", " ").capitalize()


def language_name(code: str) -> str:
    """The English name of a language by its ISO 639 code; an unknown code in capitals."""
    return _LANGUAGES.get(code.lower()) or code.upper()


def languages() -> dict[str, str]:
    """Every language with a name here, by code."""
    return dict(_LANGUAGES)


def gender_name(gender: str) -> str:
    """How a therapist's gender reads in a sentence ("a woman"); empty if the therapist does not say."""
    return {"woman": "a woman", "man": "a man"}.get(gender, gender)


def initials(name: str) -> str:
    """At most two letters of a name, for where there is no photograph."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))


def credential_sentence(*, kind: str, title: str, issuer: str, number: str, expires_on: date | None) -> str:
    """One credential as a sentence. Months are spelled out, so that no date reads two ways."""
    until = f", valid to {expires_on.day} {expires_on:%B %Y}" if expires_on else ""
    if kind == COURSE:
        return f"{title}: course with {issuer}"
    return f"{title}, registered with {issuer}, number {number}{until}"
