"""Form with which an organizer answers an alarm."""

import re
from typing import Any

from django import forms

from signatories.desk.alarms.services import WhatWasShown
from signatories.desk.forms import LONGEST_REASON

MOVING = ("known", "hold", "reject")
_SHOWN = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){4}", re.ASCII)


class AlarmForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[("seen", "looked at"), ("known", "known to us"), ("hold", "hold them"), ("reject", "reject them")]
    )
    reason = forms.CharField(required=False, max_length=LONGEST_REASON, strip=True)
    shown = forms.CharField(required=False)

    def clean_shown(self) -> WhatWasShown | None:
        """Read what the page has shown; None for anything else."""
        found = _SHOWN.fullmatch(self.cleaned_data["shown"])
        return WhatWasShown(*map(int, found[0].split("."))) if found else None

    def clean(self) -> dict[str, Any]:
        """Require a reason to hold or reject, and for every move what was shown."""
        cleaned: dict[str, Any] = super().clean() or {}
        answer = cleaned.get("answer")
        if answer in ("hold", "reject") and not cleaned.get("reason"):
            self.add_error("reason", "Please say why; it stays on record.")
        elif answer in MOVING and cleaned.get("shown") is None:
            self.add_error("reason", "Please look at the numbers again, and press once more.")
        return cleaned
