"""The form of the sample pages."""

from django import forms


class DetailsForm(forms.Form):
    name = forms.CharField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="E-mail",
        help_text="For the confirmation and your link to change the visit.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label="Mobile number", required=False, widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"})
    )
    remind = forms.ChoiceField(
        label="Remind me by",
        choices=[("sms", "Text message"), ("mail", "E-mail"), ("none", "No reminder")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="Anything Ana should know",
        required=False,
        widget=forms.Textarea,
        help_text="Not for health questions: you answered those.",
    )
    policy = forms.BooleanField(label="I have read the cancellation policy")
