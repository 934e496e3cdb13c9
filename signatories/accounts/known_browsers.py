"""Browsers in which an organizer has logged in before: their tries are counted apart, so strangers use up nobody's.

"Device cookies" (OWASP, Slow Down Online Guessing Attacks with Device Cookies). A cookie is named after the digest of
the account's address, so that a browser can be known for several accounts. It opens nothing: who has it may try
passwords as often as LOGIN_LIMITS of a known browser say. It is signed together with its name.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from signatories.identity import mailbox

KNOWN_FOR = timedelta(days=180)  # after the last log-in
_SALT = "known browser"


def find(request: HttpRequest, address: str) -> str | None:
    """What the tries of this browser are counted under, if it is known for the account of `address`."""
    for digest in mailbox.digests(address):
        if known := request.get_signed_cookie(_name(digest), None, salt=_SALT, max_age=KNOWN_FOR):
            return f"{digest.hex()} {known}"
    return None


def remember(response: HttpResponse, account: User) -> None:
    """Let this browser be known for the account. Only pages of accounts are sent the cookie."""
    response.set_signed_cookie(
        _name(mailbox.digest(account.email)), secrets.token_hex(16), salt=_SALT, max_age=KNOWN_FOR,
        path="/accounts/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def _name(digest: bytes) -> str:
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}known-{digest.hex()[:16]}"
