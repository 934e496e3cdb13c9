"""Changes of partners by the desk. Each is recorded as an Act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from signatories.accounts import invitations, sessions
from signatories.audit.services import by_organizer, record, record_edit
from signatories.identity import names
from signatories.models import Channel, Invitation, Partner
from signatories.models.act import Verb
from signatories.models.translated import written_over
from signatories.partners import kit

MOST = 500


class NameTaken(Exception):
    """Another partner has this name, or one that looks like it."""


class SlugTaken(Exception):
    """Another partner has this address."""


class TooMany(Exception):
    """There are MOST partners."""


def add(*, values: dict[str, Any], organizer: AbstractBaseUser) -> Partner:
    """Add a partner, with its page. Raises NameTaken, SlugTaken and TooMany."""
    if Partner.objects.count() >= MOST:
        raise TooMany
    with _in_our_words(), transaction.atomic():
        partner = Partner.objects.create(**values, skeleton=names.keys(name=values["name"]).skeleton)
        Channel.objects.create(partner=partner)
        record_edit(organizer, "a partner added", about=f"partner {partner.pk}")
        return partner


def change(*, partner_id: int, values: dict[str, Any], organizer: AbstractBaseUser) -> None:
    """Change what its page says. Raises NameTaken."""
    values = values | {"skeleton": names.keys(name=values["name"]).skeleton}
    with _in_our_words(), transaction.atomic():
        stored = Partner.objects.select_for_update().only("sentence", "duties").get(pk=partner_id)
        for column in ("sentence", "duties"):
            values[column] = written_over(getattr(stored, column), values[column])
        Partner.objects.filter(pk=partner_id).update(**values)
        kit.forget_sheets(partner_id=partner_id)
        record_edit(organizer, "the page of a partner changed", about=f"partner {partner_id}")


def end(*, partner_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """End a partner: its page says so, its accounts open nothing, its signatures stay. False if it has ended.

    Its people stay signed in, to be told so: no view hands them anything of a partner that has ended.
    """
    with transaction.atomic():
        if not Partner.objects.active().filter(pk=partner_id).update(ended_at=now):
            return False
        Invitation.objects.filter(partner=partner_id, accepted_at=None, revoked_at=None).update(revoked_at=now)
        record_edit(organizer, f"a partner ended: {reason}", about=f"partner {partner_id}")
        return True


def resume(*, partner_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Let a partner that has ended bring signatures again. False if it has not ended."""
    with transaction.atomic():
        done = Partner.objects.filter(pk=partner_id, ended_at__lte=now).update(ended_at=None)
        if done:
            record_edit(organizer, f"a partner resumed: {reason}", about=f"partner {partner_id}")
        return bool(done)


def invite(
    *, partner_id: int, address: str, language: str, organizer: AbstractBaseUser, reason: str, now: datetime
) -> bool:  # fmt: skip
    """Have an invitation mailed to somebody who works for a partner. False if it has ended. Raises AccountExists."""
    with transaction.atomic():
        if not Partner.objects.active().select_for_update().filter(pk=partner_id).exists():
            return False
        by = by_organizer(organizer, f"invited for partner {partner_id}: {reason}")
        made = invitations.invite(address=address, partner_id=partner_id, language=language, by=by, now=now)
        invitations.mail(made, now)
        return True


def revoke(*, partner_id: int, invitation_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """End an invitation of a partner. False if it is not open any more, or of another one."""
    if not Invitation.objects.filter(pk=invitation_id, partner=partner_id).exists():
        return False
    return invitations.revoke(invitation_id=invitation_id, by=by_organizer(organizer, "revoked"), now=now)


def set_account_open(
    *, partner_id: int, account_id: int, is_open: bool, organizer: AbstractBaseUser, now: datetime
) -> bool:  # fmt: skip
    """Close an account of a partner and end its sessions, or open it again. False if it is so, or of another one."""
    with transaction.atomic():
        accounts = get_user_model().objects.filter(pk=account_id, partner_account__partner=partner_id)
        found = list(accounts.select_for_update(of=("self",)).exclude(is_active=is_open))
        if not found:
            return False
        get_user_model().objects.filter(pk=account_id).update(is_active=is_open)
        sessions.end_all(account_id=account_id, now=now)
        what = "opened again" if is_open else "closed"
        record(Verb.APPOINT, by=by_organizer(organizer, f"account {account_id} of partner {partner_id} {what}"))
        return True


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Raise NameTaken or SlugTaken where a constraint has refused a partner."""
    try:
        yield
    except IntegrityError as error:
        if "skeleton" in str(error):
            raise NameTaken from error
        if "slug" in str(error):
            raise SlugTaken from error
        raise
