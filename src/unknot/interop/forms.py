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


class OutsideForm(forms.Form):
    """The address of a calendar that is kept elsewhere."""

    address = forms.CharField(
        max_length=2000,
        label="Secret address in iCal format",
        help_text="Calendar programs call it “private address” or “ICS link”. It begins with https:// or webcal://.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Paste the address of the calendar, so that we can read it."},
    )


class RuleForm(forms.Form):
    """What joined calendars mean when they can't be read for long, and when somebody confirms."""

    when_stale = forms.ChoiceField(
        label="Then",
        choices=[("warn", "keep offering times by the last good copy, and warn here"), ("stop", "stop offering times")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
    )
    hours = forms.IntegerField(
        min_value=1,
        max_value=720,
        label="When a therapist's calendar could not be read for this many hours",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Say after how many hours.",
            "min_value": "At least one hour.",
            "max_value": "At most 720 hours, a month.",
            "invalid": "Type a whole number of hours.",
        },
    )
    look_again = forms.BooleanField(
        required=False,
        label="Look into joined calendars again before a time is confirmed",
        help_text="It takes three seconds at most. If an event came in the way meanwhile, the client is shown other "
        "times instead. Without it what was kept for the client is booked, and you are asked about it.",
    )
    field_order = ("hours", "when_stale", "look_again")
