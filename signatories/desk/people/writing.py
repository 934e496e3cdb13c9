"""Mails that an organizer writes to a signer: a prepared text, and words of their own if they wish."""

import hashlib
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from signatories.audit.services import Changed, act, add, by_organizer
from signatories.desk.people.support import MailsStopped
from signatories.identity import mailbox
from signatories.identity.mailbox import MailboxCache
from signatories.mail import messages
from signatories.models import OutboundMail, Signature
from signatories.models.act import Verb
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind, PreparedText
from signatories.signing import services as signing

MOST_A_DAY = 2  # to a mailbox, from all organizers


class TooMany(Exception):
    """This mailbox was written to MOST_A_DAY times today."""


def preview(*, signature: Signature, prepared: PreparedText, words: str, now: datetime) -> EmailMultiAlternatives:
    """Return the mail as it would be sent. Raises cryptography.fernet.InvalidToken."""
    mail = _mail(signature, prepared, words, now)
    mail.pk = 0  # it is not stored, and a row without a key cannot be looked up in a set
    address = mailbox.unseal(bytes(signature.address_sealed))
    return messages.written(mail, address, MailboxCache(), messages.Before({}, set()))


def write(
    *, signature_id: int, prepared: PreparedText, words: str, organizer: AbstractBaseUser, now: datetime
) -> bool:  # fmt: skip
    """Put a mail to a signer into the outbox.

    Returns False if the same was written today, or the text does not suit the state of the signature any more.
    Raises MailsStopped, TooMany and Signature.DoesNotExist.
    """
    with transaction.atomic():
        signature = Signature.objects.select_related("text").get(pk=signature_id)
        digests = mailbox.digests_of(signature)
        # One at a time for each mailbox, also if it has given two signatures; the state is read under the lock.
        locked = Signature.objects.select_for_update(of=("self",)).filter(address_digest__in=digests).order_by("pk")
        state = {row.pk: row.state for row in locked}.get(signature_id)
        if state not in prepared.states:
            return False
        if signing.mails_stopped(digests):
            raise MailsStopped
        mail = _mail(signature, prepared, words, now)
        written = OutboundMail.objects.filter(kind=MailKind.PERSONAL, address_digest__in=digests)
        if written.filter(once=mail.once).exists():
            return False
        today = written.filter(created_at__gte=now.replace(hour=0, minute=0, second=0, microsecond=0))
        if today.exclude(mail_state=MailState.SET_ASIDE).count() >= MOST_A_DAY:
            raise TooMany
        mail.save()
        _record(signature, prepared, words, organizer)
        return True


def _mail(signature: Signature, prepared: PreparedText, words: str, now: datetime) -> OutboundMail:
    """The row of the outbox. The same text with the same words is one mail a day, however often it is sent off."""
    same = repr(("personal", signature.pk, prepared.value, words, now.date().isoformat()))
    return OutboundMail(
        kind=MailKind.PERSONAL, prepared=prepared, words=words, signature=signature, language=signature.language,
        once=hashlib.sha256(same.encode()).digest(), address_sealed=signature.address_sealed,
        address_digest=signature.address_digest, domain=signature.domain, created_at=now,
    )  # fmt: skip


def _record(signature: Signature, prepared: PreparedText, words: str, organizer: AbstractBaseUser) -> None:
    """Record which text was sent; the organizer's words stand in the detail, which is erased with the person."""
    changed = Changed({"words": ""}, {"words": words}) if words else None
    by = by_organizer(organizer, str(prepared.label))
    state = signature.state
    add([act(Verb.WRITE, by=by, signature=signature, before=state, after=state, changed=changed)])
