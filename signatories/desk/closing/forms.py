"""The forms of the page of the end."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings

from signatories.models import Closing
from signatories.operations import closing

LONGEST_WORDS = 300


class WordsForm(forms.Form):
    """What visitors read beside the end, in each language; may be left empty."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: Closing) -> None:
        super().__init__(data)
        for code, name in settings.LANGUAGES:
            self.fields[code] = forms.CharField(
                label=f"Words for visitors: {name}", required=False, max_length=LONGEST_WORDS,
                initial=row.words.get(code, ""),
            )  # fmt: skip


class AddressesForm(forms.Form):
    """The day on which addresses are deleted."""

    day = forms.DateField(
        label="Delete them on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Please choose a day.", "invalid": "Please choose a day."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: Closing, now: datetime) -> None:
        super().__init__(data, initial={"day": row.addresses_until})
        self.first, self.last = closing.days_for_addresses(row, now)
        self.fields["day"].widget.attrs |= {"min": self.first.isoformat(), "max": self.last.isoformat()}

    def clean_day(self) -> date:
        """Refuse a day outside the range. Raises ValidationError."""
        day: date = self.cleaned_data["day"]
        if not self.first <= day <= self.last:
            raise forms.ValidationError(
                f"Please choose a day from {self.first:%-d %B %Y} to {self.last:%-d %B %Y}: signers must hear of it."
            )
        return day
