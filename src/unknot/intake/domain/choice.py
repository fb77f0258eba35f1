"""The style a therapist really gave, beside the lean: the guide proposes, the therapist decides and says why."""

from unknot.kernel.errors import InvalidError

STYLES: dict[str, str] = {
    "therapeutic": "Therapeutic, lighter whole-region work",
    "deep": "Deep tissue on the focus",
    "combine": "Both: lighter work with firm focus time",
    "lighter_only": "Lighter work only",
    "none": "No massage this time",
}
MOST_REASON = 600


class ChoiceError(InvalidError):
    """The style is not filled in correctly. Nothing was kept; what you wrote is still here."""

    code = "choice"


def check_choice(choice: str, reason: str, *, lean: str) -> str:
    """The reason, tidied. Raises `ChoiceError` for an unknown style, or where a style other than the guide's lean comes
    without a reason."""
    words = reason.strip()
    if choice not in STYLES:
        raise ChoiceError("Choose which style was given.", field="choice")
    if "\x00" in words or len(words) > MOST_REASON:
        raise ChoiceError(f"Please keep the reason to {MOST_REASON} characters.", field="reason")
    if lean in STYLES and choice != lean and not words:
        raise ChoiceError("It differs from what the guide leaned to: say why, in a few words.", field="reason")
    return words
