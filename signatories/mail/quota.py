"""What keeps a mailbox from being flooded by strangers: its owner says stop, or its mails of the day are used up."""

import os
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from signatories.identity import mailbox
from signatories.lifecycle.mailboxes import lock_mailbox
from signatories.mail import messages
from signatories.models import MailQuota, OutboundMail, Signup, StoppedMailbox
from signatories.models.mailing import MailState

type Row = Signup | OutboundMail


_CARRY_STOP = """
WITH old AS (DELETE FROM signatories_stoppedmailbox WHERE address_digest = ANY(%(old)s) RETURNING stopped_at)
INSERT INTO signatories_stoppedmailbox (address_digest, stopped_at, digest_key)
SELECT %(new)s, min(stopped_at), %(key)s FROM old HAVING count(*) > 0
ON CONFLICT (address_digest) DO NOTHING
"""
_CARRY_COUNTERS = """
WITH old AS (DELETE FROM signatories_mailallowance WHERE address_digest = ANY(%(old)s) RETURNING day, sent)
INSERT INTO signatories_mailallowance AS a (address_digest, day, sent)
SELECT %(new)s, day, sum(sent) FROM old GROUP BY day
ON CONFLICT (address_digest, day) DO UPDATE SET sent = a.sent + excluded.sent
"""


def screen(rows: Sequence[Row]) -> list[Row]:
    """The rows of a batch that may be mailed, in their order; the others are set aside or wait for tomorrow.

    Takes one mail off each mailbox's allowance of the day, once for each row.
    """
    wanted = [row for row in rows if messages.wanted(row) or not set_aside(row, "nothing to say")]
    asked = [row for row in wanted if messages.caused_by_strangers(row)]
    stopped = _stopped(asked)
    for row in stopped:
        set_aside(row, "stopped by the owner")
    refused = stopped + _used_up([row for row in asked if row not in stopped and not row.allowed_at])
    return [row for row in wanted if row not in refused]


def set_aside(row: Row, error: str, state: MailState = MailState.SET_ASIDE) -> bool:
    """Send nothing for this row; the same form sent again is a new one, not a double of this."""
    unlike = {"form_digest" if isinstance(row, Signup) else "once": os.urandom(32)}
    return mark(row, mail_state=state, mail_error=error, **unlike)


def mark(row: Row, **fields: object) -> bool:
    """Write down what became of a row that waits, and give up the claim."""
    waiting = type(row).objects.filter(pk=row.pk, mail_state=MailState.WAITING)
    return bool(waiting.update(claimed_until=None, **fields))


def _stopped(rows: Sequence[Row]) -> list[Row]:
    digests = {row: mailbox.digests_of(row) for row in rows}
    for several in digests.values():
        carry_over(several)
    every = [digest for several in digests.values() for digest in several]
    stopped = {bytes(found.address_digest) for found in StoppedMailbox.objects.filter(pk__in=every)}
    return [row for row in rows if not stopped.isdisjoint(digests[row])]


def _used_up(rows: Sequence[Row]) -> list[Row]:
    """Take the allowances of rows that have none yet; returns the rows that got none."""
    if not rows:
        return []
    now = timezone.now()
    digests = {row: mailbox.digest_now(row)[0] for row in rows}
    with transaction.atomic():
        each = sorted(set(digests.values()))
        first = [MailQuota(address_digest=digest, day=now.date(), sent=0) for digest in each]
        MailQuota.objects.bulk_create(first, ignore_conflicts=True)
        # Locked in one order, so that workers do not wait for each other in a ring.
        today = MailQuota.objects.filter(address_digest__in=each, day=now.date())
        sent = {bytes(count.address_digest): count for count in today.order_by("address_digest").select_for_update()}
        refused = []
        for row in rows:
            count = sent.get(digests[row])  # None: it is being erased
            if count and count.sent < settings.MAILS_PER_MAILBOX_PER_DAY:
                count.sent += 1
                row.allowed_at = now
            else:
                refused.append(row)
        MailQuota.objects.bulk_update(sent.values(), ["sent"])
        for model in {type(row) for row in rows}:
            mine = [row.pk for row in rows if type(row) is model and row.allowed_at]
            model.objects.filter(pk__in=mine).update(allowed_at=now)
    for row in refused:
        _wait_for_tomorrow(row)
    return refused


def _wait_for_tomorrow(row: Row) -> None:
    """The newest row of a mailbox is mailed when the next day begins; older ones have nothing to add to it.

    So nobody can keep a mailbox from signing by using up its mails, nor queue up mails for many days.
    """
    newer = type(row).objects.filter(
        address_digest__in=mailbox.digests_of(row), mail_state=MailState.WAITING, pk__gt=row.pk
    )
    if newer.exists():
        set_aside(row, "daily limit")
        return
    tomorrow = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    mark(row, mail_due_at=tomorrow, mail_error="daily limit")


def carry_over(digests: list[bytes]) -> None:
    """Keep what is kept by the digest alone (a stop, counters of mails) under the first of a mailbox's `digests`."""
    new, *old = digests
    kept = (StoppedMailbox.objects.filter(pk__in=old), MailQuota.objects.filter(address_digest__in=old))
    if not old or not any(rows.exists() for rows in kept):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        lock_mailbox(digests)
        for statement in (_CARRY_STOP, _CARRY_COUNTERS):
            cursor.execute(statement, {"new": new, "old": old, "key": mailbox.key_in_use()})
