"""The forms of gathered names: for the partner who hands them over, and for the person who is asked."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from signatories.gathering.columns import LABELS, REQUIRED, Field
from signatories.gathering.email_words import name_email
from signatories.gathering.file_reader import MOST_BYTES
from signatories.identity.filing import guess_filing
from signatories.models import Invitee
from signatories.models.gathering import LONGEST_FILE_NAME, MOST_A_MINUTE
from signatories.models.person import SHORT
from signatories.signing.forms import ConfirmForm, PlainForm, SignForm

LARGEST_SPECIMEN = 200_000  # bytes
# By its first bytes, so that what is handed out later is what it says it is.
_SPECIMENS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_LONGEST_WORDS = 3000


class UploadForm(PlainForm):
    """A file of people who agreed to be asked."""

    file = forms.FileField(
        label=_("The file"),
        help_text=_("CSV or Excel (XLSX), a person in each row, at most 2 MB and 20,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"required": _("Please choose a file."), "empty": _("This file is empty.")},
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("In which people are written to, where the file does not say."),
        choices=settings.LANGUAGES,
    )

    def clean_file(self) -> bytes:
        """The bytes of the file. Raises ValidationError."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile) or (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file has more than 2 MB: please send it in parts."))
        content: bytes = file.read()
        return content

    def file_name(self) -> str:
        """How the file is called, without characters that are not seen."""
        said = getattr(self.files["file"], "name", "") or ""
        return "".join(filter(str.isprintable, said))[:LONGEST_FILE_NAME]


class HeadForm(PlainForm):
    """Which line of a file names its columns."""

    def __init__(self, *args: Any, lines: list[list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = (Truncator(" · ".join(filter(None, cells))).chars(80) for cells in lines)
        self.fields["head"] = forms.TypedChoiceField(
            label=_("The line that names the columns"),
            help_text=_("What stands above it is not read."),
            choices=[(at, words or "–") for at, words in enumerate(said)],
            coerce=int,
            error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose the line.")),
        )


class ColumnsForm(PlainForm):
    """Which column of a file holds what."""

    def __init__(self, *args: Any, head: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(str(at), word or _("column %(number)d") % {"number": at + 1}) for at, word in enumerate(head)]
        for field in Field:
            required = field in REQUIRED
            first = ("", _("Please choose") if required else _("not in the file"))
            self.fields[field.value] = forms.ChoiceField(
                label=LABELS[field],
                choices=[first, *places],
                required=required,
                error_messages={"required": _("Please choose the column.")},
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a column that is chosen twice."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [place for place in cleaned.values() if place]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("Each column can hold one thing only."))
        return cleaned

    def places(self) -> dict[str, int]:
        """The place of the column of each field that the file has."""
        return {field: int(place) for field, place in self.cleaned_data.items() if place}


class ProofForm(PlainForm):
    """How these people agreed to be asked."""

    asked_by = forms.CharField(
        label=_("Who asked them"), max_length=SHORT, error_messages={"required": _("Please say who asked them.")}
    )
    asked_on = forms.CharField(
        label=_("When"),
        help_text=_("A day, or from when to when."),
        max_length=SHORT,
        error_messages={"required": _("Please say when they were asked.")},
    )
    asked_where = forms.CharField(
        label=_("By which channel"),
        help_text=_("A page, a paper form, a meeting."),
        max_length=SHORT,
        error_messages={"required": _("Please say where they were asked.")},
    )
    asked_in = forms.CharField(
        label=_("In which words"),
        max_length=_LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": _("Please copy the words to which they agreed.")},
    )
    specimen = forms.FileField(
        label=_("The form or page itself"),
        help_text=_("A specimen without anybody's data: PDF, PNG or JPEG, at most 200 KB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
        error_messages=dict.fromkeys(("required", "empty"), _("Please choose a file.")),
    )
    agreed = forms.BooleanField(
        label=_("Everybody in this file agreed, in these words, to be written to by e-mail about this declaration."),
        error_messages={"required": _("Without this no invitation can be sent.")},
    )

    def __init__(self, *args: Any, has_specimen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["specimen"].required = not has_specimen
        self.fields["asked_in"].help_text = _(
            "As they stood there. They must name %(operator)s, who will write, and say that it is by e-mail."
        ) % {"operator": settings.OPERATOR_NAME}

    def clean_asked_in(self) -> str:
        """Words that name the operator, and e-mail. Raises ValidationError."""
        words = " ".join(str(self.cleaned_data["asked_in"]).split())
        if " ".join(settings.OPERATOR_NAME.split()).casefold() not in words.casefold():
            raise forms.ValidationError(
                _("These words do not name %(operator)s: people did not agree to be written to by us.")
                % {"operator": settings.OPERATOR_NAME}
            )
        if not name_email(words, operator=settings.OPERATOR_NAME):
            raise forms.ValidationError(
                _("These words do not say that it is by e-mail: people did not agree to be written to in this way.")
            )
        return str(self.cleaned_data["asked_in"])

    def clean_specimen(self) -> tuple[bytes, str]:
        """The specimen and its type. Raises ValidationError."""
        file = self.cleaned_data["specimen"]
        if not isinstance(file, UploadedFile):
            return b"", ""  # the one that was sent before stays
        if (file.size or 0) > LARGEST_SPECIMEN:
            raise forms.ValidationError(_("At most 200 KB, please."))
        content = file.read()
        kind = next((kind for start, kind in _SPECIMENS.items() if content.startswith(start)), "")
        if not kind:
            raise forms.ValidationError(_("This is no PDF, PNG or JPEG."))
        return content, kind

    def proof(self) -> dict[str, Any]:
        """The columns of the batch."""
        content, kind = self.cleaned_data["specimen"]
        said = {field: self.cleaned_data[field] for field in ("asked_by", "asked_on", "asked_where", "asked_in")}
        return said | ({"specimen": content, "specimen_type": kind} if content else {})


class PaceForm(PlainForm):
    """How fast invitations go."""

    pace = forms.IntegerField(
        label=_("Invitations a minute"),
        min_value=1,
        max_value=MOST_A_MINUTE,
        error_messages={"required": _("Please type a number.")},
    )


class InvitedForm(ConfirmForm, SignForm):
    """The form of somebody who was asked: filled in with what the file said, all of it editable."""

    field_order = (*ConfirmForm.field_order, "name_latin")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]


def filled_in(invitee: Invitee) -> dict[str, str]:
    """What the file said, as the start of the form; whether the name is shown is for the person to say."""
    said = {
        field: str(getattr(invitee, field))
        for field in ("name", "name_latin", "profession", "profession_other", "affiliation", "country")
    }
    return said | {"filed_under": guess_filing(invitee.name, language=invitee.language, country=said["country"])}
