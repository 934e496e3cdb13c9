"""Forms for the lists of networks and mail domains."""

from typing import Any, ClassVar

from django import forms

from signatories.models.limits import Listed, tidy_value


class ListForm(forms.ModelForm[Listed]):
    """Asks for a network, a mail domain or a mail server to list."""

    class Meta:
        model = Listed
        fields = ("kind", "value", "note")
        labels: ClassVar = {"kind": "As", "value": "Network, mail domain or mail server", "note": "Note"}
        help_texts: ClassVar = {"value": "192.0.2.0/24, 2001:db8::/48 or example.org"}
        widgets: ClassVar = {"value": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        """Normalize the value, so that it is found whatever its spelling."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") and cleaned.get("value"):
            try:
                cleaned["value"] = tidy_value(cleaned["kind"], cleaned["value"])
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def _post_clean(self) -> None:
        """Skip the check for uniqueness: to list a value again only changes its note."""
