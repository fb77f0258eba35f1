"""The review form."""

from django import forms

from unknot.reviews.domain.rules import LONGEST_TEXT

STARS = [(5, "5, excellent"), (4, "4, good"), (3, "3, all right"), (2, "2, not so good"), (1, "1, poor")]


class ReviewForm(forms.Form):
    """Stars, words if any, and how to be named. The rules themselves stand in the domain."""

    use_required_attribute = False

    stars = forms.TypedChoiceField(
        label="How was it?",
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one to five."},
    )
    words = forms.CharField(
        label="In your own words",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Public, so leave out what is between you and your therapist. No names, no contact details.",
    )
    anonymous = forms.BooleanField(label="Show it as “A client”, without my first name", required=False)
    as_it_is = forms.BooleanField(label="Publish it as it is", required=False)
