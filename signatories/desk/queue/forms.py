"""Form to decide on one signature."""

from typing import Any

from django import forms
from django.conf import settings

from signatories.desk.forms import LONGEST_REASON, NO_OBJECTION
from signatories.desk.queue.entries import Filter
from signatories.models import Signature
from signatories.models.act import MOVES, Verb
from signatories.models.signature import LOOKS_LIKE
from signatories.screening import holds, risk

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
            elif self.signature.is_represented:
                self.add_error("reason", "Please say how you verified it: whom you reached, and how you found them.")
            else:
                cleaned["reason"] = NO_OBJECTION
        return cleaned


_ANY = [("", "any")]
_PREFIXES = {LOOKS_LIKE: "looks like a watched name", holds.RULE: "matches a rule of the organizers"}


class FilterForm(forms.Form):
    """Asks which of those who wait are shown, and in which order. What is wrong in an address line is left out."""

    sort = forms.ChoiceField(
        choices=[("risk", "riskiest first"), ("oldest", "oldest first"), ("newest", "newest first")], required=False
    )
    reason = forms.ChoiceField(
        choices=lambda: [*_ANY, *((code, _PREFIXES.get(code) or holds.explain(code)) for code, _weight in risk.RISKS)],
        required=False,
    )  # fmt: skip
    domain = forms.CharField(label="Mail domain", max_length=255, required=False)
    language = forms.ChoiceField(choices=[*_ANY, *settings.LANGUAGES], required=False)
    older = forms.TypedChoiceField(
        label="Waiting", coerce=int, required=False,
        choices=[*_ANY, (1, "more than an hour"), (6, "more than six hours"), (24, "more than a day")],
    )  # fmt: skip

    @property
    def chosen(self) -> Filter:
        """What was asked for."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return Filter(**asked)
