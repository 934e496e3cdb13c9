"""Reminders: one to a mailbox that asked to sign and has not confirmed; never more."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from signatories.identity import mailbox
from signatories.identity.links import Purpose
from signatories.mail.claiming import unclaimed
from signatories.models import Closing, OutboundMail, Signature, Signup
from signatories.models import settings as site
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State

BATCH = 1000


def remind(now: datetime) -> int:
    """Put reminders into the outbox for signups mailed REMINDER_HOURS ago; returns how many. Safe to repeat.

    None for a mailbox that has signed or was reminded, or whose link ends within a day; none once signing has ended.
    The desk switches them off.
    """
    if not site.current(now).reminders or Closing.current().end:
        return 0
    same_mailbox = {"address_digest": OuterRef("address_digest")}
    due = (
        Signup.objects.of_signers()
        .filter(
            confirmed_at=None,
            mail_state=MailState.SENT,
            sent_at__lt=now - timedelta(hours=settings.REMINDER_HOURS),
            sent_at__gt=site.opened_until(now, Purpose.CONFIRM.lifetime) + timedelta(days=1),
        )
        .exclude(Exists(Signature.objects.filter(**same_mailbox).exclude(state=State.WITHDRAWN)))
        .exclude(Exists(OutboundMail.objects.filter(**same_mailbox, kind=MailKind.REMINDER)))
        .exclude(Exists(Signup.objects.of_signers().filter(**same_mailbox, pk__gt=OuterRef("pk"))))
    )
    reminders = [_reminder(signup) for signup in islice(_due_under_every_key(due), BATCH)]
    OutboundMail.objects.bulk_create(reminders, ignore_conflicts=True)
    return len(reminders)


def call_back(now: datetime) -> int:
    """Take reminders that wait out of the outbox; returns how many. Should signing go on, they are due again."""
    waiting = OutboundMail.objects.filter(kind=MailKind.REMINDER, mail_state=MailState.WAITING)
    return waiting.filter(unclaimed(now)).delete()[0]


def _due_under_every_key(due: QuerySet[Signup]) -> Iterator[Signup]:
    """The signups that are due also when rows of their mailbox under another DIGEST_KEY are considered."""
    last = 0
    while page := list(due.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = page[-1].pk
        for signup in page:
            others = mailbox.digests_of(signup)
            others.remove(bytes(signup.address_digest))
            if not others or not _has_moved_on(signup, others):
                yield signup


def _has_moved_on(signup: Signup, digests: list[bytes]) -> bool:
    return (
        Signature.objects.live().filter(address_digest__in=digests).exists()
        or OutboundMail.objects.filter(signup__address_digest__in=digests, kind=MailKind.REMINDER).exists()
        or Signup.objects.of_signers().filter(address_digest__in=digests, pk__gt=signup.pk).exists()
    )


def _reminder(signup: Signup) -> OutboundMail:
    return OutboundMail(
        kind=MailKind.REMINDER, signup=signup, language=signup.language,
        once=hashlib.sha256(f"reminder {signup.pk}".encode()).digest(),
        address_sealed=signup.address_sealed, address_digest=signup.address_digest,
        domain=signup.domain,
    )  # fmt: skip
