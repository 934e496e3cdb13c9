"""Form to decide on a group of signatures."""

from typing import Any

from django import forms

from signatories.desk.duplicates.finding import MOST_MEMBERS
from signatories.desk.forms import ReasonForm

BIGGEST_ID = 2**63 - 1


class _Ids(forms.TypedMultipleChoiceField):
    """Ids of signatures, as the page has shown them; the service looks whether they belong together."""

    def valid_value(self, value: Any) -> bool:
        return value.isascii() and value.isdigit() and int(value) <= BIGGEST_ID


class GroupForm(ReasonForm):
    """Whether signatures are one person's. `member` are all that were shown, `same` those of the one who stays."""

    answer = forms.ChoiceField(choices=[("merge", "one person"), ("apart", "different people")])
    member = _Ids(coerce=int, error_messages={"required": "Please look at the group again."})
    same = _Ids(coerce=int, required=False)
    keep = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID)

    def clean(self) -> dict[str, Any]:
        """Require for a merge who stays, and somebody else who is the same person."""
        cleaned: dict[str, Any] = super().clean() or {}
        members = set(cleaned.get("member") or ())
        if len(members) > MOST_MEMBERS or not set(cleaned.get("same") or ()) <= members:
            self.add_error("member", "Please look at the group again.")
        elif cleaned.get("answer") == "merge":
            if cleaned.get("keep") not in members:
                self.add_error("keep", "Please choose which one stays.")
            elif not self.others():
                self.add_error("same", "Please choose who is the same person as the one who stays.")
        return cleaned

    def others(self) -> list[int]:
        """Those who are merged into the one who stays."""
        return [pk for pk in self.cleaned_data["same"] if pk != self.cleaned_data["keep"]]

    def apart(self) -> list[int]:
        """Those who were shown and are other people than the one who stays."""
        return [pk for pk in self.cleaned_data["member"] if pk not in (*self.others(), self.cleaned_data["keep"])]

    @property
    def mistake(self) -> str:
        """The first error in words."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")
