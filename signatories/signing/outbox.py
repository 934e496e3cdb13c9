"""The outbox: claims due rows (signups and letters), mails them over one connection, marks them row by row.

Locks are never held while sending: a claim is a lease that a dead worker loses by itself. At least once, with the same
link and Message-ID on a repeat.
"""

import logging
import os
import random
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import mailers
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from psycopg import sql

from signatories import mailbox, rotation
from signatories.models import Letter, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.signing import mails, pace

logger = logging.getLogger(__name__)

type Row = Signup | Letter

_CLAIM = """
UPDATE {table} SET claimed_until = %(until)s, mail_attempts = mail_attempts + 1
WHERE id IN (
    SELECT id FROM {table}
    WHERE mail_state = 'waiting' AND mail_due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY mail_due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_ALLOW = """
INSERT INTO signatories_mailallowance AS a (address_digest, day, sent) VALUES (%s, %s, 1)
ON CONFLICT (address_digest, day) DO UPDATE SET sent = a.sent + 1 WHERE a.sent < %s RETURNING sent
"""


# smtplib's own errors are OSErrors too.
_UNREACHABLE = (OSError,)


class Refused(NamedTuple):
    """What a mail server said no with."""

    permanent: bool
    words: str


def drain(now: datetime | None = None) -> int:
    """Send what is due, batch by batch; returns how many mails were handed over. Safe to run twice at once."""
    sent = 0
    while claimed := claim_batch(now or timezone.now()):
        handed_over, going_on = send_batch(claimed)
        sent += handed_over
        if not going_on:
            break
    return sent


def claim_batch(now: datetime) -> list[Row]:
    """Take what is due, oldest first: signups and letters in one line, and no more than may go out this hour."""
    most = pace.left(now, settings.OUTBOX_BATCH)
    both = [row for model in (Letter, Signup) for row in claim(model, now, most)] if most else []
    return sorted(both, key=lambda row: row.mail_due_at)


def claim(model: type[Row], now: datetime, most: int | None = None) -> list[Row]:
    """Take a batch of due rows for OUTBOX_LEASE seconds, oldest first; at most `most` or OUTBOX_BATCH."""
    table = sql.Identifier(model._meta.db_table)
    until = now + timedelta(seconds=settings.OUTBOX_LEASE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(_CLAIM).format(table=table),
            {"until": until, "now": now, "batch": settings.OUTBOX_BATCH if most is None else most},
        )
        ids = [row[0] for row in cursor.fetchall()]
    related = ("text",) if model is Signup else ("signature", "signup__text", "signup__signature")
    return list(model.objects.filter(pk__in=ids).select_related(*related).order_by("mail_due_at", "pk"))


def send_batch(waiting: list[Row]) -> tuple[int, bool]:
    """Send a claimed batch over one connection. Returns (mails sent, whether the server can be talked to)."""
    sent = 0
    try:
        with _smtp() as smtp:
            while waiting:
                sent += _send(smtp, waiting[0])
                waiting.pop(0)
    except pace.Spent:
        _put_back(waiting)
        return sent, False
    except _UNREACHABLE as error:
        # The row being sent may have arrived; it and those after it are tried again, with the same link and Message-ID.
        logger.warning("mail server unreachable: %s; %d mails wait", type(error).__name__, len(waiting))
        for row in waiting:
            _try_later(row, type(error).__name__)
        return sent, False
    return sent, True


@contextmanager
def _smtp() -> Iterator[Any]:
    smtp = mailers.default
    smtp.open()
    try:
        yield smtp
    finally:
        smtp.close()


def _send(smtp: Any, row: Row) -> bool:
    """Send one mail and mark its row. A row that cannot be mailed is set aside and stops nobody else."""
    if not _still_ours(row):
        return False
    if not mails.wanted(row):
        return _give_up(row, MailState.SET_ASIDE, "nothing to say")
    if mailbox.sealed_with_a_lost_key(bytes(row.address_sealed)):
        # A server knows this key, or did: the mail is not lost for that.
        logger.error("%s %d is sealed under a key that is not in MAILBOX_KEYS", row._meta.model_name, row.pk)
        _try_later(row, "MAILBOX_KEYS")
        return False
    if mails.caused_by_strangers(row):
        rotation.carry_over(mailbox.digests_of(row))
        if StoppedMailbox.objects.filter(pk__in=mailbox.digests_of(row)).exists():
            return _give_up(row, MailState.SET_ASIDE, "stopped by the owner")
        if not _allowed(row):
            return _wait_for_tomorrow(row)
    try:
        message = mails.message(row)
        pace.take(timezone.now())
        refused = _hand_over(smtp, message)
    except (pace.Spent, *_UNREACHABLE):
        raise
    except Exception as error:  # a poison row: named by number and kind of error only, whose words can hold an address
        logger.error("%s %d cannot be mailed: %s", row._meta.model_name, row.pk, type(error).__name__)
        return _give_up(row, MailState.SET_ASIDE, type(error).__name__)
    if refused is None:
        _mark(row, mail_state=MailState.SENT, sent_at=timezone.now(), mail_error="")
        return True
    if refused.permanent:
        return _give_up(row, MailState.UNDELIVERABLE, refused.words)
    _try_later(row, refused.words)
    return False


def _still_ours(row: Row) -> bool:
    """Renew the lease of one row; False if it ran out and another worker has taken the row meanwhile."""
    ours = type(row).objects.filter(pk=row.pk, mail_state=MailState.WAITING, claimed_until=row.claimed_until)
    return bool(ours.update(claimed_until=timezone.now() + timedelta(seconds=settings.OUTBOX_LEASE)))


def _hand_over(smtp: Any, message: Any) -> Refused | None:
    """Raises one of _UNREACHABLE if the server is to blame, anything else if the message is."""
    try:
        if not smtp.send_messages([message]):
            raise ValueError("a message without recipient")
    except smtplib.SMTPNotSupportedError as error:
        raise ValueError("an address that the server cannot take") from error
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Refused(permanent=code >= 500, words=f"SMTP {code}")
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:  # the server is closing down: nothing about this recipient
            raise smtplib.SMTPServerDisconnected from error
        # 5xx after MAIL FROM or DATA speaks of us or the content, not of the mailbox: try again, slowly.
        return Refused(permanent=False, words=f"SMTP {error.smtp_code}")
    return None


def _allowed(row: Row) -> bool:
    """Take one mail off the mailbox's allowance of the day, once for each row; False if it is used up."""
    if row.allowed_at:
        return True
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        limit = settings.MAILS_PER_MAILBOX_PER_DAY
        cursor.execute(_ALLOW, [mailbox.digest_now(row)[0], now.date(), limit])
        if cursor.fetchone() is None:
            return False
        type(row).objects.filter(pk=row.pk).update(allowed_at=now)
    return True


