"""The forms of signing. Bad input gets a kind error beside its field, and what was typed is kept."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from declaration.models import Text
from signatories.identity import addresses, consent, names
from signatories.models import Profession
from signatories.models.person import SHORT
from signatories.models.profession import GroupKind, Role
from signatories.models.signer_fields import ConfirmedInput, SignerInput
from signatories.signing import services

NAMED, UNNAMED = "named", "unnamed"


class TidyField(forms.CharField):
    """One line of text as people write it, tidied by signatories.identity.names; refused with its reason."""

    def __init__(self, *, tidy: Callable[[str, int], str] = names.tidy, longest: int = SHORT, **kwargs: Any) -> None:
        self.tidy, self.longest = tidy, longest
        super().__init__(strip=True, **kwargs)

    def to_python(self, value: Any) -> str:
        """Tidy text. Raises ValidationError with the reason."""
        typed = super().to_python(value) or ""
        try:
            return self.tidy(typed, self.longest)
        except names.NameRefused as refused:
            raise forms.ValidationError(refused.args[0], "refused") from None


class AddressField(forms.CharField):
    """An address that mail can be sent to; see signatories.identity.addresses.check."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        """Check an address; an optional one may be left out. Raises ValidationError."""
        typed = super().clean(value)
        return addresses.check(typed) if typed else ""


class CodeField(forms.ChoiceField):
    """A choice among codes, checked without translating and sorting every label."""

    def __init__(self, *, codes: frozenset[str], **kwargs: Any) -> None:
        self.codes = codes
        super().__init__(**kwargs)

    def validate(self, value: Any) -> None:
        """Refuse what is not one of the codes. Raises ValidationError."""
        forms.Field.validate(self, value)
        if value and value not in self.codes:
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})


def _professions() -> list[tuple[str, Any]]:
    return [("", _("Please choose"))] + [(code, label) for code, label in Profession.choices]


def _kinds() -> list[tuple[str, Any]]:
    return [("", _("Please choose")), *GroupKind.choices]


def _countries() -> list[tuple[str, Any]]:
    return [("", _("Not stated"))] + [(code, name) for code, name in countries]


class PlainForm(forms.Form):
    """A form whose labels end without a colon."""

    kept = False  # shown only so that what was typed is not lost: it cannot be sent any more

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)


class PersonForm(PlainForm):
    """What a signer says of themselves; shared by signing and by correcting before confirming."""

    error_css_class = "wrong"
    required_css_class = "required"

    name = TidyField(
        label=_("Your name"),
        help_text=_("As it is to stand on the list: your own, your stage or pen name, in any script."),
        tidy=names.tidy_name,
        longest=names.LONGEST_NAME,
        error_messages={"required": _("Please enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto", "spellcheck": "false"}),
    )
    name_latin = TidyField(
        label=_("Your name in Latin letters"),
        help_text=_("If it is written in another script: printed small beside it, so that everyone can find you."),
        required=False,
        longest=names.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    profession = CodeField(
        codes=frozenset(Profession.values),
        label=_("Profession"),
        choices=_professions,
        error_messages={
            "required": _("Please choose a profession."),
            "invalid_choice": _("Please choose a profession from the list."),
        },
    )
    profession_other = TidyField(
        label=_("Your own word for it"), required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    affiliation = TidyField(
        label=_("Band, ensemble, company"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    country = CodeField(
        codes=frozenset(code for code, _name in countries),
        label=_("Country"),
        choices=_countries,
        required=False,
        error_messages={"invalid_choice": _("Please choose a country from the list.")},
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    appearance = forms.ChoiceField(
        label=_("On the list"),
        choices=[(NAMED, _("Show my name")), (UNNAMED, _("Count me without showing my name"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose whether your name is shown."),
            "invalid_choice": _("Please choose whether your name is shown."),
        },
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the own word where the list has none."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("profession") != Profession.OTHER:
            cleaned["profession_other"] = ""
        elif not cleaned.get("profession_other") and "profession_other" not in self.errors:
            self.add_error("profession_other", _("Please say in your own words what you do."))
        return cleaned

    def cleaned_as[T: SignerInput](self, kind: type[T]) -> T:
        """The cleaned values that `kind` takes."""
        cleaned = self.cleaned_data | {"named": self.cleaned_data["appearance"] == NAMED}
        return kind(**{field.name: cleaned[field.name] for field in dataclasses.fields(kind)})


# The questions about the person, in the order of PersonForm; whether the name is shown is asked after the address.
_ABOUT_PERSON = tuple(name for name in PersonForm.base_fields if name != "appearance")


class SignForm(PersonForm):
    """The form under the declaration."""

    email = AddressField(
        label=_("E-mail"),
        help_text=_("Never shown. We mail you a link to confirm that it was you."),
        error_messages={"required": _("Please enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
    news = forms.BooleanField(label=_("Send me news of this declaration, a few times a year"), required=False)
    text = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order: tuple[str, ...] = (*_ABOUT_PERSON, "email")

    def __init__(self, *args: Any, current: Text, **kwargs: Any) -> None:
        self.current = current
        super().__init__(*args, **kwargs)
        self.initial.setdefault("text", current.sha256)

    def clean_text(self) -> Text:
        """The text that was read, told by the digest of its words. Refused if these have changed meanwhile; missing
        means the current ones.
        """
        posted = self.cleaned_data["text"]
        if posted and posted != self.current.sha256:
            self.data = {**{name: self.data[name] for name in self.data}, "text": self.current.sha256}
            raise forms.ValidationError(
                _("The text was changed while you were reading. Please read it again; what you typed is kept.")
            )
        return self.current

    def typed(self) -> dict[str, str]:
        """Every field as it was typed, and the address as it was taken: to fill in the form once more."""
        raw = {name: self.data.get(name, "") for name in self.fields if name != "text"}
        return {name: value for name, value in raw.items() if value} | {"email": self.cleaned_data["email"]}

    def sign(
        self, *, held_for: Sequence[str] = (), network: bytes = b"", origin: services.Origin = services.OURS
    ) -> None:  # fmt: skip
        """Store the signup; see services.sign."""
        services.sign(
            signer=self.cleaned_as(SignerInput),
            address=self.cleaned_data["email"],
            news=self.cleaned_data["news"],
            language=get_language() or "en",
            text=self.cleaned_data["text"],
            now=timezone.now(),
            representative=self.represented_by(),
            held_for=held_for,
            network=network,
            origin=origin,
            consent_version=self.consent_version(),
        )

    @classmethod
    def as_typed(cls, typed: Mapping[str, str], current: Text) -> Self:
        """Return the form with what was typed and no errors, once signing has ended."""
        form = cls(initial=dict(typed), current=current)
        form.kept = True
        return form

    def consent_version(self) -> str:
        """The version of the consent sentence beside the form; it is no field, since each page shows the newest one."""
        return consent.version_read(self.data.get("consent", ""), with_text=bool(self.data.get("text")))

    def represented_by(self) -> services.Representative | None:
        """Who signs in another's name; nobody on this form."""
        return None


