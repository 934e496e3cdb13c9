"""Forms of news: the words of an update, whom a mailing is for, and its pace."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.html import strip_tags
from django_countries import countries

from declaration import markdown
from signatories.models import Partner, Profession, Update, UpdateText
from signatories.models.news import LONGEST_BODY, LONGEST_TITLE, MOST_A_MINUTE, USUAL_PACE
from signatories.models.profession import GroupKind
from signatories.news.services import Words
from signatories.signing.forms import PlainForm, TidyField

_TOO_LONG = f"Please shorten this: it may have {LONGEST_BODY:,} characters, and has %(show_value)s."


class UpdateForm(PlainForm):
    """Title and text in each language of the site; a language may stay empty, but not all of them."""

    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str] | None = None, *, update: Update | None = None) -> None:
        initial = {"read": update.words_at.isoformat()} if update else {}
        for text in update.in_order if update else []:
            initial |= {f"title_{text.language}": text.title, f"body_{text.language}": text.body}
        super().__init__(data, initial=initial, use_required_attribute=False)
        for code, name in settings.LANGUAGES:
            self.fields[f"title_{code}"] = TidyField(
                label=f"Title, {name}", longest=LONGEST_TITLE, required=False,
                widget=forms.TextInput(attrs={"dir": "auto", "lang": code, "autocomplete": "off"}),
            )  # fmt: skip
            self.fields[f"body_{code}"] = forms.CharField(
                label=f"Text, {name}", max_length=LONGEST_BODY, required=False,
                error_messages={"max_length": _TOO_LONG},
                help_text="Markdown: *emphasis*, **strong**, lists, > quotations, ## headings. No links, no pictures.",
                widget=forms.Textarea(attrs={"rows": 10, "dir": "auto", "lang": code}),
            )  # fmt: skip
            # No maxlength: browsers would cut off pasted words without saying so.
            self.fields[f"body_{code}"].widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        """Ask for title and text in each language that has one of them, and for one language at least."""
        cleaned = self.cleaned_data
        for code, _name in settings.LANGUAGES:
            title, body = f"title_{code}", f"body_{code}"
            if body in cleaned:
                cleaned[body] = _plain(cleaned[body])
            if cleaned.get(body) and not strip_tags(markdown.render(cleaned[body])).strip():
                self.add_error(body, "These words would show nothing.")
            for given, lacking, words in (
                (body, title, "Please write a title."),
                (title, body, "Please write a text."),
            ):
                if cleaned.get(given) and lacking in cleaned and not cleaned[lacking]:
                    self.add_error(lacking, words)
        if not self.errors and not self.words():
            raise forms.ValidationError("Please write title and text in one language at least.")
        return cleaned

    def words(self) -> dict[str, Words]:
        """Return what was written, by language."""
        found = {
            code: Words(self.cleaned_data[f"title_{code}"], self.cleaned_data[f"body_{code}"])
            for code, _name in settings.LANGUAGES
        }
        return {code: words for code, words in found.items() if words.title}

    def moment_read(self) -> datetime | None:
        """Return when the words were last changed as far as the organizer knew; None for what is no moment."""
        try:
            return parse_datetime(self.cleaned_data["read"])
        except ValueError:
            return None

    def as_typed(self) -> list[UpdateText]:
        """Return what stands in the fields, for the preview."""
        found = (
            UpdateText(
                language=code,
                title=(self[f"title_{code}"].value() or "").strip(),
                body=_plain(self[f"body_{code}"].value() or ""),
            )
            for code, _name in settings.LANGUAGES
        )
        return [text for text in found if text.title or text.body]


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


class PaceForm(PlainForm):
    """How many mails a minute."""

    pace = forms.IntegerField(
        label="Mails a minute", min_value=1, max_value=MOST_A_MINUTE, initial=USUAL_PACE,
        help_text="Confirmations always go first. Ask your mail provider how many it takes.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Please type a number from 1 to {MOST_A_MINUTE}."
        ),
    )  # fmt: skip


class AudienceForm(PaceForm):
    """Whom a mailing is for: everybody who asked for news, or those of them for whom all of this is true."""

    language = forms.ChoiceField(label="Who signed in", required=False)
    profession = forms.ChoiceField(label="Profession", required=False)
    country = forms.ChoiceField(label="Country", required=False)
    partner = forms.ModelChoiceField(
        Partner.objects.order_by("name"), label="Came by a link of", required=False, empty_label="anybody"
    )
    field_order = ("language", "profession", "country", "partner", "pace")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[Any]] = {
            "language": [("", "any language"), *settings.LANGUAGES],
            "profession": [("", "any"), *Profession.choices, *GroupKind.choices],
            "country": [("", "any, or none given"), *countries],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = "Please choose one of these."
        self.fields["partner"].error_messages["invalid_choice"] = "Please choose one of these."

    def values(self) -> dict[str, Any]:
        """The columns of the mailing."""
        return self.cleaned_data
