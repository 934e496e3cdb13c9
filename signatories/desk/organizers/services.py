"""Changes of who may do what at the desk. Each is recorded as an Act, and ends the sessions of the account.

The accounts of all organizers are locked first, so two changes never happen at once: the one who comes second may have
lost the right to it, and one administrator always stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction

from signatories.audit.services import by_organizer, record
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
    """Check that an administrator is left, end the sessions of the account, and record the act."""
    if not any(role_of(account) == Role.ADMINISTRATOR for account in all_accounts()):
        raise LastAdministrator
    _end_sessions(account_id, now)
    record(Verb.APPOINT, by=by_organizer(organizer, f"account {account_id} {what}: {reason}"))


def _end_sessions(account_id: int, now: datetime) -> None:
    """Delete the sessions of an account: those of a closed one would work again once it is opened.

    Which account a session is for stands inside it, so each one is read; they live for twelve hours.
    """
    sessions = Session.objects.filter(expire_date__gt=now)
    theirs = [row.pk for row in sessions.iterator() if row.get_decoded().get(SESSION_KEY) == str(account_id)]
    Session.objects.filter(pk__in=theirs).delete()
