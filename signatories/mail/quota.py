"""Quotas: strangers cause at most MAILS_PER_MAILBOX_PER_DAY mails of each sort to a mailbox, and none after "stop".

A test that an account mails to itself is none of these mails: there are TESTS_A_DAY, counted when it is asked for.
After "stop" a mailbox that has signed still gets the link to its own page when somebody asks for it: without it the
signer could neither correct nor withdraw.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from signatories.identity import mailbox
from signatories.identity.mailbox import MailboxCache
from signatories.lifecycle.mailboxes import lock_mailbox
from signatories.mail import messages
from signatories.models import MailQuota, OutboundMail, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind

type Row = Signup | OutboundMail

STOPPED, NOTHING_TO_SAY = "stopped by the owner", "nothing to say"  # why a mail is not sent
TESTS_A_DAY = 50  # to a mailbox, each with a mail in every language of a file

_MOVE_STOP = """
WITH old AS (
    DELETE FROM signatories_stoppedmailbox WHERE address_digest = ANY(%(old)s) RETURNING stopped_at, signup_id, nonce
)
INSERT INTO signatories_stoppedmailbox (address_digest, stopped_at, signup_id, nonce, digest_key)
SELECT %(new)s, stopped_at, signup_id, nonce, %(key)s FROM old ORDER BY stopped_at LIMIT 1
ON CONFLICT (address_digest) DO NOTHING
"""
_MOVE_QUOTAS = """
WITH old AS (
    DELETE FROM signatories_mailallowance WHERE address_digest = ANY(%(old)s) RETURNING day, sent, links, notices, tests
)
INSERT INTO signatories_mailallowance AS a (address_digest, day, sent, links, notices, tests)
SELECT %(new)s, day, sum(sent), sum(links), sum(notices), sum(tests) FROM old GROUP BY day
ON CONFLICT (address_digest, day) DO UPDATE
SET sent = a.sent + excluded.sent, links = a.links + excluded.links, notices = a.notices + excluded.notices,
    tests = a.tests + excluded.tests
"""


def select_sendable(rows: Sequence[Row], mailboxes: MailboxCache) -> list[Row]:
    """The rows of a batch that may be mailed, in their order; the others are set aside or wait for tomorrow.

    Takes each row once from the quota of its mailbox.
    """
    wanted = [row for row in rows if messages.is_wanted(row, mailboxes) or not set_aside(row, NOTHING_TO_SAY)]
    stoppable = [row for row in wanted if messages.can_be_stopped(row)]
    stopped = [row for row in _stopped(stoppable, mailboxes) if not messages.leads_to_signature(row, mailboxes)]
    for row in stopped:
        set_aside(row, STOPPED)
    new = [row for row in stoppable if messages.has_quota(row) and row not in stopped and not row.allowed_at]
    refused = stopped + _take_quotas(new, mailboxes)
    return [row for row in wanted if row not in refused]


def take_test(*, address: str, now: datetime) -> bool:
    """Count a test that an account mails to itself; False if its mailbox had TESTS_A_DAY today. In a transaction."""
    digests = mailbox.digests(address)
    carry_over(digests)
    MailQuota.objects.bulk_create([MailQuota(address_digest=digests[0], day=now.date())], ignore_conflicts=True)
    today = MailQuota.objects.filter(address_digest=digests[0], day=now.date(), tests__lt=TESTS_A_DAY)
    return bool(today.update(tests=F("tests") + 1))


def set_aside(row: Row, error: str, state: MailState = MailState.SET_ASIDE) -> bool:
    """Send nothing for this row. Its digest changes, so that the same form sent again is stored as a new row."""
    new_digest = {"form_digest" if isinstance(row, Signup) else "once": os.urandom(32)}
    return mark(row, mail_state=state, mail_error=error, **new_digest)


def mark(row: Row, **fields: object) -> bool:
    """Store the outcome of a waiting row and end its claim; False if it does not wait any more."""
    waiting = type(row).objects.filter(pk=row.pk, mail_state=MailState.WAITING)
    return bool(waiting.update(claimed_until=None, **fields))


def _stopped(rows: Sequence[Row], mailboxes: MailboxCache) -> list[Row]:
    """The rows whose mailbox said stop."""
    digests = {row: mailboxes.of(row).digests for row in rows}
    for several in digests.values():
        carry_over(several)
    every = [digest for several in digests.values() for digest in several]
    stopped = {bytes(found.address_digest) for found in StoppedMailbox.objects.filter(pk__in=every)}
    return [row for row in rows if not stopped.isdisjoint(digests[row])]


def _take_quotas(rows: Sequence[Row], mailboxes: MailboxCache) -> list[Row]:
    """Count rows that were not counted before; returns those above the quota of their mailbox."""
    if not rows:
        return []
    now = timezone.now()
    digests = {row: mailboxes.of(row).digests[0] for row in rows}
    with transaction.atomic():
        each = sorted(set(digests.values()))
        first = [MailQuota(address_digest=digest, day=now.date()) for digest in each]
        MailQuota.objects.bulk_create(first, ignore_conflicts=True)
        # All workers lock rows in the same order: no deadlock.
        today = MailQuota.objects.filter(address_digest__in=each, day=now.date())
        sent = {bytes(count.address_digest): count for count in today.order_by("address_digest").select_for_update()}
        refused = []
        for row in rows:
            count = sent.get(digests[row])  # None: the mailbox is being erased
            sort = _sort(row)
            if count and getattr(count, sort) < settings.MAILS_PER_MAILBOX_PER_DAY:
                setattr(count, sort, getattr(count, sort) + 1)
                row.allowed_at = now
            else:
                refused.append(row)
        MailQuota.objects.bulk_update(sent.values(), ["sent", "links", "notices"])
        for model in {type(row) for row in rows}:
            allowed = [row.pk for row in rows if type(row) is model and row.allowed_at]
            model.objects.filter(pk__in=allowed).update(allowed_at=now)
    for row in refused:
        _wait_for_tomorrow(row, mailboxes)
    return refused


def _sort(row: Row) -> str:
    """The column of MailQuota that counts this mail."""
    if isinstance(row, Signup):
        return "sent"
    return "links" if row.kind == MailKind.LINK else "notices"


def _wait_for_tomorrow(row: Row, mailboxes: MailboxCache) -> None:
    """Mail the newest row of a mailbox when the next day begins, and set older ones aside.

    So a stranger who uses up the quota of a mailbox cannot keep its owner from signing, nor fill many days with mail.
    """
    digests = mailboxes.of(row).digests
    newer = type(row).objects.filter(address_digest__in=digests, mail_state=MailState.WAITING, pk__gt=row.pk)
    if newer.exists():
        set_aside(row, "daily limit")
        return
    tomorrow = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    mark(row, mail_due_at=tomorrow, mail_error="daily limit")


def carry_over(digests: list[bytes]) -> None:
    """Move rows that know a mailbox by its digest alone (a stop, quotas) to the first of its `digests`.

    To be called while DIGEST_KEY is rotated: the digests are one mailbox under the new key and the old ones.
    """
    new, *old = digests
    if not old:
        return
    kept = (StoppedMailbox.objects.filter(pk__in=old), MailQuota.objects.filter(address_digest__in=old))
    if not any(rows.exists() for rows in kept):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        lock_mailbox(digests)
        for statement in (_MOVE_STOP, _MOVE_QUOTAS):
            cursor.execute(statement, {"new": new, "old": old, "key": mailbox.key_in_use()})
