"""Forms for the page for the press, the switches and the watched names."""

from typing import ClassVar

from django import forms

from declaration.models import PressPage
from signatories.identity import names
from signatories.signing.forms import TidyField


class PressPageForm(forms.ModelForm[PressPage]):
    """Asks for the texts of the page for the press, in one language."""

    class Meta:
        model = PressPage
        fields = ("key_points", "behind", "funding", "contact_name", "contact_email", "contact_phone")
        labels: ClassVar = {
            "key_points": "Key points",
            "behind": "Who is behind it",
            "funding": "How it is paid for",
            "contact_name": "Press contact: name",
            "contact_email": "Press contact: e-mail",
            "contact_phone": "Press contact: telephone",
        }
        help_texts: ClassVar = {
            "key_points": "One a line.",
            "behind": "Markdown: *italics*, **bold**, lists. No links, no pictures.",
            "funding": "Markdown, as above.",
        }
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 6, "dir": "auto"}) for name in ("key_points", "behind", "funding")
        }


class SwitchesForm(forms.Form):
    """Settings that organizers turn on and off while the site runs."""

    reminders = forms.BooleanField(
        label="One reminder after two days",
        help_text="To mailboxes that asked to sign and did not confirm.",
        required=False,
    )
    verified_badge = forms.BooleanField(
        label="Tell who was verified",
        help_text="On the page of a signature that was verified as a watched person’s; never how.",
        required=False,
    )


class WatchForm(forms.Form):
    """Asks for a name to watch."""

    name = TidyField(label="Name", tidy=names.tidy_name, longest=names.LONGEST_NAME)
    note = TidyField(
        label="Note", help_text="How to reach them, and who knows them.", required=False, tidy=names.tidy, longest=200
    )