def _wait_for_tomorrow(row: Row) -> bool:
    """The newest row of a mailbox is mailed when the next day begins; older ones have nothing to add to it.

    So nobody can keep a mailbox from signing by using up its mails, nor queue up mails for many days.
    """
    newer = type(row).objects.filter(
        address_digest__in=mailbox.digests_of(row), mail_state=MailState.WAITING, pk__gt=row.pk
    )
    if newer.exists():
        return _give_up(row, MailState.SET_ASIDE, "daily limit")
    tomorrow = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return _mark(row, mail_due_at=tomorrow, mail_error="daily limit")


def _give_up(row: Row, state: MailState, error: str) -> bool:
    """Send nothing for this row; the same form sent again is a new one, not a double of this."""
    unlike = {"form_digest" if isinstance(row, Signup) else "once": os.urandom(32)}
    return _mark(row, mail_state=state, mail_error=error, **unlike)


def _mark(row: Row, **fields: object) -> bool:
    type(row).objects.filter(pk=row.pk, mail_state=MailState.WAITING).update(claimed_until=None, **fields)
    return False


def _put_back(rows: list[Row]) -> None:
    """Give up the claim on rows that were not tried, as if they had never been claimed."""
    for model in {type(row) for row in rows}:
        mine = model.objects.filter(pk__in=[row.pk for row in rows if type(row) is model], mail_state=MailState.WAITING)
        mine.update(claimed_until=None, mail_attempts=F("mail_attempts") - 1)


def _try_later(row: Row, error: str) -> None:
    """Put off with growing gaps and jitter, so that an outage ends without a rush."""
    gap = min(settings.OUTBOX_FIRST_GAP * 2 ** min(max(row.mail_attempts - 1, 0), 20), settings.OUTBOX_LONGEST_GAP)
    due = timezone.now() + timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    _mark(row, mail_due_at=due, mail_error=error)


def oldest_due(now: datetime) -> float:
    """How many seconds the oldest mail that is due has waited; 0 if none is."""
    due = [model.objects.filter(mail_state=MailState.WAITING, mail_due_at__lte=now) for model in (Signup, Letter)]
    first = [row.mail_due_at for rows in due if (row := rows.order_by("mail_due_at").only("mail_due_at").first())]
    return (now - min(first)).total_seconds() if first else 0.0
