"""Templates for notes: words that a practice writes again and again, put into fields that are still empty."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from unknot.kernel.errors import InvalidError

FIELDS = ("words", "objective", "assessment", "response", "plan", "home_care", "next_visit")
MOST_NAME, MOST_TEXT = 60, 2000


class TemplateInvalidError(InvalidError):
    """A template needs a name and at least one text. It was not saved."""

    code = "template-invalid"


@dataclass(frozen=True, slots=True)
class TemplateWords:
    """What a template says, field by field of the note. Raises TemplateInvalidError without a name or any text."""

    name: str
    words: str = ""
    objective: str = ""
    assessment: str = ""
    response: str = ""
    plan: str = ""
    home_care: str = ""
    next_visit: str = ""

    def __post_init__(self) -> None:
        texts = [getattr(self, name) for name in FIELDS]
        if not self.name.strip() or len(self.name) > MOST_NAME:
            raise TemplateInvalidError(f"Give the template a name of at most {MOST_NAME} characters.", field="name")
        if not any(text.strip() for text in texts) or any(len(text) > MOST_TEXT for text in texts):
            raise TemplateInvalidError(field="assessment")


def template_as_data(template: TemplateWords) -> dict[str, str]:
    """The template as JSON values; `template_from_data` gives an equal one back."""
    return asdict(template)


def template_from_data(data: Mapping[str, Any]) -> TemplateWords:
    """The template that `template_as_data` wrote."""
    return TemplateWords(**data)


def filled_in(template: TemplateWords, typed: Mapping[str, str]) -> dict[str, str]:
    """The template's texts for those fields of a note in which nothing was `typed` yet: it never replaces a word."""
    return {
        name: getattr(template, name) for name in FIELDS if getattr(template, name) and not typed.get(name, "").strip()
    }
