"""Mails about accounts are asked for: by strangers a link to set a new password, or a code to log in.

Each is one INSERT, with no look-up: neither what is answered nor the time it takes tells who has an account. The worker
looks for the account (see mails.py).
"""

import os
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from signatories.identity import mailbox
from signatories.identity.repeats import same_form_digest
from signatories.models import OutboundMail, Partner
from signatories.models.outbound_mail import MailKind
from signatories.models.partner import partner_of


@dataclass(frozen=True)
class Home:
    """Where an account is at home: at the desk, or on the page of the partner that it works for."""

    path: str
    name: str
    partner: Partner | None


def home_of(account: AbstractBaseUser | AnonymousUser) -> Home:
    """The page to which an account is led: the one place that tells organizers and people of partners apart."""
    if partner := partner_of(account):
        return Home(reverse("partner-own"), _("Your links and numbers"), partner)
    return Home(reverse("desk"), _("The desk"), None)


def new_nonce() -> bytes:
    """What a log-in code is computed from."""
    return os.urandom(32)


def ask_for_link(*, address: str, now: datetime) -> None:
    """Have the link to set a new password mailed to the account of `address`, if there is one."""
    # The address as it is, unlike elsewhere: a row for another spelling of the mailbox, which is no account, must not
    # take the place of the one that is.
    _ask(MailKind.RESET, address, same_form_digest(b"reset", (address.lower(), get_language()), now), now)


def ask_for_code(*, address: str, nonce: bytes, now: datetime) -> None:
    """Have the code made from `nonce` mailed to the account of `address`, if there is one."""
    _ask(MailKind.LOGIN_CODE, address, nonce, now)


def tell_of_factor(*, address: str, now: datetime) -> None:
    """Have the owner of the account of `address` told that its second factor was changed."""
    _ask(MailKind.FACTOR, address, new_nonce(), now)


def mail_invitation(*, address: str, nonce: bytes, language: str, now: datetime) -> None:
    """Have the link of an invitation mailed, in the language of who is invited."""
    _ask(MailKind.INVITATION, address, nonce, now, language)


def mail_test(*, address: str, now: datetime) -> None:
    """Have a mail sent that says nothing but that mail arrives."""
    _ask(MailKind.TEST, address, new_nonce(), now)


def _ask(kind: MailKind, address: str, once: bytes, now: datetime, language: str | None = None) -> None:
    row = OutboundMail(
        kind=kind, language=language or get_language() or settings.LANGUAGE_CODE, once=once, created_at=now,
        address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
        domain=mailbox.domain_of(address),
    )  # fmt: skip
    OutboundMail.objects.bulk_create([row], ignore_conflicts=True)
