"""Accounts are for organizers and are made by an administrator: sign-up is closed."""

import logging
import threading
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest

from declaration.web.requests import client_address

logger = logging.getLogger(__name__)


class OrganizersOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """allauth with the sign-up page closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: creators need no account and organizers are given theirs."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that allauth's own limits count by: read as everywhere."""
        return str(client_address(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in another thread: neither an error of the mail server nor the time it takes tells who has an account.

        No row of the outbox, since the mail holds a key to the account; who gets none asks again.
        """
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        message = self.render_mail(template_prefix, email, about | context)
        threading.Thread(target=_send, args=[message], daemon=True).start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # its words can hold the address
        logger.warning("a mail about an account was not sent: %s", type(error).__name__)
