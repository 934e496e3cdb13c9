"""Accounts are for organizers and are made by an administrator: sign-up is closed."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from declaration.requests import client_address


class OrganizersOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """allauth with the sign-up page closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: creators need no account and organizers are given theirs."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere: what allauth's own limits count by."""
        return str(client_address(request))
