"""What people type to sign in."""

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
