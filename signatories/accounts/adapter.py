"""What allauth asks us: who may have an account, how tries are counted, and how its mails are sent."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from declaration.web.requests import client_address
from signatories.accounts import invitations, known_browsers, second_factor, services, sessions
from signatories.identity import links
from signatories.models import Presence

_WAYS = {  # to show once more that it is you
    "reauthenticate": _("With your password"),
    "mfa_reauthenticate": _("With a code of your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("With a passkey"),
}
_PASSWORD_ERRORS = {
    "password_too_short": _("This password has fewer than eight characters."),
    "password_too_common": _("Many people have this password, so it is guessed at once. Please choose another."),
    "password_too_similar": _("This password is too much like your address. Please choose another."),
}
_FACTOR_ADDED = ("mfa/email/totp_activated", "mfa/email/webauthn_added")
_NONCE = "login_code_nonce"  # in the session, from making a code to writing the row of its mail


class OrganizersOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """allauth for organizers: sign-up by invitation, mails go through the outbox, known browsers are counted apart."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "enter_current_password": _("This is not the password that you have now."),
        "incorrect_code": _("This is not the code that we mailed last. Please look again."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link does not work any more."),
        "rate_limited": _("This was asked for too often from your network. Please wait a minute, and try again."),
        "too_many_login_attempts": _(
            "Too many wrong passwords or codes were typed, perhaps by somebody else. Your account is not locked: have "
            "a code mailed to you, set a new password, use a browser in which you have signed in before, or wait a "
            "quarter of an hour."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only for somebody who has opened the link of an invitation that is still open."""
        return invitations.of_request(request, timezone.now()) is not None

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Store a new account with the address and the role of its invitation."""
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit=False)
                invitations.accept(request, user, timezone.now())
        except invitations.NotOpen as error:
            raise ImmediateHttpResponse(redirect("account_signup")) from error
        return user

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where an account is led to that did not ask for a page."""
        return services.home_of(request.user).path

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The same for a new account."""
        return services.home_of(request.user).path

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that allauth's own limits count by: read as everywhere."""
        return str(client_address(request))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try: of a known browser by itself, so that no stranger uses up its tries; else by network, address.

        Raises ValidationError where there were too many.
        """
        known = known_browsers.find(request, str(credentials.get("email", "")))
        if known is None:
            super().pre_authenticate(request, **credentials)
        elif not ratelimit.consume(request, action="login_of_known_browser", key=known):
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: User, **named: Any) -> HttpResponse:
        """Know the browser again from now on: whoever comes here has shown all that the account asks for."""
        response: HttpResponse = super().post_login(request, user, **named)
        known_browsers.remember(response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """End the session; nobody is told any more that this organizer is at the desk."""
        Presence.objects.filter(account=request.user.pk).delete()
        super().logout(request)

    def clean_password(self, password: str, user: User | None = None) -> str:
        """The password. Raises ValidationError, in our words, where it is too weak."""
        try:
            return str(super().clean_password(password, user=user))
        except ValidationError as refused:
            errors = [_PASSWORD_ERRORS.get(error.code or "", error) for error in refused.error_list]
            raise ValidationError(errors) from refused

    def set_password(self, user: User, password: str) -> None:
        """Set it, and end all other sessions: whoever had the old one is out, and stays out."""
        super().set_password(user, password)
        sessions.end_all(account_id=user.pk, now=timezone.now(), but=self.request.session.session_key)

    def is_reauthentication_required(self, *, app: str, **named: Any) -> bool:
        """Whether to ask once more before factors are changed: not of somebody who has just shown who they are."""
        return not second_factor.is_fresh(self.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """How one shows again who one is: with a factor that alone, as a password may be known to others."""
        ways = [way | {"description": _WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]
        of_factor = [way for way in ways if way["id"] != "reauthenticate"]
        return sorted(of_factor or ways, key=lambda way: not way["id"].endswith("webauthn"))

    def send_notification_mail(self, template_prefix: str, user: User, *more: Any, **named: Any) -> None:
        """Have the owner told that a second factor was added, replaced or removed."""
        if not template_prefix.startswith("mfa/"):
            return
        if template_prefix in _FACTOR_ADDED:
            second_factor.mark_shown(self.request)
        services.tell_of_factor(address=user.email, now=timezone.now())

    def generate_login_code(self) -> str:
        """A code that the worker computes again, from the nonce in the row of its mail."""
        nonce = services.new_nonce()
        self.request.session[_NONCE] = nonce.hex()
        return links.make_login_code(nonce)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Have a log-in code mailed, the only mail that is left to allauth.

        ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS makes allauth ask for one to an address without account too: the row is the same,
        and the worker, who looks for the account, mails nothing.
        """
        if template_prefix not in {"account/email/login_code", "account/email/unknown_account"}:
            raise ValueError(f"not a mail of ours: {template_prefix}")
        nonce = bytes.fromhex(self.request.session.pop(_NONCE, "")) or services.new_nonce()
        services.ask_for_code(address=email, nonce=nonce, now=timezone.now())
