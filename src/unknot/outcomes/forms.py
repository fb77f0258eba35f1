"""What people type on the progress pages."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format

from unknot.outcomes.domain.goals import GOAL_LIMIT
from unknot.outcomes.domain.timing import BACK_LIMIT
from unknot.outcomes.queries.facts import GOAL_LEVELS


class RatingForm(forms.Form):
    """Average pain of the past 24 hours, for today or one of the past days."""

    value = forms.TypedChoiceField(
        choices=[(str(n), str(n)) for n in range(11)],
        coerce=int,
        error_messages={"required": "Choose a number from 0 to 10.", "invalid_choice": "Choose a number from 0 to 10."},
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
