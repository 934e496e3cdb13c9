"""The outbox: claims due signups, mails them over one connection, marks them row by row.

Locks are never held while sending: a claim is a lease that a dead worker loses by itself. At least once, with the same
link and Message-ID on a repeat.
"""

import logging
import random
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import mailers
from django.db import connection, transaction
from django.utils import timezone

from signatories.models import Signature, Signup, StoppedMailbox
from signatories.models.signup import MailState
from signatories.signing import mails

logger = logging.getLogger(__name__)

_CLAIM = """
UPDATE signatories_signup SET claimed_until = %(until)s, mail_attempts = mail_attempts + 1
WHERE id IN (
    SELECT id FROM signatories_signup
    WHERE mail_state = 'waiting' AND mail_due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY mail_due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_ALLOW = """
INSERT INTO signatories_mailallowance AS a (address_digest, day, sent) VALUES (%s, %s, 1)
ON CONFLICT (address_digest, day) DO UPDATE SET sent = a.sent + 1 WHERE a.sent < %s RETURNING sent
"""


class Refused(NamedTuple):
    """What a mail server said no with."""

    permanent: bool
    words: str


def drain(now: datetime | None = None) -> int:
    """Send what is due, batch by batch; returns how many mails were handed over. Safe to run twice at once."""
    sent = 0
    while True:
        claimed = claim(now or timezone.now())
        if not claimed:
            return sent
        handed_over, going_on = send_batch(claimed)
        sent += handed_over
        if not going_on:
            return sent


def claim(now: datetime) -> list[int]:
    """Take a batch of due signups for OUTBOX_LEASE seconds, oldest first; returns their ids."""
    until = now + timedelta(seconds=settings.OUTBOX_LEASE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": until, "now": now, "batch": settings.OUTBOX_BATCH})
        return [row[0] for row in cursor.fetchall()]


def send_batch(ids: list[int]) -> tuple[int, bool]:
    """Send a claimed batch over one connection. Returns (mails sent, whether the server can be talked to)."""
    claimed = Signup.objects.filter(pk__in=ids, mail_state=MailState.WAITING)
    waiting = list(claimed.select_related("text").order_by("pk"))
    sent = 0
    try:
        with _smtp() as smtp:
            while waiting:
                sent += _send(smtp, waiting[0])
                waiting.pop(0)
    except (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError) as error:
        # The row being sent may have arrived; it and those after it are tried again, with the same link and Message-ID.
        logger.warning("mail server unreachable: %s; %d mails wait", type(error).__name__, len(waiting))
        for signup in waiting:
            _try_later(signup, type(error).__name__)
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


def _send(smtp: Any, signup: Signup) -> bool:
    """Send one mail and mark its row. A row that cannot be mailed is set aside and stops nobody else."""
    reason = _why_not(signup)
    if reason:
        return _mark(signup, mail_state=MailState.SET_ASIDE, mail_error=reason)
    already = Signature.objects.of_mailbox(bytes(signup.address_digest)).first()
    try:
        message = mails.confirmation(signup, already=already)
    except Exception as error:  # a poison row: named by number and kind of error only
        logger.exception("signup %d cannot be mailed", signup.pk)
        return _mark(signup, mail_state=MailState.SET_ASIDE, mail_error=type(error).__name__)
    refused = _hand_over(smtp, message)
    if refused is None:
        _mark(signup, mail_state=MailState.SENT, sent_at=timezone.now(), mail_error="")
        return True
    if refused.permanent:
        return _mark(signup, mail_state=MailState.UNDELIVERABLE, mail_error=refused.words)
    _try_later(signup, refused.words)
    return False


def _hand_over(smtp: Any, message: Any) -> Refused | None:
    try:
        smtp.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Refused(permanent=code >= 500, words=f"SMTP {code}")
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:  # the server is closing down: nothing about this recipient
            raise smtplib.SMTPServerDisconnected from error
        # 5xx after MAIL FROM or DATA speaks of us or the content, not of the mailbox: try again, slowly.
        return Refused(permanent=False, words=f"SMTP {error.smtp_code}")
    return None


def _why_not(signup: Signup) -> str:
    """Why this signup is not mailed, or an empty text. Takes one mail off the mailbox's allowance of the day, once."""
    if StoppedMailbox.objects.filter(pk=bytes(signup.address_digest)).exists():
        return "stopped by the owner"
    if signup.allowed_at:
        return ""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        limit = settings.MAILS_PER_MAILBOX_PER_DAY
        cursor.execute(_ALLOW, [bytes(signup.address_digest), now.date(), limit])
        if cursor.fetchone() is None:
            return "daily limit"
        Signup.objects.filter(pk=signup.pk).update(allowed_at=now)
    return ""


def _mark(signup: Signup, **fields: object) -> bool:
    Signup.objects.filter(pk=signup.pk, mail_state=MailState.WAITING).update(claimed_until=None, **fields)
    return False


def _try_later(signup: Signup, error: str) -> None:
    """Put off with growing gaps and jitter, so that an outage ends without a rush."""
    gap = min(settings.OUTBOX_FIRST_GAP * 2 ** max(signup.mail_attempts - 1, 0), settings.OUTBOX_LONGEST_GAP)
    due = timezone.now() + timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    _mark(signup, mail_due_at=due, mail_error=error)
