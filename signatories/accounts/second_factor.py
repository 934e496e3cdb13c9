"""The second factor: who needs one, whether this session has shown it, and how long that counts as fresh.

allauth keeps the factors and asks for them. It writes down in the session how somebody has shown who they are, and
when; everything here is read from those records. A session that was opened with the password alone has not shown the
factor, also if its account was given one meanwhile in another browser.
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt, is_mfa_enabled
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.utils.http import urlencode

from signatories.accounts import sessions
from signatories.models.organizer import Role, role_of
from signatories.models.partner import partner_of

type Account = AbstractBaseUser | AnonymousUser

_ADDED_AT = "factor_added_at"  # in the session
_KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for one of these


def is_needed_by(account: Account) -> bool:
    """Whether an account needs a second factor: all but viewers, who see nothing about persons."""
    return role_of(account) not in (None, Role.VIEWER) or partner_of(account) is not None


def has_one(account: Account) -> bool:
    """Whether an account has an authenticator app or a passkey."""
    return bool(is_mfa_enabled(account, list(_KINDS)))


def was_shown(request: HttpRequest) -> bool:
    """Whether this session has shown the second factor, or a recovery code in its place."""
    return bool(_shown_at(request))


def is_fresh(request: HttpRequest) -> bool:
    """Whether it was shown within ACCOUNT_REAUTHENTICATION_TIMEOUT (five minutes).

    An account without a factor has only the password, a mailed code or an invitation to show.
    """
    if has_one(request.user):
        newest = max(_shown_at(request), default=0.0)
    else:
        newest = max((record["at"] for record in _records(request)), default=sessions.began_at(request))
    return bool(time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def _shown_at(request: HttpRequest) -> list[float]:
    shown = [record["at"] for record in _records(request) if record["method"] == "mfa"]
    return [*shown, *filter(None, [request.session.get(_ADDED_AT)])]


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records


def mark_shown(request: HttpRequest) -> None:
    """Let a factor count as shown in the session in which it was just added: it has just worked.

    Not among allauth's records: it reads none of a session that began with an invitation.
    """
    request.session[_ADDED_AT] = time.time()


def page_to_show_it(request: HttpRequest, then: str) -> str:
    """The address of the page that asks for the factor and leads on to `then`."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    return f"{ways[0]['url']}?{urlencode({'next': then})}"


def add_app(account: AbstractBaseUser, secret: str) -> None:
    """Give an account an authenticator app with this secret (base 32), without the page that shows it."""
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})


def remove_all(account_id: int) -> bool:
    """Delete the factors of an account and its recovery codes. Returns False if it had none."""
    deleted, _by_model = Authenticator.objects.filter(user_id=account_id).delete()
    return bool(deleted)


def kinds_of(account: AbstractBaseUser) -> dict[str, int]:
    """How many apps and how many passkeys an account has; to tell its owner."""
    kinds = list(Authenticator.objects.filter(user_id=account.pk, type__in=_KINDS).values_list("type", flat=True))
    return {"apps": kinds.count(Authenticator.Type.TOTP), "passkeys": kinds.count(Authenticator.Type.WEBAUTHN)}
