"""Form with which an organizer answers an alarm."""

from typing import Any

from django import forms

from signatories.desk.forms import LONGEST_REASON


class AlarmForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[("seen", "looked at"), ("known", "known to us"), ("hold", "hold them"), ("reject", "reject them")]
    )
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)

    def clean(self) -> dict[str, Any]:
        """Require a reason to hold or reject."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") in ("hold", "reject") and not cleaned.get("reason"):
            self.add_error("reason", "Please say why; it stays on record.")
        return cleaned
