"""The end of signing: it is ended, perhaps undone, settled by itself END_DAYS later, and in the end addresses go."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import By, by_organizer, by_rule, record, record_edit
from signatories.editions import services as editions
from signatories.gathering import forgetting, sending
from signatories.mail import reminders
from signatories.models import Closing
from signatories.models.act import Verb
from signatories.models.closing import forget_end
from signatories.models.translated import written_over
from signatories.privacy import dossiers, retention

_ABOUT = "closing"
_NOBODY = "erasure-log"  # ended signing, when a backup does not hold the account of who did
ADDRESSES_AFTER_END = timedelta(days=30)  # the earliest day: everybody has had a month for the own page
ADDRESSES_AHEAD = timedelta(days=14)  # so long before it is set, at least: the own page and the desk say it
ADDRESSES_LONGEST = timedelta(days=5 * 365 + 1)


class OutOfRange(Exception):
    """Addresses cannot be deleted on that day; see `days_for_addresses`."""


def end(*, organizer: AbstractBaseUser, now: datetime) -> bool:
    """End signing; False if it has ended. Reminders and invitations that still wait are called back."""
    with transaction.atomic():
        row = Closing.locked()
        if row.ended_at:
            return False
        row.ended_at, row.ended_by_id = now, organizer.pk
        row.save()
        record_edit(organizer, "signing ended", about=_ABOUT)
    forget_end()
    _call_back(now)
    return True


def reopen(*, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Let people sign again; False if signing goes on, or its end is settled or about to be.

    Who was called back is asked and reminded after all.
    """
    with transaction.atomic():
        row = Closing.locked()
        if row.end is None or row.settled_at or now >= row.end.confirming_until:
            return False
        row.ended_at, row.ended_by, row.last_edition, row.addresses_until = None, None, None, None
        row.save()
        record_edit(organizer, "signing opened again", about=_ABOUT)
    forget_end()
    return True


def tell(*, words: Mapping[str, str], organizer: AbstractBaseUser) -> bool:
    """Store what visitors read beside the end, by language; False if it is so already."""
    with transaction.atomic():
        row = Closing.locked()
        wanted = written_over(row.words, words)
        if row.words == wanted:
            return False
        row.words = wanted
        row.save()
        record_edit(organizer, "words about the end of signing", about=_ABOUT)
    forget_end()
    return True


def days_for_addresses(row: Closing, now: datetime) -> tuple[date, date]:
    """Return the first and the last day on which addresses can be deleted. Call it after the end."""
    assert row.ended_at is not None  # noqa: S101 - for the type checker
    first = max(row.ended_at + ADDRESSES_AFTER_END, now + ADDRESSES_AHEAD)
    return first.date(), (row.ended_at + ADDRESSES_LONGEST).date()


def keep_addresses_until(*, day: date | None, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Set the day on which addresses are deleted; None keeps them until somebody sets one.

    False if it is so already, signing goes on, or the day has come. Raises OutOfRange.
    """
    with transaction.atomic():
        row = Closing.locked()
        if row.ended_at is None or row.addresses_are_going(now) or row.addresses_until == day:
            return False
        first, last = days_for_addresses(row, now)
        if day and not first <= day <= last:
            raise OutOfRange
        before = f"{row.addresses_until:%Y-%m-%d}" if row.addresses_until else "no day"
        row.addresses_until = day
        row.save()
        words = f"addresses are deleted on: {before} → {f'{day:%Y-%m-%d}' if day else 'no day'}"
        record_edit(organizer, words, about=_ABOUT)
    forget_end()
    return True


def note_archive(*, files: int, edition: int | None, now: datetime) -> None:
    """Write down that the archive was written."""
    with transaction.atomic():
        row = Closing.locked()
        row.archived_at, row.archived_files, row.archived_edition = now, files, edition
        row.save()


def settle(now: datetime) -> bool:
    """Once END_DAYS have passed: forget who has not confirmed and whom partners named, ask for the last edition.

    True if it was done now. Safe to repeat and to run twice at once; what follows the end at once is repeated, too.
    """
    row = Closing.current()
    if row.end is None or row.settled_at:
        return False
    if now < row.end.settles_at:
        _call_back(now)
        return False
    with transaction.atomic():
        row = Closing.locked()
        if row.end is None or row.settled_at or now < row.end.settles_at:
            return False
        row.settled_at, row.last_edition = now, editions.ask()
        row.save()
        words = f"{settings.END_DAYS} days after the end of signing: who has not confirmed is forgotten"
        record(Verb.EDIT, by=by_rule(words), about=_ABOUT)
    forget_end()
    # Nothing is deleted before it is certain that nobody opens signing again. A crash leaves it to the hourly purge.
    retention.forget_unconfirmed()
    forgetting.close(now)
    dossiers.close()
    return True


def ask_last_edition(*, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Ask for the last edition once more, after one that failed or was cancelled; False before it is settled."""
    with transaction.atomic():
        row = Closing.locked()
        if row.settled_at is None:
            return False
        row.last_edition = editions.ask()
        row.save()
        record(Verb.EDIT, by=by_organizer(organizer, "the last edition asked for"), about=_ABOUT)
    return True


def tell_again(*, ended_at: datetime | None, account_id: int, day: date, deleted_at: datetime, by: By) -> None:
    """End and settle signing after a restore as the erasure log tells it; `ended_at` is None in lines of old.

    Call it in the transaction that deletes the addresses again, and `forget_end` after it.
    """
    row = Closing.locked()
    if row.ended_by_id is None or ended_at:
        row.ended_at, row.ended_by_id = ended_at or deleted_at, _account(account_id)
    row.settled_at = row.settled_at or deleted_at
    row.last_edition = row.last_edition or editions.ask()
    row.addresses_until, row.addresses_deleted_at = day, deleted_at
    row.save()
    record(Verb.EDIT, by=by, about=_ABOUT)


def _account(account_id: int) -> int:
    """Return the account if it is in the backup; else one that nobody can use: an end is always somebody's."""
    accounts = get_user_model()._default_manager
    if accounts.filter(pk=account_id).exists():
        return account_id
    locked_out = {"is_active": False, "password": make_password(None)}
    nobody, _new = accounts.get_or_create(username=_NOBODY, defaults=locked_out)
    return int(nobody.pk)


def _call_back(now: datetime) -> None:
    """Take reminders and invitations that wait out of the outbox: a turn that was running may have added some."""
    reminders.call_back(now)
    sending.call_back(now)
