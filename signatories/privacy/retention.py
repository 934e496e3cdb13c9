"""Deletion of old data, once an hour; settings.py says how long each kind is kept."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.template.defaultfilters import pluralize

from signatories.accounts import invitations
from signatories.audit.services import By, by_command, by_rule, record
from signatories.gathering import forgetting as gathering
from signatories.gathering import on_request
from signatories.identity import mailbox
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import (
    Alarm,
    AnnouncedMailbox,
    Card,
    Claim,
    Closing,
    HourlyFigure,
    MailCircuit,
    MailQuota,
    MailRate,
    MailServer,
    OutboundMail,
    Presence,
    Report,
    Signature,
    Signup,
)
from signatories.models import settings as site
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.privacy import addresses, bare, dossiers, erasure_log
from signatories.screening import previews, standing

logger = logging.getLogger(__name__)
BATCH = 1000  # rows that one transaction of the purge deletes


def forget(now: datetime) -> None:
    """Purge old rows and erase withdrawn persons. Safe to repeat and to run twice at once."""
    purge(now)
    if Closing.current().settled_at:  # what came in while it was being settled, or was left by a crash
        forget_unconfirmed()
        dossiers.close()
    erase_withdrawn(now)
    addresses.delete_due(now)


def purge(now: datetime) -> None:
    """Delete old signups, sent mails, answered reports, counters of mails, and who was at the desk."""
    too_old = now - timedelta(days=settings.LINK_DAYS)
    # The link of an unconfirmed signup is valid for LINK_DAYS after its sending, so an outage of the mail prolongs it,
    # and so does a pause of signing.
    days = timedelta(days=settings.LINK_DAYS)
    ended = site.opened_until(now, days)
    unconfirmed = Q(confirmed_at=None, created_at__lt=ended) & (Q(sent_at=None) | Q(sent_at__lt=ended))
    waiting = Q(mail_state=MailState.WAITING, created_at__gt=site.opened_until(now, 2 * days))
    invitations.forget(now)
    gathering.forget(now)
    previews.forget(now)
    standing.forget(now)
    Claim.objects.filter(until__lt=now).delete()
    Card.objects.taken_back().delete()  # left by a process of the release before, which knows no cards
    dossiers.forget(now)
    _delete(Signup.objects.filter(unconfirmed).exclude(waiting))
    _delete(Signup.objects.filter(confirmed_at__lt=too_old))
    old_mail = now - timedelta(days=settings.LETTER_DAYS)
    # A reminder stays as long as its signup: its row prevents a second reminder.
    sent_mails = OutboundMail.objects.exclude(kind=MailKind.REMINDER).exclude(mail_state=MailState.WAITING)
    _delete(sent_mails.filter(created_at__lt=old_mail))
    _delete(Report.objects.filter(closed_at__lt=too_old))
    for batch in _batches(Signup.objects.filter(created_at__lt=too_old).exclude(network=b"")):
        batch.update(network=b"")
    Alarm.objects.filter(kind=AlarmKind.NETWORK, raised_at__lt=too_old).delete()  # its subject is such a digest
    # Circuits that were not tried for a day: no mail waits for them.
    MailCircuit.objects.filter(closed_until__lt=now - timedelta(days=1)).delete()
    MailCircuit.objects.filter(closed_until=None, counted_from__lt=now - timedelta(days=1)).delete()
    MailServer.objects.filter(looked_up_at__lt=now - timedelta(days=7)).delete()  # no signup came from there since
    MailRate.objects.filter(since__lt=now - timedelta(days=1)).delete()
    MailQuota.objects.filter(day__lt=now.date() - timedelta(days=2)).delete()
    Presence.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    HourlyFigure.objects.filter(hour__lt=too_old).exclude(key="").delete()  # a domain may be the name of a person


def forget_unconfirmed() -> None:
    """Delete all signups that nobody has confirmed: signing has ended, and the days to confirm are over."""
    _delete(Signup.objects.of_signers().filter(confirmed_at=None))


def _batches[M: Model](rows: QuerySet[M]) -> Iterator[QuerySet[M]]:
    """Yield the rows in parts of BATCH: a million forms of a machine enter no memory and are no single transaction."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        yield rows.filter(pk__in=keys)  # the condition is asked again: a row may have been confirmed just now


def _delete[M: Model](rows: QuerySet[M]) -> None:
    """Delete the rows and what belongs to them, in batches."""
    for batch in _batches(rows):
        batch.delete()


