"""allauth's forms of second factors, in our words."""

from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_LONGEST_NAME = 60


def _code(label: StrOrPromise) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=64,
        error_messages={"required": _("Please type a code.")},
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


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth brings no types
    """A new passkey; the browser fills in the hidden part."""

    name = forms.CharField(label=_("A name for it, to tell it from others"), required=False, max_length=_LONGEST_NAME)


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth brings no types
    """Another name for a passkey."""

    name = forms.CharField(
        label=_("Name"), max_length=_LONGEST_NAME, error_messages={"required": _("Please type a name.")}
    )
