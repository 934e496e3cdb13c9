"""Changes of who may do what at the desk. Each is recorded as an Act, and ends the sessions of the account.

The accounts of all organizers are locked first, so two changes never happen at once: the one who comes second may have
lost the right to it, and one administrator always stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from signatories.accounts import invitations, second_factor, sessions
from signatories.accounts.services import tell_of_factor
from signatories.audit.services import By, by_command, by_organizer, record
from signatories.desk.access import require
from signatories.models import Organizer
from signatories.models.act import Verb
from signatories.models.organizer import Power, Role, role_of


class LastAdministrator(Exception):
    """Without this administrator nobody could manage the organizers any more."""


def all_accounts() -> list[AbstractUser]:
    """Return the accounts of organizers, also those that are closed or have no role yet."""
    return list(get_user_model().objects.filter(is_staff=True).select_related("organizer").order_by("username"))


def set_role(*, account_id: int, role: Role, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Give an account a role. Returns False if it has it already, or is no organizer's.

    Raises LastAdministrator, and PermissionDenied if `organizer` may not manage organizers (any more).
    """
    with _locked(organizer):
        account = _account(account_id)
        if account is None:
            return False
        had = Organizer.objects.filter(pk=account.pk).values_list("role", flat=True).first()
        if role in (had, role_of(account)):
            return False
        Organizer.objects.update_or_create(pk=account_id, defaults={"role": role})
        # createsuperuser sets this flag, and it must not outlive the role.
        get_user_model().objects.filter(pk=account_id).update(is_superuser=role == Role.ADMINISTRATOR)
        _finish(account_id, f"role {had or role_of(account) or 'none'} → {role}", organizer, reason, now)
        return True


def disable(*, account_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Close an account. Returns False if it was closed before. Raises LastAdministrator and PermissionDenied."""
    return _set_active(account_id, False, organizer, reason, now)


def enable(*, account_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Open a closed account again, with the role it had. Returns False if it was open. Raises PermissionDenied."""
    return _set_active(account_id, True, organizer, reason, now)


def reset_factor(*, account_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Remove the second factor of another organizer, who is told by mail. Returns False if there was none.

    Raises PermissionDenied, also for one's own: who has a stolen session would be rid of it.
    """
    if account_id == organizer.pk:
        raise PermissionDenied
    with _locked(organizer):
        by = by_organizer(organizer, f"account {account_id} second factor reset: {reason}")
        return _remove_factor(_account(account_id), by, now)


def reset_factor_by_command(*, address: str, now: datetime) -> bool:
    """Do the same where no administrator can: by whoever runs the server. Returns False if there was none."""
    found = get_user_model().objects.filter(email__iexact=address, is_staff=True).first()
    with transaction.atomic():
        by = by_command(f"account {found.pk if found else 0} second factor reset")
        return _remove_factor(found, by, now)


def _remove_factor(account: AbstractUser | None, by: By, now: datetime) -> bool:
    if account is None or not second_factor.remove_all(account.pk):
        return False
    sessions.end_all(account_id=account.pk, now=now)
    tell_of_factor(address=account.email, now=now)
    record(Verb.APPOINT, by=by)
    return True


def invite(
    *, address: str, role: Role, language: str, organizer: AbstractBaseUser, reason: str, now: datetime
) -> None:  # fmt: skip
    """Have an invitation mailed. Raises AccountExists, and PermissionDenied."""
    with _locked(organizer):
        by = by_organizer(organizer, f"invited as {role}: {reason}")
        made = invitations.invite(address=address, role=role, language=language, by=by, now=now)
        invitations.mail(made, now)


def revoke_invitation(*, invitation_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """End an invitation. Returns False if it was not open any more. Raises PermissionDenied."""
    with _locked(organizer):
        return invitations.revoke(invitation_id=invitation_id, by=by_organizer(organizer, "revoked"), now=now)


def _set_active(account_id: int, active: bool, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    with _locked(organizer):
        accounts = get_user_model().objects.filter(pk=account_id, is_staff=True, is_active=not active)
        if not accounts.update(is_active=active):
            return False
        _finish(account_id, "enabled" if active else "disabled", organizer, reason, now)
        return True


@contextmanager
def _locked(organizer: AbstractBaseUser) -> Iterator[None]:
    """Lock the accounts of organizers, and check what `organizer` may do now. Acts still refer to the locked rows."""
    with transaction.atomic():
        list(get_user_model().objects.select_for_update(no_key=True).filter(is_staff=True).order_by("pk").values("pk"))
        require(_account(organizer.pk) or AnonymousUser(), Power.MANAGE_ORGANIZERS)
        yield


def _account(account_id: int) -> AbstractUser | None:
    """Read an account with its role as they are now."""
    return get_user_model().objects.filter(pk=account_id, is_staff=True).select_related("organizer").first()


def _finish(account_id: int, what: str, organizer: AbstractBaseUser, reason: str, now: datetime) -> None:
    """Check that an administrator is left, end the sessions of the account, note the moment, and record the act."""
    if not any(role_of(account) == Role.ADMINISTRATOR for account in all_accounts()):
        raise LastAdministrator
    sessions.end_all(account_id=account_id, now=now)
    Organizer.objects.filter(pk=account_id).update(created_at=now)
    record(Verb.APPOINT, by=by_organizer(organizer, f"account {account_id} {what}: {reason}"))
