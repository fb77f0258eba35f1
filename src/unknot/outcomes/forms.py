"""What people type on the progress pages."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format

from unknot.outcomes.domain import MEASURES, Item, ScoreInvalidError, score_flexion
from unknot.outcomes.domain.goals import GOAL_LIMIT
from unknot.outcomes.domain.questionnaires import FILE_LIMIT
from unknot.outcomes.domain.timing import BACK_LIMIT
from unknot.outcomes.queries.facts import GOAL_LEVELS

RMDQ_ITEMS = MEASURES["rmdq"].items
ONE_OF_ELEVEN = {"required": "Choose a number from 0 to 10.", "invalid_choice": "Choose a number from 0 to 10."}


class RatingForm(forms.Form):
    """Average pain of the past 24 hours, for today or one of the past days."""

    value = forms.TypedChoiceField(
        choices=[(str(n), str(n)) for n in range(11)],
        coerce=int,
        error_messages=ONE_OF_ELEVEN,
    )
    day = forms.ChoiceField(label="Which day is this about?", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [today - timedelta(days=back) for back in range(BACK_LIMIT.days)]
        names = ["Today", "Yesterday", *(date_format(day, "l, j F") for day in days[2:])]
        self.fields["day"].choices = [(d.isoformat(), n) for d, n in zip(days, names, strict=True)]  # type: ignore[attr-defined]


class DeskRatingForm(RatingForm):
    """A rating written down by the therapist, with when it was asked."""

    context = forms.ChoiceField(
        label="When was it asked?",
        choices=[
            ("before", "Before the visit"),
            ("weekly", "In between, for example by phone"),
            ("in_room", "In the room, right after (kept, but not used to judge)"),
        ],
    )


class GoalForm(forms.Form):
    """A goal in the client's own words."""

    words = forms.CharField(
        label="What would you like to be able to do again?",
        help_text="In your own words: something you could see yourself doing.",
        max_length=GOAL_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write a few words about what you would like to be able to do."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level, words in GOAL_LEVELS.items():
            self.fields[f"step{level + 2}"] = forms.CharField(
                label=words,
                required=False,
                max_length=GOAL_LIMIT,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def steps(self) -> dict[int, str]:
        """What each level would look like, as far as it was filled in."""
        given = {level: self.cleaned_data.get(f"step{level + 2}", "") for level in GOAL_LEVELS}
        return {level: words for level, words in given.items() if words}

    def step_fields(self) -> list[forms.BoundField]:
        """The fields of the levels, from -2 to 2."""
        return [self[f"step{level + 2}"] for level in GOAL_LEVELS]


class WishForm(forms.Form):
    """What the client wishes for the plan."""

    target = forms.TypedChoiceField(
        label="From which pain on would you like another visit?",
        choices=[
            ("", "As proposed: when about a third of the pain is back"),
            *((str(n), f"{n} of 10") for n in range(1, 10)),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Choose a number from 1 to 9, or leave it to the proposal."},
    )
    compare = forms.BooleanField(
        label="Let lighter and firm visits take turns",
        help_text="In random order, so that your ratings can show which suits you better.",
        required=False,
    )


class BringForm(forms.Form):
    """A questionnaire file, pasted."""

    text = forms.CharField(
        label="The file",
        help_text="TOML: words of the questionnaire, its licence, how it is scored and when it is asked.",
        max_length=FILE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Paste the file here."},
    )


class LicenceForm(forms.Form):
    """What allows the practice to use a questionnaire."""

    proof = forms.CharField(
        label="What allows you to use it?",
        help_text="A licence number, a letter with its date, or why none is needed.",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write down what allows you to use it. It stays off until then."},
    )


class QuestionnaireForm(forms.Form):
    """The items of a questionnaire: one choice each, or statements to tick."""

    NONE = "none"

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.ticks = tuple(items), not items[0].options
        if self.ticks:
            choices = [(str(number), one.text) for number, one in enumerate(self.items)]
            self.fields["ticked"] = forms.MultipleChoiceField(label="Statements", choices=choices, required=False)
            self.fields[self.NONE] = forms.BooleanField(label="None of these", required=False)
            return
        for number, one in enumerate(self.items):
            self.fields[f"item{number}"] = forms.TypedChoiceField(
                label=one.text[:80],
                choices=[(str(place), option.label) for place, option in enumerate(one.options)],
                coerce=int,
                empty_value=None,
                required=False,
                error_messages={"invalid_choice": "Choose one of the answers."},
            )

    def clean(self) -> dict[str, Any]:
        """An empty list of statements may be a slip: it counts only with "none of these" beside it, and never both."""
        given: dict[str, Any] = super().clean() or {}
        if self.ticks and not self.errors and bool(given.get("ticked")) == bool(given.get(self.NONE)):
            self.add_error("ticked", "Tick what is true for you now, or only that none of these is.")
        return given

    def chosen(self) -> list[int | None]:
        """The answers of a clean form, in the order of the items."""
        if self.ticks:
            ticked = {int(one) for one in self.cleaned_data["ticked"]}
            return [0 if number in ticked else None for number in range(len(self.items))]
        return [self.cleaned_data[f"item{number}"] for number in range(len(self.items))]

    def rows(self) -> list[dict[str, Any]]:
        """The items for the page: name, words, choices, what was chosen, error."""
        if self.ticks:
            return []
        return [
            {
                "name": f"item{number}",
                "words": one.text,
                "choices": [{"value": str(n), "label": option.label} for n, option in enumerate(one.options)],
                "value": self[f"item{number}"].value(),
                "error": (self.errors.get(f"item{number}") or [""])[0],
            }
            for number, one in enumerate(self.items)
        ]


class LevelForm(forms.Form):
    """How far a goal is reached, or that it is done with."""

    level = forms.TypedChoiceField(
        choices=[(str(level), words) for level, words in GOAL_LEVELS.items()],
        coerce=int,
        error_messages={"required": "Choose how far you have come.", "invalid_choice": "Choose how far you have come."},
    )


class DecisionForm(forms.Form):
    """The therapist's decision on the next visit."""

    PROPOSED, OTHER, TALK = "proposed", "other", "talk"

    decision = forms.ChoiceField(
        label="Your decision",
        choices=[(PROPOSED, "Sign as proposed"), (OTHER, "Another interval or style"), (TALK, "No date: talk first")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three."},
    )
    interval_days = forms.IntegerField(label="Days after the last visit", min_value=0, max_value=180, required=False)
    style = forms.ChoiceField(
        label="Style", choices=[("lighter", "Lighter"), ("deep", "Firm")], widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(
        label="Why",
        help_text="Needed if you decide otherwise. The client reads it.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)


OVERALL = [
    ("1", "Very much better"),
    ("2", "Much better"),
    ("3", "A little better"),
    ("4", "No change"),
    ("5", "A little worse"),
    ("6", "Much worse"),
    ("7", "Very much worse"),
]
FRESH = 3
"""How many activities are asked for at the start of care; a client may leave some empty."""


class QuestionsForm(forms.Form):
    """The longer questions that are open: activities the client chose (or now chooses), and the overall change.

    `chosen`: the activities of the first time, which are asked again as they were; empty at the start of care.
    """

    def __init__(self, *args: Any, asks: Sequence[str], chosen: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen, self.asks_overall = tuple(chosen), "pgic" in asks
        self.count = 0 if "psfs" not in asks else len(chosen) or FRESH
        numbers = [(str(n), str(n)) for n in range(11)]
        for index in range(self.count):
            if not chosen:
                self.fields[f"name{index}"] = forms.CharField(
                    label=f"Activity {index + 1}",
                    required=False,
                    max_length=GOAL_LIMIT,
                    widget=forms.TextInput(attrs={"autocomplete": "off"}),
                )
            self.fields[f"rate{index}"] = forms.TypedChoiceField(
                choices=numbers, coerce=int, empty_value=None, required=False, error_messages=ONE_OF_ELEVEN
            )
        if self.asks_overall:
            self.fields["overall"] = forms.TypedChoiceField(
                label="Since you began coming here, how are you overall?",
                choices=OVERALL,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        """A rating needs its activity, an activity its rating, and no activity stands there twice."""
        given: dict[str, Any] = super().clean() or {}
        names = self._names(given)
        for index, name in enumerate(names):
            rated = given.get(f"rate{index}") is not None
            if rated and not name:
                self.add_error(f"name{index}", "Say which activity this number is about.")
            if name and not rated and not self.chosen:
                self.add_error(f"rate{index}", "Choose a number from 0 to 10 for this activity.")
            if name and name.casefold() in (other.casefold() for other in names[:index]):
                self.add_error(f"name{index}", "This activity stands here twice.")
        return given

    def activities(self) -> dict[str, int | None]:
        """The rating of each activity, once the form is clean."""
        names = self._names(self.cleaned_data)
        return {name: self.cleaned_data.get(f"rate{index}") for index, name in enumerate(names) if name}

    def rows(self) -> list[dict[str, Any]]:
        """The activities for the page: index, fixed words or the field for them, number chosen, error."""
        return [
            {
                "name": f"rate{index}",
                "words": self.chosen[index] if self.chosen else "",
                "field": None if self.chosen else self[f"name{index}"],
                "value": self[f"rate{index}"].value(),
                "error": (self.errors.get(f"rate{index}") or [""])[0],
            }
            for index in range(self.count)
        ]

    def _names(self, given: dict[str, Any]) -> list[str]:
        if self.chosen:
            return list(self.chosen)[: self.count]
        return [" ".join(str(given.get(f"name{index}") or "").split()) for index in range(self.count)]


class MovementForm(forms.Form):
    """What a therapist measured or counted: bending forward in cm, or the score of the paper form for backs."""

    RMDQ, FTF, TWO_MARKS = "rmdq", "ftf", ("mschober", "mmst")

    instrument = forms.ChoiceField(
        label="What was measured?",
        choices=[
            (FTF, "Fingertip to floor, in cm"),
            ("mschober", "Bending, modified Schober, in cm"),
            ("mmst", "Bending, modified-modified Schober, in cm"),
            (RMDQ, "Roland-Morris on paper: statements ticked, 0 to 24"),
        ],
    )
    first = forms.DecimalField(
        label="Distance or number",
        help_text="For Schober: the distance of the marks standing.",
        min_value=0,
        max_value=150,
        max_digits=5,
        decimal_places=1,
        error_messages={"required": "Give the number that was measured or counted."},
    )
    second = forms.DecimalField(
        label="Distance bent forward",
        help_text="For Schober only.",
        min_value=0,
        max_value=150,
        max_digits=5,
        decimal_places=1,
        required=False,
    )

    def score(self) -> float:
        """The score of a clean form. Raises ScoreInvalidError, with the form's field names."""
        given = self.cleaned_data
        first = float(given["first"])
        if given["instrument"] == self.RMDQ:
            if first != int(first) or first > RMDQ_ITEMS:
                raise ScoreInvalidError("The paper form has 24 statements: a whole number from 0 to 24.", field="first")
            return first
        second = float(given["second"]) if given["second"] is not None else None
        try:
            found = score_flexion(given["instrument"], first, second).value
        except ScoreInvalidError as error:
            raise ScoreInvalidError(error.message, field="second" if error.field == "second_cm" else "first") from error
        return float(found or 0)
