"""What a therapist chooses about calendars."""

from django import forms


class FeedForm(forms.Form):
    """What the events of a feed say."""

    shows = forms.ChoiceField(
        label="What each event says",
        choices=[("busy", "Busy"), ("initials", "The client's initials")],
        widget=forms.RadioSelect,
        help_text="Never the service, the reason or a name. Your calendar program may show it on a lock screen.",
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
    )
    with_place = forms.BooleanField(
        required=False,
        label="Say where, for visits at the clinic",
        help_text="A client's home address never leaves the diary.",
    )
