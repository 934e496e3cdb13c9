"""allauth's forms of second factors, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_LONGEST_NAME = 60
_WRONG_CODE = _("This is not the right code. Please look again: a code works once, for half a minute.")
_NAME_ERRORS = {
    "required": _("Please type a name."),
    "max_length": _("This name is too long."),
    "null_characters_not_allowed": _("This name holds a character that no keyboard has."),
}
_NOT_FINISHED = _("The browser has not finished this. Please try again, or take another way.")


def _code(label: StrOrPromise) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=64,
        error_messages={
            "required": _("Please type a code."),
            **dict.fromkeys(("max_length", "null_characters_not_allowed"), _WRONG_CODE),
        },
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class LoginCodeForm(base.AuthenticateForm):  # type: ignore[misc]  # allauth brings no types
    """The code that is asked for after the password."""

    code = _code(_("The code of your app, or a recovery code"))


class AgainForm(base.ReauthenticateForm):  # type: ignore[misc]  # allauth brings no types
    """The code that is asked for again before something weighty."""

    code = _code(_("The code of your app, or a recovery code"))


class AddAppForm(totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth brings no types
    """The first code of a new authenticator app."""

    code = _code(_("The code that the app shows now"))


def _credential() -> forms.JSONField:
    """What the browser says about a passkey; people see nothing of it but that it is missing."""
    errors = dict.fromkeys(("required", "invalid"), _NOT_FINISHED)
    return forms.JSONField(widget=forms.HiddenInput, error_messages=errors)


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth brings no types
    """A new passkey; the browser fills in the hidden part."""

    name = forms.CharField(
        label=_("A name for it, to tell it from others"),
        required=False,
        max_length=_LONGEST_NAME,
        error_messages=_NAME_ERRORS,
    )
    credential = _credential()

    def clean(self) -> dict[str, Any]:
        """What was typed. Raises ValidationError where the passkey is not what was asked for."""
        with _in_words_of_passkeys():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class _Passkey(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth brings no types
    credential = _credential()

    def clean_credential(self) -> Authenticator:
        """The passkey. Raises ValidationError where it is none of this account."""
        with _in_words_of_passkeys():
            return super().clean_credential()


class LoginPasskeyForm(_Passkey):
    """The passkey that is asked for after the password."""


class PasskeyAgainForm(_Passkey):
    """The passkey that is asked for again before something weighty."""

    reauthenticated = True


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth brings no types
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"), max_length=_LONGEST_NAME, error_messages=_NAME_ERRORS)


@contextmanager
def _in_words_of_passkeys() -> Iterator[None]:
    """Say that the browser has not finished, where allauth says that a code is wrong."""
    try:
        yield
    except forms.ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise forms.ValidationError(_NOT_FINISHED, error.code) from error
