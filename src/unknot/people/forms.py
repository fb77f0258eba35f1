"""What people type about themselves."""

from django import forms


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


class SearchForm(forms.Form):
    """Part of a name, address or number."""

    q = forms.CharField(
        max_length=80,
        required=False,
        label="Find a client",
        help_text="Part of a name, e-mail address or phone number.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
