"""Finding a signer, and acting at the signer's request."""

from django import forms

from signatories.desk.forms import LONGEST_REASON
from signatories.mine.forms import MendForm


class FindForm(forms.Form):
    """Whom to look for."""

    q = forms.CharField(
        label="Address or name",
        max_length=254,
        error_messages={"required": "Please enter an address or a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )


class AtRequestForm(MendForm):
    """The signer's own form, filled in for them, with the reason."""

    reason = forms.CharField(
        label="Why",
        help_text="For example: asked by mail on 3 May.",
        max_length=LONGEST_REASON,
        error_messages={"required": "Please say why; it stays on record."},
    )
