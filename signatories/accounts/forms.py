"""allauth's forms of accounts in our words, and without its look-up where mail is asked for: see services.py."""

from typing import Any

from allauth.account import fields
from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from signatories.accounts import invitations, mails, services
from signatories.identity import addresses, links

_GOOD_PASSWORD = _("At least eight characters; some words that nobody guesses are best.")
_ADDRESS_ERRORS = {
    "required": _("Please enter your e-mail address."),
    **dict.fromkeys(
        ("invalid", "max_length", "null_characters_not_allowed"),
        _("Please enter an e-mail address like name@example.org."),
    ),
}


def _address() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"),
        error_messages=_ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


def _password(label: StrOrPromise) -> forms.CharField:
    """A password that somebody has."""
    return forms.CharField(
        label=label,
        strip=False,
        error_messages={
            "required": _("Please type your password."),
            "null_characters_not_allowed": _("This is not your password."),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class _NewPassword(fields.SetPasswordField):  # type: ignore[misc]  # allauth brings no types
    """A password that is chosen, typed once: a wrong one is mended with a mailed link."""

    def __init__(self, label: StrOrPromise) -> None:
        nobody_types_it = _("This password holds a character that no keyboard has.")
        errors = {"required": _("Please choose a password."), "null_characters_not_allowed": nobody_types_it}
        super().__init__(label=label, help_text=_GOOD_PASSWORD, error_messages=errors)
        del self.widget.attrs["placeholder"]


class LoginForm(allauth.LoginForm):  # type: ignore[misc]  # allauth brings no types
    """Address and password."""

    password = _password(_("Password"))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["login"] = _address()
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """The address in lower case."""
        return str(super().clean_login()).lower()


class PasswordAgainForm(allauth.ReauthenticateForm):  # type: ignore[misc]  # allauth brings no types
    """The password, of an account without a second factor."""

    password = _password(_("Password"))


class ChangePasswordForm(allauth.ChangePasswordForm):  # type: ignore[misc]  # allauth brings no types
    """Another password."""

    oldpassword = _password(_("The password that you have now"))
    password1 = _NewPassword(_("The new password"))
    password2 = None


class NewPasswordForm(allauth.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth brings no types
    """Another password, behind a mailed link."""

    password1 = _NewPassword(_("The new password"))
    password2 = None


class _Address(forms.Form):
    """The address of an account, refused where nothing can be mailed to it."""

    email = _address()

    def clean_email(self) -> str:
        """The address in lower case. Raises ValidationError."""
        address: str = self.cleaned_data["email"]
        addresses.check(address)
        return address.lower()


class ResetForm(_Address):
    """Asks for the link to set a new password."""

    def save(self, request: HttpRequest, **_named: Any) -> str:
        """Have it mailed; allauth's view has counted the network before."""
        address: str = self.cleaned_data["email"]
        services.ask_for_link(address=address, now=timezone.now())
        return address


class CodeForm(_Address):
    """Asks for a code to log in. allauth keeps the code in the session, so it must know the account here."""

    def clean_email(self) -> str:
        """The address; `_user` is what allauth's view asks for. One look-up, whether there is an account or not."""
        address = super().clean_email()
        if not ratelimit.consume(context.request, action="request_login_code", key=address):
            raise get_adapter().validation_error("rate_limited")
        self._user = mails.account_of(address)
        return address


class AcceptForm(allauth.SignupForm):  # type: ignore[misc]  # allauth brings no types
    """The password of a new account; its address is that of the invitation, whatever is sent."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        del self.fields["email"]
        self.fields["password1"] = _NewPassword(_("Password"))
        self.invitation = invitations.of_request(context.request, timezone.now())

    def clean(self) -> dict[str, Any]:
        """What was typed, with the address. Raises ValidationError."""
        self.cleaned_data["email"] = self.invitation.address if self.invitation else ""
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class TypedCodeForm(allauth.ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth brings no types
    """The code of the mail, read as all our codes are."""

    code = forms.CharField(
        label=_("The code in the mail"),
        error_messages={
            "required": _("Please type the code of the mail."),
            "null_characters_not_allowed": _("This is not the code that we mailed last. Please look again."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        """The code. Raises ValidationError where it is not the one of this browser, or none was mailed."""
        code = links.read_code(self.cleaned_data["code"])
        if not self.expected_code or not constant_time_compare(code, self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return code
