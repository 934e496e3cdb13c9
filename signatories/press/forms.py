"""The form that asks whether names are on the list."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from signatories.press.presence import MOST

LONGEST = 60_000  # characters of all lines


def _tidied(line: str) -> str:
    """A line with single spaces; tabs stay, which part the columns of a table."""
    columns = (" ".join(column.split()) for column in line.split("\t"))
    return "\t".join(filter(None, columns))


class PresenceForm(forms.Form):
    """Names, one on a line."""

    names = forms.CharField(
        label=_("Names, one on a line"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
        max_length=LONGEST,
        error_messages={"required": _("Please type a name."), "max_length": _("This is too long.")},
    )

    def clean_names(self) -> list[str]:
        """Return the lines that are not empty, each once."""
        lines = map(_tidied, str(self.cleaned_data["names"]).splitlines())
        found = list(dict.fromkeys(filter(None, lines)))
        if not found:
            raise forms.ValidationError(_("Please type a name."))
        if len(found) > MOST:
            words = ngettext(
                "At most %(most)d names at once: these are %(count)d.",
                "At most %(most)d names at once: these are %(count)d.", len(found),
            )  # fmt: skip
            raise forms.ValidationError(words % {"most": MOST, "count": len(found)})
        return found
