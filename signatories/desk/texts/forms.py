"""Forms of the text of the declaration: the words in one language, and when they are published."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import strip_tags

from declaration import markdown
from declaration.models import Text
from signatories.desk.forms import check_ahead
from signatories.desk.texts.services import Words

LONGEST_BODY = 40_000  # characters; a form with all languages stays below DATA_UPLOAD_MAX_MEMORY_SIZE in any script
_TOO_LONG = "Please shorten this: it may have {} characters, and has %(show_value)s."


class TextForm(forms.Form):
    """Asks for title and body in one language. Both may stay empty where there is no text yet."""

    title = forms.CharField(
        label="Title", max_length=200, required=False, error_messages={"max_length": _TOO_LONG.format("200")},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )  # fmt: skip
    body = forms.CharField(
        label="Text", max_length=LONGEST_BODY, required=False,
        error_messages={"max_length": _TOO_LONG.format(f"{LONGEST_BODY:,}")},
        help_text="Markdown: *emphasis*, **strong**, lists, > quotations, ## headings. No links, no pictures.",
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
    )  # fmt: skip
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, str] | None, *, language: str, stored: Text | None, start: Text | None
    ) -> None:
        self.stored = stored
        source = stored or start
        initial = {"title": source.title, "body": source.body} if source else {}
        initial["read"] = stored.sha256 if stored else ""
        super().__init__(data, prefix=language, initial=initial, use_required_attribute=False)
        for name in ("title", "body"):
            # No maxlength: browsers would cut off pasted words without saying so.
            self.fields[name].widget.attrs.pop("maxlength", None)
            self.fields[name].widget.attrs["lang"] = language

    def clean_body(self) -> str:
        """Return the body with plain line ends: browsers send others, which would change the digest."""
        body = _plain(self.cleaned_data["body"])
        if body and not strip_tags(markdown.render(body)).strip():
            raise forms.ValidationError("These words would show nothing.")
        return body

    def clean(self) -> dict[str, Any]:
        """Ask for both or, where there is no text yet, for none."""
        if not self.is_blank():
            for name, words in (("title", "Please write a title."), ("body", "Please write the text.")):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return self.cleaned_data

    def is_blank(self) -> bool:
        """Whether nothing is written in this language, and nothing was before."""
        typed = (self.data.get(self.add_prefix(name), "").strip() for name in ("title", "body"))
        return self.stored is None and not any(typed)

    def words(self) -> Words:
        """Return what was written. Words that differ only in line ends or spaces around them are the stored ones."""
        title, body, read = (self.cleaned_data[name] for name in ("title", "body", "read"))
        stored = self.stored
        if stored and stored.sha256 == read and (title, body) == (stored.title.strip(), _plain(stored.body)):
            return Words(stored.title, stored.body, read)
        return Words(title, body, read)

    def as_typed(self) -> Text:
        """Return what stands in the fields, stored or not, for the preview."""
        return Text(title=(self["title"].value() or "").strip(), body=_plain(self["body"].value() or ""))


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


class MomentForm(forms.Form):
    """Asks from when on a version is published."""

    at = forms.DateTimeField(
        label="From (UTC)", help_text="Date and time in UTC, which is not the time of your clock at home.",
        error_messages={"required": "Please enter the moment.", "invalid": "Please enter a date and a time."},
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip

    def clean_at(self) -> Any:
        """Refuse the past, which is what "publish now" is for, and what is far."""
        return check_ahead(self.cleaned_data["at"], timezone.now())
