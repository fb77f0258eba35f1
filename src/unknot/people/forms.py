"""What people type about themselves."""

from django import forms

from unknot.people.domain.care import RELATIONS


class SignInForm(forms.Form):
    """An address to send a code to."""

    email = forms.EmailField(
        max_length=254,
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": "Type your e-mail address, so that we can send you a code.",
            "invalid": "This is not an e-mail address yet. It needs an @ and a domain, like name@mail.example.",
        },
    )


class DetailsForm(forms.Form):
    """A client's own name and contact."""

    name = forms.CharField(
        max_length=120,
        label="Your name, as it should stand on receipts",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Type your name, so that receipts are made out to you."},
    )
    preferred_name = forms.CharField(
        max_length=60,
        required=False,
        label="How you like to be called",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    phone = forms.CharField(
        max_length=30,
        required=False,
        label="Phone",
        help_text="For the day itself: if the therapist is late, or cannot find the door.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    reminders_by_email = forms.BooleanField(
        required=False,
        label="Remind me of visits by e-mail",
        help_text="Confirmations and changes come in any case.",
    )


class DependantForm(forms.Form):
    """Somebody whom the signed-in person looks after."""

    name = forms.CharField(
        max_length=120,
        label="Their full name",
        help_text="As it should stand on receipts.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type their name, so that the therapist knows who is coming."},
    )
    preferred_name = forms.CharField(
        max_length=60,
        required=False,
        label="How they like to be called",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    born_on = forms.DateField(
        label="Their birth date",
        help_text="Year, month, day: for example 2017-03-21.",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}),
        error_messages={
            "required": "Their birth date tells the therapist how old they are.",
            "invalid": "Write the date as year, month, day: for example 2017-03-21.",
        },
    )
    relation = forms.ChoiceField(
        label="They are",
        choices=list(RELATIONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Say who they are to you.", "invalid_choice": "Choose one of the three."},
    )
    decides_alone = forms.BooleanField(
        required=False,
        label="They are grown up, and I decide about their care for them",
        help_text="For example as guardian or agent. For a child you always do; leave this empty then.",
    )


class CarerForm(forms.Form):
    """Who looks after somebody and is not a client here yet."""

    own_name = forms.CharField(
        max_length=120,
        label="Your full name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Type your name, so that the practice knows who looks after them."},
    )
    own_phone = forms.CharField(
        max_length=30,
        label="Your phone number",
        help_text="Where the practice reaches you on the day.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
        error_messages={"required": "A number where the practice reaches you on the day."},
    )


class SearchForm(forms.Form):
    """Part of a name, address or number."""

    q = forms.CharField(
        max_length=80,
        required=False,
        label="Find a client",
        help_text="Part of a name, e-mail address or phone number.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class HandOverForm(forms.Form):
    """Where somebody who has grown up is written to."""

    email = forms.EmailField(
        max_length=254,
        label="Their own e-mail address",
        help_text="One that nobody else reads: with it they sign in.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Type their e-mail address.",
            "invalid": "This is not an e-mail address yet. It needs an @ and a domain.",
        },
    )