def erase_withdrawn(now: datetime) -> None:
    """Erase persons who withdrew UNDO_DAYS ago; delete digests of persons erased DIGEST_DAYS ago."""
    due = Signature.objects.filter(
        state=State.WITHDRAWN, erased_at=None, withdrawn_at__lt=now - timedelta(days=settings.UNDO_DAYS)
    )
    for pk in due.values_list("pk", flat=True):
        erase(signature_id=pk, now=now)
    # Erased implies withdrawn; the condition is repeated because there is an index on it.
    long_ago = now - timedelta(days=settings.DIGEST_DAYS)
    forgotten = Signature.objects.filter(state=State.WITHDRAWN, withdrawn_at__lt=long_ago, erased_at__lt=long_ago)
    forgotten.exclude(address_digest=b"").update(address_digest=b"")


def erase(*, signature_id: int, now: datetime) -> bool:
    """Reduce a withdrawn person to a bare row; False if the person is not withdrawn or was erased before.

    The erasure log is written first, so that no restored backup brings the person back.
    """
    by = by_rule(f"Withdrawn {settings.UNDO_DAYS} day{pluralize(settings.UNDO_DAYS)} ago.")
    with transaction.atomic():
        for signature, _before, _facets in transitions.lock(
            Verb.ERASE, by, [signature_id], Signature.objects.filter(erased_at=None)
        ):
            erasure_log.write([erasure_log.about(signature, erasure_log.Kind.ERASED, now)])
            strip(signature, by=by, now=now)
            return True
        return False


def strip(signature: Signature, *, by: By, now: datetime) -> None:
    """Make a withdrawn signature a bare row, without a line in the erasure log. Call it in a transaction."""
    bare.delete_beside([signature.pk])
    digest, key = mailbox.digest_now(signature)  # for the last time: a bare row has no address to compute it from
    changes = bare.bare_values() | {"address_digest": digest, "digest_key": key, "erased_at": now}
    transitions.move([signature.pk], Verb.ERASE, by=by, now=now, changes=changes)


def erase_mailbox(*, address: str, reason: str, now: datetime) -> int:
    """Withdraw and erase at once, on request, all data of a mailbox; returns the number of rows.

    Signatures keep a bare row, and a stop of the mailbox is kept too. Safe to repeat; it then returns 0.
    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("An erasure needs a reason.")
    digests = mailbox.digests(address)
    with transaction.atomic():
        signatures = list(
            Signature.objects.select_for_update(of=("self",)).filter(address_digest__in=digests, erased_at=None)
        )
        for signature in signatures:
            _erase_now(signature, by_command(reason), now)
        gone = len(signatures) + _erase_unsigned(address, now)
        gone += MailQuota.objects.filter(address_digest__in=digests).delete()[0]
        if gone and not signatures:
            record(Verb.ERASE, by=by_command(reason))
    return gone


def _erase_now(signature: Signature, by: By, now: datetime) -> None:
    for locked in transitions.lock(Verb.WITHDRAW, by, [signature.pk]):
        mine.take_off(locked, Verb.WITHDRAW, by=by, nonce=b"", now=now)
    erasure_log.write([erasure_log.about(signature, erasure_log.Kind.ERASED, now)])
    strip(signature, by=by, now=now)


def _erase_unsigned(address: str, now: datetime) -> int:
    """Erase signups, mails and reports of a mailbox, and what partners said of it; it is not asked again."""
    digests = mailbox.digests(address)
    named = on_request.erase(digests=digests, now=now)
    lines = [erasure_log.about(row, erasure_log.Kind.ERASED, now) for row in named.rows]
    erasure_log.write([*lines, erasure_log.out_of_files(digests[0], now)] if named.count else [])
    kept: list[OutboundMail | Signup | Report | AnnouncedMailbox] = [
        *AnnouncedMailbox.objects.filter(address_digest__in=digests),
        *OutboundMail.objects.filter(address_digest__in=digests),
        *Signup.objects.filter(address_digest__in=digests),
        *reports_by(address),
    ]
    erasure_log.write([erasure_log.about(row, erasure_log.Kind.ERASED, now) for row in kept])
    for row in kept:
        row.delete()
    return len(kept) + named.count


def reports_by(address: str) -> list[Report]:
    """Return the reports whose sender gave this mailbox; addresses have no digest here, so each is decrypted.

    Reports under a lost key are left out; the log names their rows.
    """
    wanted, found, closed = mailbox.digest(address), [], []
    for report in Report.objects.exclude(address_sealed=b"").order_by("pk"):
        try:
            if mailbox.digest(mailbox.unseal(bytes(report.address_sealed))) == wanted:
                found.append(report)
        except InvalidToken:
            closed.append(report.pk)
    if closed:
        logger.warning("reports under a lost key were not looked at: %s", closed)
    return found
