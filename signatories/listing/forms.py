"""The form under "Is this wrong? Tell us"."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from signatories.identity import names
from signatories.models.report import LONGEST_WORDS, ReportKind
from signatories.signing.forms import AddressField, TidyField

BIGGEST_NUMBER = 2**63 - 1


class NumberField(forms.IntegerField):
    """Accepts a public number as people write it: with # or №, and with separators of thousands."""

    def to_python(self, value: Any) -> int | None:
        """Return the number. Raises ValidationError."""
        return super().to_python(re.sub(r"^[#№]|[\s,.’']", "", value.strip()) if isinstance(value, str) else value)


class ReportForm(forms.Form):
    """A report about one entry. Validation does not disclose whether the number is on the list."""

    number = NumberField(
        label=_("Number of the signature"),
        help_text=_("It stands on the page of the signature."),
        min_value=1,
        max_value=BIGGEST_NUMBER,
        localize=False,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Please enter the number that stands on the page of the signature."),
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 19}),
    )
    wrong = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=ReportKind,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose what is wrong."),
            "invalid_choice": _("Please choose what is wrong."),
        },
    )
    words = TidyField(
        label=_("In your own words"),
        help_text=_("What should stand there, or how you know. At most 1,000 characters."),
        required=False,
        tidy=names.tidy_words,
        longest=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    email = AddressField(
        label=_("E-mail"),
        help_text=_("If we may ask you something. Never shown."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
