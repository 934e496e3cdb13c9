"""The forms of a picture for the press."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from signatories.models import PressPicture
from signatories.models.press_picture import PictureKind
from signatories.press.drawing import Drawn, Unusable
from signatories.press.drawing_process import drawn_apart
from signatories.signing.forms import TidyField

LONGEST_CAPTION, LONGEST_CREDIT = 400, 200


class WordsForm(forms.Form):
    """What stands with a picture: in each language of the site, or in the main one for all."""

    kind = forms.ChoiceField(
        label="It is a",
        choices=PictureKind.choices,
        initial=PictureKind.PICTURE,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please say whether it is a picture or a logo."),
    )
    credit = TidyField(
        label="Credit",
        help_text="Who made it, as it is to be printed. Only what the press may print at no cost belongs here.",
        longest=LONGEST_CREDIT,
        error_messages={"required": "Please say who made it: no paper prints a picture without."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        for code, language in settings.LANGUAGES:
            is_main = code == settings.LANGUAGE_CODE
            area = forms.Textarea(attrs={"rows": 2, "dir": "auto", "lang": code})
            self.fields[f"alternative_{code}"] = TidyField(
                label=f"What is to be seen, {language}", longest=LONGEST_CAPTION, required=is_main, widget=area,
                help_text="For those who do not see it." if is_main else "Left empty: the other words stand there.",
                error_messages={"required": "Please say what is to be seen, for those who do not see it."},
            )  # fmt: skip
            self.fields[f"caption_{code}"] = TidyField(
                label=f"Caption, {language}", longest=LONGEST_CAPTION, required=False, widget=area
            )

    def values(self) -> dict[str, Any]:
        """The columns of the picture."""
        cleaned = self.cleaned_data
        texts = {column: self._texts(column) for column in ("caption", "alternative")}
        return {"kind": cleaned["kind"], "credit": cleaned["credit"]} | texts

    def _texts(self, column: str) -> dict[str, str]:
        found = {code: self.cleaned_data[f"{column}_{code}"] for code, _language in settings.LANGUAGES}
        return {code: words for code, words in found.items() if words}

    @staticmethod
    def words_of(picture: PressPicture) -> dict[str, str]:
        """What the form shows of a picture."""
        found = {"kind": picture.kind, "credit": picture.credit}
        for column in ("caption", "alternative"):
            found |= {f"{column}_{code}": words for code, words in getattr(picture, column).items()}
        return found


class PictureField(forms.FileField):
    """A picture, drawn anew: what we store and send is never the file that came."""

    def clean(self, data: Any, initial: Any = None) -> Drawn | None:
        """The picture as it is stored. Raises ValidationError."""
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return None
        try:
            return drawn_apart(file.read())
        except Unusable as error:
            raise forms.ValidationError(str(error)) from error


class PictureForm(WordsForm):
    """A new picture."""

    file = PictureField(
        label="File",
        help_text="JPEG, PNG or WebP, at most 8 MB and 6 megapixels (3000 × 2000); a plain JPEG with more is halved.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": "Please choose a file.", "invalid": "Please choose a file."},
    )
    field_order = ("file", "kind", "credit")

    @property
    def drawn(self) -> Drawn:
        drawn = self.cleaned_data["file"]
        assert isinstance(drawn, Drawn)  # noqa: S101 - for the type checker
        return drawn


class PlaceForm(forms.Form):
    """Asks for a place, counted from 1."""

    to = forms.IntegerField(min_value=1, max_value=10_000)
