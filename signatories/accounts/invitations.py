"""Invitations: nobody makes an account without one. Each works once, for seven days, for the address that was invited.

Opening the mailed link puts the id of the invitation into the session, and allauth's sign-up is open as long as that
invitation is. The link itself is stored nowhere: the worker computes it from the nonce.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from signatories.accounts import services
from signatories.audit.services import By, by_organizer, record
from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.models import Invitation, Organizer, PartnerAccount
from signatories.models.act import Verb
from signatories.models.organizer import Role

_KEY = "invitation"  # in the session


class AccountExists(Exception):
    """The address has an account, which can be given another role."""


class NotOpen(Exception):
    """The invitation was used, is revoked or too old, or its address has an account by now."""


def has_account(address: str) -> bool:
    """Whether there is an account with this address, also a closed one."""
    return get_user_model().objects.filter(email__iexact=address).exists()


def open_ones(now: datetime) -> QuerySet[Invitation]:
    """Invitations that can be accepted."""
    since = now - Purpose.INVITE.lifetime
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, created_at__gt=since).order_by("-pk")


def invite(
    *, address: str, language: str, by: By, now: datetime, role: Role | None = None, partner_id: int | None = None
) -> Invitation:  # fmt: skip
    """Invite somebody to the desk, or for a partner; an open invitation of the same address ends. Raises AccountExists.

    The caller has it mailed, or hands on the link.
    """
    address = address.lower()
    with transaction.atomic():
        if has_account(address):
            raise AccountExists
        Invitation.objects.filter(address__iexact=address, accepted_at=None, revoked_at=None).update(revoked_at=now)
        made = Invitation.objects.create(
            address=address, role=role or "", partner_id=partner_id, language=language,
            invited_by_id=by.organizer_id, created_at=now,
        )  # fmt: skip
        record(Verb.APPOINT, by=by, about=f"invitation {made.pk}")
        return made


def revoke(*, invitation_id: int, by: By, now: datetime) -> bool:
    """End an invitation. Returns False if it was not open any more."""
    with transaction.atomic():
        if not open_ones(now).filter(pk=invitation_id).update(revoked_at=now):
            return False
        record(Verb.APPOINT, by=by, about=f"invitation {invitation_id}")
        return True


def mail(invitation: Invitation, now: datetime) -> None:
    """Have the link mailed."""
    services.mail_invitation(
        address=invitation.address, nonce=bytes(invitation.nonce), language=invitation.language, now=now
    )


def link_of(invitation: Invitation) -> str:
    """The link that opens the page on which an account is made."""
    link = links.make(Purpose.INVITE, invitation.pk, invitation.nonce)
    return settings.SITE_URL + reverse("account-invitation", args=[link])


def open_link(request: HttpRequest, link: str, now: datetime) -> bool:
    """Remember in the session what a link allows. Returns False if it opens nothing (any more)."""
    found = open_ones(now).filter(pk=links.row_of(link, Purpose.INVITE) or 0).first()
    if found is None or not links.proves(link, Purpose.INVITE, found.pk, found.nonce) or has_account(found.address):
        return False
    request.session[_KEY] = found.pk
    return True


def of_request(request: HttpRequest, now: datetime) -> Invitation | None:
    """The invitation whose link was opened in this session, while it is open."""
    found = open_ones(now).filter(pk=request.session.get(_KEY, 0)).first()
    return found if found and not has_account(found.address) else None


def accept(request: HttpRequest, account: User, now: datetime) -> None:
    """Store the account with the role or the partner of the invitation. To be called in a transaction. Raises NotOpen.

    The invitation is locked: of two who send the form at once, the second finds it used.
    """
    found = open_ones(now).select_for_update().filter(pk=request.session.pop(_KEY, 0)).first()
    if found is None or has_account(found.address):
        raise NotOpen
    account.email, account.is_staff = found.address, found.partner_id is None
    account.is_superuser = found.role == Role.ADMINISTRATOR
    account.save()
    if found.partner_id:
        PartnerAccount.objects.create(account=account, partner_id=found.partner_id)
    else:
        Organizer.objects.create(account=account, role=found.role)
    found.accepted_at = now
    found.save(update_fields=["accepted_at"])
    by = by_organizer(account, f"account {account.pk} accepted the invitation as {found.role or 'partner'}")
    record(Verb.APPOINT, by=by, about=f"invitation {found.pk}")


def forget(now: datetime) -> int:
    """Delete invitations a month after they were made; returns how many."""
    deleted, _by_model = Invitation.objects.filter(created_at__lt=now - 4 * Purpose.INVITE.lifetime).delete()
    return deleted
