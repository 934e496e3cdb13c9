"""The forms of the desk."""

from django import forms

LONGEST_REASON = 500
NO_OBJECTION = "Looked at, no objection."


class ReasonForm(forms.Form):
    """Why something is done at a signer's request."""

    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, error_messages={"required": "Please say why; it stays on record."}
    )
