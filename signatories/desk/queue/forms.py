"""Form to decide on one signature."""

from typing import Any

from django import forms

from signatories.desk.forms import LONGEST_REASON, NO_OBJECTION
from signatories.models import Signature
from signatories.models.act import MOVES, Verb

_VERIFY = "It looks like a watched name: press “Verify”, and say there whose name it is."


class DecideForm(forms.Form):
    """Asks what to do with a signature, and why."""

    verb = forms.ChoiceField(choices=[(verb.value, verb.label) for verb in MOVES])
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)

    def __init__(self, *args: Any, signature: Signature, **kwargs: Any) -> None:
        self.signature = signature
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Require a reason, except to publish.

        A signature by a representative needs one also then: how it was verified. What looks like a watched name is not
        published here at all.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("verb") == Verb.PUBLISH and self.signature.is_unverified:
            self.add_error("reason", _VERIFY)
            return cleaned
        if not cleaned.get("reason") and "reason" not in self.errors:
            if cleaned.get("verb") != Verb.PUBLISH:
                self.add_error("reason", "Please say why; it stays on record.")
            elif self.signature.representative:
                self.add_error("reason", "Please say how you verified it: whom you reached, and how you found them.")
            else:
                cleaned["reason"] = NO_OBJECTION
        return cleaned
