"""The forms of a dossier, and of the page on which a signature is verified."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from signatories.desk.forms import LONGEST_REASON
from signatories.gathering.file_reader import MOST_BYTES
from signatories.identity import names
from signatories.models import DossierContact, DossierProof, WatchedName
from signatories.models.dossier import LONGEST_LINE, LONGEST_WORDS, ContactKind, ProofKind
from signatories.signing.forms import AddressField, TidyField

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def _line(label: str, missing: str, **more: Any) -> TidyField:
    """One line of text; web addresses may stand in it."""
    return TidyField(
        label=label, tidy=names.tidy_words, longest=LONGEST_LINE, error_messages={"required": missing},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}), **more,
    )  # fmt: skip


def _words(label: str, missing: str = "", **more: Any) -> TidyField:
    return TidyField(
        label=label, tidy=names.tidy_words, longest=LONGEST_WORDS, error_messages={"required": missing},
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **more,
    )  # fmt: skip


class _ContactField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none while the program runs
    def label_from_instance(self, obj: DossierContact) -> str:
        return obj.contact


class _ProofField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: DossierProof) -> str:
        return f"{obj.watched.name}, {obj.get_kind_display()}: {obj.words[:60]}"


class _OnOnePage(forms.Form):
    """A form among others on its page: its fields have ids of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.removesuffix('Form').lower()}-%s"} | kwargs)


class ContactForm(_OnOnePage):
    """Asks how the person is reached."""

    kind = forms.ChoiceField(label="Kind", choices=ContactKind)
    contact = _line("Contact", "Please type the contact.", help_text="A name and a number, a page, a domain.")
    found_at = _line(
        "Where it was found", "Please say where it was found: a contact from the signature itself proves nothing."
    )


class EnquiryForm(_OnOnePage):
    """Asks what somebody asked the person, and what they answered."""

    contact = _ContactField(
        DossierContact.objects.none(),
        label="Through which contact",
        required=False,
        empty_label="none of these",
        error_messages={"invalid_choice": "This contact is not there any more."},
    )
    asked_at = forms.DateTimeField(
        label="When (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages=dict.fromkeys(("required", "invalid"), "Please enter a date and a time."),
    )
    asked = _words("What you asked", "Please say what you asked.")
    answer = _words("What was answered", required=False, help_text="It can follow later.")

    def __init__(self, *args: Any, watched: WatchedName, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = watched.contacts.order_by("pk")

        self.initial.setdefault("asked_at", timezone.now())

    def clean_asked_at(self) -> datetime:
        """Refuse what is to come, and slips of the hand. Raises ValidationError."""
        asked_at: datetime = self.cleaned_data["asked_at"]
        if not _EARLIEST <= asked_at <= timezone.now():
            raise forms.ValidationError("Please enter a moment that is over.")
        return asked_at


class AnswerForm(forms.Form):
    """Asks what was answered."""

    answer = _words("What was answered", "Please say what was answered.")


class ProofForm(_OnOnePage):
    """Asks what proves who somebody is."""

    kind = forms.ChoiceField(label="Kind", choices=ProofKind)
    words = _words(
        "What you saw or heard",
        "Please say what you saw or heard.",
        help_text="Whom you reached, and how.",
    )


class MailboxForm(_OnOnePage):
    """Asks from which mailbox the person will sign."""

    address = AddressField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Please enter the address."},
    )
    announced_by = _line("Who announced it", "Please say who announced it.")
    proof = _ProofField(
        DossierProof.objects.none(),
        label="By which proof",
        empty_label="Please choose",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose a proof of this dossier."),
    )

    def __init__(self, *args: Any, watched: WatchedName, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["proof"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = watched.proofs.select_related("watched").order_by("pk")


class NamesakeForm(_OnOnePage):
    """Asks why a signature is another person's than the watched one."""

    reason = forms.CharField(
        label="How you know that it is somebody else",
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Please say how you know; it stays on record."},
    )


class AgreeForm(_OnOnePage):
    """Asks for the proof by which a signature is the person's own."""

    proof = _ProofField(
        DossierProof.objects.none(),
        label="Proof",
        empty_label="Please choose",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose a proof from the dossier."),
    )

    def __init__(self, *args: Any, watched: list[WatchedName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["proof"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = DossierProof.objects.filter(watched__in=watched).select_related("watched").order_by("-pk")


class NamesFileForm(forms.Form):
    """Asks for a list of names."""

    file = forms.FileField(
        label="The file",
        help_text="CSV or Excel (XLSX), at most 2 MB and 10,000 names.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"required": "Please choose a file.", "empty": "This file is empty."},
    )

    def clean_file(self) -> bytes:
        """The bytes of the file. Raises ValidationError."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile) or (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file has more than 2 MB: please send it in parts.")
        content: bytes = file.read()
        return content
