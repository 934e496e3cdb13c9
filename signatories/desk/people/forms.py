"""Forms to find a signer and to act at the signer's request."""

from typing import Any

from django import forms

from signatories.desk.forms import LONGEST_REASON
from signatories.identity import names
from signatories.mine.forms import MendForm
from signatories.models import Signature
from signatories.models.outbound_mail import LONGEST_OWN_WORDS, PreparedText
from signatories.signing.forms import OfGroup, TidyField


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


class GroupAtRequestForm(OfGroup, AtRequestForm):
    """The same for a group."""


class WriteForm(forms.Form):
    """A mail to a signer: one of the texts that are true of the signature, and the organizer's own words."""

    prepared = forms.TypedChoiceField(
        label="What about",
        coerce=PreparedText,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose what the mail is about."),
    )
    words = TidyField(
        label="Your own words",
        help_text="Plain text, below the prepared one, in the signer’s language. At most 1,000 characters.",
        required=False,
        tidy=names.tidy_words,
        longest=LONGEST_OWN_WORDS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        true = [text for text in PreparedText if signature.state in text.states]
        self.fields["prepared"].choices = [(text.value, text.label) for text in true]  # type: ignore[attr-defined]
