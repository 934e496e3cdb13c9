"""allauth's forms that ask for a mail, without its look-up of the account: see services.py."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from signatories.accounts import invitations, mails, services
from signatories.identity import addresses, links


class _Address(forms.Form):
    """The address of an account, refused where nothing can be mailed to it."""

    email = forms.EmailField(
        label=_("E-mail"),
        error_messages={"required": _("Please enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

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
        self.fields["password1"].help_text = _("At least eight characters; some words that nobody guesses are best.")
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
        error_messages={"required": _("Please type the code of the mail.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        """The code. Raises ValidationError where it is not the one of this browser, or none was mailed."""
        code = links.read_code(self.cleaned_data["code"])
        if not self.expected_code or not constant_time_compare(code, self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return code
