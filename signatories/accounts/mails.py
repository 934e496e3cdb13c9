"""Mails about accounts: whether there is one to write to, and what is written. Asked by the worker.

A link to set a new password works for the owner of the mailbox, whoever has asked for it. So one is enough for a while:
strangers who ask a hundred times cause few mails, and use up nothing, since the owner has the link. A code works in
the browser that has asked alone. So that no mailbox is filled, codes have a number for each day; the link has none.
"""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from signatories.accounts import invitations, second_factor
from signatories.identity import links, mailbox
from signatories.models import Invitation, OutboundMail
from signatories.models.mailing import MailState
from signatories.models.organizer import Role
from signatories.models.outbound_mail import MailKind

ONE_LINK_EACH = timedelta(minutes=15)
CODES_A_DAY = 20


def account_of(address: str) -> User | None:
    """The account that may log in with this address."""
    found = get_user_model().objects.filter(email__iexact=address, is_active=True).order_by("pk")
    # The database takes letters for equal that are not, such as the Turkish dotless i for an i.
    return next((account for account in found if account.email.lower() == address.lower()), None)


def is_wanted(row: OutboundMail, address: str) -> bool:
    """Whether there is an account, and its owner needs this mail."""
    if row.kind == MailKind.INVITATION:
        return _invitation(row) is not None
    account = account_of(address)
    if account is None:
        return False
    if row.kind in (MailKind.FACTOR, MailKind.TEST):
        return True
    if row.kind == MailKind.LOGIN_CODE:
        too_late = timezone.now() - timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)
        return row.created_at > too_late and _before(row, address, timedelta(days=1)) < CODES_A_DAY
    return _before(row, address, ONE_LINK_EACH, account) == 0


def _before(row: OutboundMail, address: str, span: timedelta, account: User | None = None) -> int:
    """How many mails of this kind to this address were asked for in the span before, and were or will be sent.

    Those from before the last log-in of `account` are not counted: logging in ends the links mailed before.
    """
    since = row.created_at - span
    if account and account.last_login:
        since = max(since, account.last_login)
    rows = OutboundMail.objects.filter(
        kind=row.kind, pk__lt=row.pk, created_at__gt=since, mail_state__in=[MailState.WAITING, MailState.SENT],
        address_digest__in=mailbox.digests(address),
    )  # fmt: skip
    return sum((mailbox.open_mailbox(other).address or "").lower() == address.lower() for other in rows)


def _invitation(row: OutboundMail) -> Invitation | None:
    return invitations.open_ones(timezone.now()).filter(nonce=row.once).first()


def content(row: OutboundMail, address: str) -> tuple[str, dict[str, Any]]:
    """To whom a mail goes, and the values of its templates. Raises LookupError if the account is gone.

    It goes to the address of the account, not to the one that was typed.
    """
    if row.kind == MailKind.INVITATION:
        return address, _of_invitation(row)
    account = account_of(address)
    if account is None:
        raise LookupError("no account")
    base = {"account_address": account.email}
    if row.kind == MailKind.LOGIN_CODE:
        code = links.make_login_code(row.once)
        minutes = app_settings.LOGIN_BY_CODE_TIMEOUT // 60
        return account.email, base | {"code": f"{code[:4]} {code[4:]}", "minutes": minutes}
    if row.kind == MailKind.TEST:
        return account.email, base | {"start_url": settings.SITE_URL + reverse("desk-start")}
    if row.kind == MailKind.FACTOR:
        factor_url = settings.SITE_URL + reverse("mfa_index")
        return account.email, base | second_factor.kinds_of(account) | {"factor_url": factor_url}
    key = {"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)}
    link = settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=key)
    return account.email, base | {"reset_url": link, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}


def _of_invitation(row: OutboundMail) -> dict[str, Any]:
    invitation = _invitation(row)
    if invitation is None:
        raise LookupError("the invitation is not open any more")
    return {
        "invite_url": invitations.link_of(invitation),
        "role": Role(invitation.role) if invitation.role else None,
        "partner": invitation.partner,
        "days": links.Purpose.INVITE.lifetime.days,
    }
