"""What allauth asks us: who may have an account, how tries are counted, and how its mails are sent."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from declaration.web.requests import client_address
from signatories.accounts import known_browsers, services
from signatories.identity import links

_NONCE = "login_code_nonce"  # in the session, from making a code to writing the row of its mail


class OrganizersOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """allauth for organizers: sign-up is closed, mails go through the outbox, known browsers are counted apart."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "enter_current_password": _("This is not the password that you have now."),
        "incorrect_code": _("This is not the code that we mailed last. Please look again."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link does not work any more."),
        "rate_limited": _("Too many mails were asked for from your network. Please wait a minute, and ask again."),
        "too_many_login_attempts": _(
            "Too many wrong passwords or codes were typed, perhaps by somebody else. Your account is not locked: have "
            "a code mailed to you, set a new password, use a browser in which you have signed in before, or wait a "
            "quarter of an hour."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: creators need no account and organizers are given theirs."""
        return False

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
