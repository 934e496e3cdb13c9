"""Form to feature a name."""

from django import forms

from signatories.listing.forms import BIGGEST_NUMBER, NumberField


class FeatureForm(forms.Form):
    """Asks for the public number of the signature."""

    number = NumberField(
        label="Number of the signature",
        min_value=1,
        max_value=BIGGEST_NUMBER,
        localize=False,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Please enter the number of a signature on the list."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 19}),
    )
