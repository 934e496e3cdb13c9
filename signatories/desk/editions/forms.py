"""The form by which a list of the latest edition is asked for."""

from typing import Any

from django import forms
from django.conf import settings

from signatories.editions.building import can_tell_changes
from signatories.models import Edition
from signatories.models.edition import Part


class PartForm(forms.Form):
    """A list, in a language; of changes, since which edition."""

    part = forms.ChoiceField(label="List", choices=Part)
    language = forms.ChoiceField(label="Language of its words", choices=settings.LANGUAGES)
    since = forms.IntegerField(label="Since edition", required=False, min_value=1, help_text="For what changed.")

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition

    def clean(self) -> dict[str, Any]:
        """Changes need an earlier edition that can be compared."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("part") != Part.CHANGES:
            if found.get("since"):
                self.add_error("since", "Only the list of what changed begins with an edition. Leave this empty.")
            found["since"] = 0
        elif "since" in found:
            since, newest = found["since"] or 0, self.edition.number or 0
            if not 0 < since < newest:
                self.add_error("since", f"Please give the number of an edition before {newest}.")
            elif not can_tell_changes(self.edition, since):
                self.add_error("since", "That edition is too old to be compared: nothing was noted then.")
        return found
