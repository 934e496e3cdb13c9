"""Retention: deletes and erases rows after the days that settings.py says, once an hour."""

import logging
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from signatories.audit.services import By, by_command, by_rule, record
from signatories.identity import mailbox
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import (
    Alarm,
    MailCircuit,
    MailQuota,
    MailRate,
    MailServer,
    OutboundMail,
    Report,
    Signature,
    Signup,
)
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.privacy import erasure_log

logger = logging.getLogger(__name__)

# An erased signature keeps only what explains the count: its number, its moments, the text it was under.
_BARE: dict[str, object] = {
    "name": "", "name_latin": "", "filed_under": "", "profession_other": "", "affiliation": "", "country": "",
    "named": False, "news": False, "domain": "", "representative": "", "representative_role": "", "held_for": [],
    "sort_key": b"", "letter": "", "search_key": "", "skeleton": "", "address_sealed": b"", "nonce": b"",
    "featured": None,
}  # fmt: skip


def forget(now: datetime) -> None:
    """Purge old rows and erase withdrawn signatures. Safe to repeat and to run twice at once."""
    purge(now)
    erase_withdrawn(now)


def purge(now: datetime) -> None:
    """Delete old signups, sent mails, answered reports and old counters of mails."""
    too_old = now - timedelta(days=settings.LINK_DAYS)
    # A link lives LINK_DAYS from its sending, so an outage of the mail server keeps its signup longer.
    unconfirmed = Q(confirmed_at=None, created_at__lt=too_old) & (Q(sent_at=None) | Q(sent_at__lt=too_old))
    waiting = Q(mail_state=MailState.WAITING, created_at__gt=now - 2 * timedelta(days=settings.LINK_DAYS))
    Signup.objects.filter(unconfirmed).exclude(waiting).delete()
    Signup.objects.filter(confirmed_at__lt=too_old).delete()
    long_sent = now - timedelta(days=settings.SENT_MAIL_DAYS)
    # A reminder stays as long as its signup: while it is there, no second one is sent.
    sent_mails = OutboundMail.objects.exclude(kind=MailKind.REMINDER).exclude(mail_state=MailState.WAITING)
    sent_mails.filter(created_at__lt=long_sent).delete()
    Report.objects.filter(closed_at__lt=too_old).delete()
    Signup.objects.filter(created_at__lt=too_old).exclude(network=b"").update(network=b"")
    Alarm.objects.filter(
        kind=AlarmKind.NETWORK, raised_at__lt=too_old
    ).delete()  # its subject is the digest of a network
    # After a day without a try no mail waits for this circuit breaker.
    MailCircuit.objects.filter(closed_until__lt=now - timedelta(days=1)).delete()
    MailCircuit.objects.filter(closed_until=None, counted_from__lt=now - timedelta(days=1)).delete()
    MailServer.objects.filter(looked_up_at__lt=now - timedelta(days=7)).delete()  # nobody has signed from there since
    MailRate.objects.filter(since__lt=now - timedelta(days=1)).delete()
    MailQuota.objects.filter(day__lt=now.date() - timedelta(days=2)).delete()


def erase_withdrawn(now: datetime) -> None:
    """Erase signatures withdrawn UNDO_DAYS ago, and delete the digests of those erased DIGEST_DAYS ago."""
    due = Signature.objects.filter(
        state=State.WITHDRAWN, erased_at=None, withdrawn_at__lt=now - timedelta(days=settings.UNDO_DAYS)
    )
    for pk in due.values_list("pk", flat=True):
        erase(signature_id=pk, now=now)
    # Every erased row was withdrawn before; the condition is here for the index of withdrawn rows.
    long_ago = now - timedelta(days=settings.DIGEST_DAYS)
    forgotten = Signature.objects.filter(state=State.WITHDRAWN, withdrawn_at__lt=long_ago, erased_at__lt=long_ago)
    forgotten.exclude(address_digest=b"").update(address_digest=b"")


def erase(*, signature_id: int, now: datetime) -> bool:
    """Erase a withdrawn signature to a bare row. Returns False if it is not withdrawn or was erased before.

    The erasure log is written first, so that no restored backup brings the person back.
    """
    by = by_rule(f"Withdrawn {settings.UNDO_DAYS} days ago.")
    with transaction.atomic():
        for signature, _before, _facets in transitions.lock(
            Verb.ERASE, by, [signature_id], Signature.objects.filter(erased_at=None)
        ):
            erasure_log.write([erasure_log.about(signature, erasure_log.Kind.ERASED, now)])
            strip(signature, by=by, now=now)
            return True
        return False


def strip(signature: Signature, *, by: By, now: datetime) -> None:
    """Make a withdrawn signature a bare row, without a line in the erasure log. To be called in a transaction."""
    signature.signups.all().delete()
    signature.letters.all().delete()
    signature.corrections.all().delete()
    digest, key = mailbox.digest_now(signature)  # now, because it cannot be computed from a bare row
    bare = _BARE | {"address_digest": digest, "digest_key": key, "erased_at": now}
    transitions.move([signature.pk], Verb.ERASE, by=by, now=now, changes=bare)


def erase_mailbox(*, address: str, reason: str, now: datetime) -> int:
    """Withdraw and erase at once, on request, everything stored about a mailbox; returns how many rows.

    Bare rows of signatures stay, and a stop of our mails stays too. Safe to repeat: then there is nothing left.
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
    """Delete the mails, signups and reports of a mailbox; returns how many."""
    digests = mailbox.digests(address)
    rows: list[OutboundMail | Signup | Report] = [
        *OutboundMail.objects.filter(address_digest__in=digests),
        *Signup.objects.filter(address_digest__in=digests),
        *reports_by(address),
    ]
    erasure_log.write([erasure_log.about(row, erasure_log.Kind.ERASED, now) for row in rows])
    for row in rows:
        row.delete()
    return len(rows)


def reports_by(address: str) -> list[Report]:
    """The reports from this mailbox. They carry no digest, so every sealed address is opened.

    Reports under a lost key cannot be compared: they are left out, and the log names their ids.
    """
    wanted, found, unreadable = mailbox.digest(address), [], []
    for report in Report.objects.exclude(address_sealed=b"").order_by("pk"):
        try:
            if mailbox.digest(mailbox.unseal(bytes(report.address_sealed))) == wanted:
                found.append(report)
        except InvalidToken:
            unreadable.append(report.pk)
    if unreadable:
        logger.warning("reports under a lost key were not looked at: %s", unreadable)
    return found