class RepresentForm(SignForm):
    """The form for whoever signs for someone they represent. A person calls back before it is listed."""

    representative = TidyField(
        label=_("Your own name"),
        help_text=_("Never shown. We check with the person or through a contact that we find ourselves."),
        tidy=names.tidy_name,
        longest=names.LONGEST_NAME,
        error_messages={"required": _("Please enter your own name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto", "spellcheck": "false"}),
    )
    representative_role = forms.ChoiceField(
        label=_("You are their"),
        choices=lambda: [("", _("Please choose")), *[role for role in Role.choices if role[0] != Role.SPEAKER]],
        error_messages={
            "required": _("Please choose what you are to the person."),
            "invalid_choice": _("Please choose what you are to the person."),
        },
    )
    field_order = ("representative", "representative_role", "email", *_ABOUT_PERSON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the person you sign for")
        self.fields["name"].error_messages["required"] = _("Please enter the name of the person you sign for.")
        self.fields["name"].help_text = _("As it is to stand on the list: their own, stage or pen name, in any script.")
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["name_latin"].label = _("That name in Latin letters")
        self.fields["email"].label = _("Your own e-mail")

    def represented_by(self) -> services.Representative:
        """Name and role of whoever signs."""
        return services.Representative(
            name=self.cleaned_data["representative"], role=self.cleaned_data["representative_role"]
        )


class OfGroup(PersonForm):
    """What makes a form of a person that of a group: a kind instead of a profession, and a name that is always shown.

    To be named before the form of the person among the bases of a class.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for of_people in ("profession_other", "affiliation", "appearance"):
            del self.fields[of_people]
        self.fields["name"].label = _("Name of the group")
        self.fields["name"].error_messages["required"] = _("Please enter the name of the group.")
        self.fields["name"].help_text = _("As it is to stand on the list, in any script.")
        self.fields["name"].widget.attrs["autocomplete"] = "organization"
        self.fields["name_latin"].label = _("That name in Latin letters")
        self.fields["name_latin"].help_text = _(
            "If it is written in another script: printed small beside it, so that everyone can find it."
        )
        if "filed_under" in self.fields:
            self.fields["filed_under"].help_text = _(
                "The word by which the list is sorted, usually the first one that is no article."
            )
        self.fields["profession"] = CodeField(
            codes=frozenset(GroupKind.values),
            label=_("What it is"),
            choices=_kinds,
            error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose what it is.")),
        )

    def cleaned_as[T: SignerInput](self, kind: type[T]) -> T:
        """The cleaned values that `kind` takes."""
        self.cleaned_data |= {"appearance": NAMED, "affiliation": "", "profession_other": ""}
        return super().cleaned_as(kind)


class GroupForm(OfGroup, RepresentForm):
    """The form for whoever speaks for a band, an ensemble, a company or an organisation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["representative_role"]
        self.fields["representative"].help_text = _(
            "Never shown. We make sure through a contact that we find ourselves."
        )

    def represented_by(self) -> services.Representative:
        """The speaker."""
        return services.Representative(name=self.cleaned_data["representative"], role=Role.SPEAKER)


class RehearsalForm(SignForm):
    """The form as signers will see it, for an organizer's own address alone."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["email"] = address
        self.fields["email"].disabled = True


class ConfirmForm(PersonForm):
    """The last look before confirming: everything can still be mended."""

    filed_under = TidyField(
        label=_("Filed under"),
        help_text=_("The word by which the list is sorted, usually the family name."),
        required=False,
        tidy=names.tidy_name,
        longest=names.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "spellcheck": "false"}),
    )
    field_order: tuple[str, ...] = ("name", "filed_under")

    def confirmed_input(self) -> ConfirmedInput:
        """What is to be signed with."""
        return self.cleaned_as(ConfirmedInput)


class GroupConfirmForm(OfGroup, ConfirmForm):
    """The last look of a speaker."""


class CodeForm(PlainForm):
    """The second way: the code of the mail, asked together with the address."""

    email = AddressField(
        label=_("E-mail"),
        error_messages={"required": _("Please enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=40,
        error_messages={"required": _("Please enter the code."), "max_length": _("The code has 8 characters.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
