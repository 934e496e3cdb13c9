"""Forms to find a signer and to act at the signer's request."""

from django import forms

from signatories.desk.forms import LONGEST_REASON
from signatories.mine.forms import MendForm


class FindForm(forms.Form):
    q = forms.CharField(
        label="Address, name or number",
        max_length=254,
        error_messages={"required": "Please enter an address, a name or a number."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )


class AtRequestForm(MendForm):
    """The form of the own page, filled in by an organizer, with a reason."""

    reason = forms.CharField(
        label="Why",
        help_text="For example: asked by mail on 3 May.",
        max_length=LONGEST_REASON,
        error_messages={"required": "Please say why; it stays on record."},
    )
