"""The forms of the desk."""

from typing import Any

from django import forms

from signatories.mine.forms import MendForm
from signatories.models import Signature
from signatories.models.act import MOVES, Verb

LONGEST_REASON = 500
NO_OBJECTION = "Looked at, no objection."


class DecideForm(forms.Form):
    """One decision: what to do, and why."""

    verb = forms.ChoiceField(choices=[(verb.value, verb.label) for verb in MOVES])
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        self.signature = signature
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Publishing may go without words, unless somebody signed for another: then it is said how it was verified."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("reason") and "reason" not in self.errors:
            if cleaned.get("verb") != Verb.PUBLISH:
                self.add_error("reason", "Please say why; it stays on record.")
            elif self.signature.representative:
                self.add_error("reason", "Please say how you verified it: whom you reached, and how you found them.")
            else:
                cleaned["reason"] = NO_OBJECTION
        return cleaned


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
    field_order = (*MendForm.field_order, "reason")


class ReasonForm(forms.Form):
    """Why something is done at a signer's request."""

    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, error_messages={"required": "Please say why; it stays on record."}
    )
