"""The forms of the embargo's page."""

from datetime import datetime

from django import forms
from django.utils import timezone

from signatories.desk.forms import check_ahead


class UntilForm(forms.Form):
    """The moment until which all is hidden; in UTC, as everywhere at the desk."""

    until = forms.DateTimeField(
        label="Until (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), "Please choose a moment: a date and a time."),
    )

    def clean_until(self) -> datetime:
        """Refuse what is over, and what is far."""
        return check_ahead(self.cleaned_data["until"], timezone.now())


class PressForm(forms.Form):
    """Whom a link is made for."""

    name = forms.CharField(
        label="Name and newsroom", max_length=100, error_messages={"required": "Please type whom the link is for."}
    )
