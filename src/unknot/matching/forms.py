"""The search form: what a person types, as clean values."""

from django import forms

from unknot.matching.domain import ACCESS_NEEDS

ANY = [("", "Any")]
SERVICES = [
    ("therapeutic", "Therapeutic massage"),
    ("deep_tissue", "Deep tissue massage"),
    ("relaxation", "Relaxation massage"),
]
LENGTHS = [(60, "60 minutes"), (75, "75 minutes"), (90, "90 minutes")]
MODES = [("clinic", "At a clinic"), ("home", "At my home")]
WHEN = [
    ("week", "In the next 7 days"),
    ("today", "Today"),
    ("tomorrow", "Tomorrow"),
    ("fortnight", "In the next 14 days"),
]
TIMES = [
    ("", "At any time"),
    ("morning", "In the morning, before 12"),
    ("afternoon", "In the afternoon, 12 to 5"),
    ("evening", "In the evening, from 5"),
]
RADII = [(5, "5 km"), (10, "10 km"), (25, "25 km"), (50, "50 km")]
GENDERS = [*ANY, ("woman", "A woman"), ("man", "A man")]
PRESSURES = [*ANY, (2, "Light (up to 2)"), (3, "Medium (up to 3)"), (4, "Firm (up to 4)"), (5, "Very firm (up to 5)")]
ACCESS = {"step_free": "Step-free entrance", "low_table": "Low table", "quiet": "Quiet room"}


class SearchForm(forms.Form):
    """A marketplace search. Everything but the place has an answer already; `place` was typed."""

    use_required_attribute = False

    near = forms.CharField(
        label="Near",
        max_length=120,
        error_messages={"required": "Type a neighbourhood or postal code."},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "placeholder": "Bonnie Doon, or T6E"}),
    )
    service = forms.ChoiceField(label="Treatment", choices=SERVICES)
    minutes = forms.TypedChoiceField(label="Length", choices=LENGTHS, coerce=int)
    mode = forms.ChoiceField(label="Where", choices=MODES, widget=forms.RadioSelect)
    when = forms.ChoiceField(label="When", choices=WHEN)
    radius = forms.TypedChoiceField(label="Within", choices=RADII, coerce=int)
    skill = forms.ChoiceField(label="Experienced with", required=False)
    language = forms.ChoiceField(label="Speaks", required=False)
    gender = forms.ChoiceField(label="Therapist", choices=GENDERS, required=False)
    pressure = forms.TypedChoiceField(
        label="Firmest pressure you like", choices=PRESSURES, coerce=int, empty_value=None, required=False
    )
    hours = forms.ChoiceField(label="Starting", choices=TIMES, required=False)
    access = forms.MultipleChoiceField(
        label="You need",
        choices=[(one, ACCESS[one]) for one in sorted(ACCESS_NEEDS)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def offer(self, *, skills: list[tuple[str, str]], languages: list[tuple[str, str]]) -> None:
        """Sets the choices that depend on who is listed; call before validation."""
        for name, choices in (("skill", skills), ("language", languages)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [*ANY, *choices]
