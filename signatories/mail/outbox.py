"""The outbox: claims due rows (signups and other outbound mail), sends them over one connection, marks them.

A claim is a lease, not a lock: it ends by itself when its worker dies, and nothing is locked while mail is sent.
Delivery is at least once; a repeat carries the same link and Message-ID. Invitations to sign are delivered at most once
(see _hand_over_once). For servers and domains that refuse mail see
signatories/mail/circuit.py, for the number of mails quota.py (a mailbox) and rate.py (all together, a domain).
"""

import logging
import random
import smtplib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone

from signatories.identity import mailbox
from signatories.identity.mailbox import MailboxCache
from signatories.mail import messages, quota, rate, slow
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.mail.claiming import Row, by_model, claim, lease_ends_soon, renew_lease
from signatories.mail.form_letters import FilledLetter
from signatories.models import OutboundMail, Signup
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import AT_MOST_ONCE, UNHURRIED
from signatories.models.stored_names import stored_name

logger = logging.getLogger(__name__)

# Leases are renewed, and sent rows marked, in groups. A worker that is killed repeats at most one group.
GROUP, MARKED_WITHIN = 25, 0.2

# The server failed, not the mail; smtplib's own errors are OSErrors too.
_UNREACHABLE = (OSError,)
# Not caused by the row: the hourly limit, the mail server or the database.
_NOT_CAUSED_BY_ROW = (rate.HourlyLimitReached, OperationalError, InterfaceError, *_UNREACHABLE)


class Refusal(NamedTuple):
    """The answer of a mail server that does not accept a mail."""

    permanent: bool
    words: str


def drain(now: datetime | None = None) -> int:
    """Send the mail that is due, batch by batch; returns how many mails were sent. Safe to run twice at once."""
    sent = 0
    slow.let_through(now or timezone.now())
    while True:
        moment = now or timezone.now()
        circuits = CircuitBreakers.load(moment)
        claimed = claim_batch(moment, circuits)
        if not claimed:
            return sent
        of_batch, goes_on = send_batch(claimed, circuits)
        sent += of_batch
        if not goes_on:
            return sent


def claim_batch(now: datetime, circuits: CircuitBreakers | None = None) -> list[Row]:
    """Claim due rows of both tables, oldest first, no more than may be sent within the hour.

    None while the mail server's circuit is paused, one of each table when a trial is due.
    """
    circuits = circuits or CircuitBreakers.load(now)
    if circuits.is_paused(SERVER, now):
        return []
    most = rate.available(now, 1 if circuits.is_failing(SERVER) else settings.OUTBOX_BATCH)
    without = circuits.paused_domains(now) + rate.domains_at_limit(now)
    found = [row for model in (OutboundMail, Signup) for row in claim(model, now, most, without)] if most else []
    spare = 0 if circuits.is_failing(SERVER) else rate.spare(now, most - len(found), len(found))
    if spare > 0:
        found += claim(OutboundMail, now, spare, without, unhurried=True)
    return _random_trial_first(sorted(found, key=lambda row: (_is_unhurried(row), row.mail_due_at)), circuits)


def _is_unhurried(row: Row) -> bool:
    return isinstance(row, OutboundMail) and row.kind in UNHURRIED


def _random_trial_first(rows: list[Row], circuits: CircuitBreakers) -> list[Row]:
    """Put a random row of each failing domain first, as its trial: the oldest may be one that is never accepted."""
    for domain in {row.domain for row in rows if circuits.is_failing(row.domain)}:
        chosen = random.choice([row for row in rows if row.domain == domain])  # noqa: S311 - no secret
        rows.remove(chosen)
        rows.insert(0, chosen)
    return rows


def send_batch(waiting: list[Row], circuits: CircuitBreakers | None = None) -> tuple[int, bool]:
    """Send a claimed batch. Returns how many mails were sent, and whether the next batch should be claimed."""
    batch = _Batch(waiting, circuits or CircuitBreakers.load(timezone.now()))
    goes_on = False
    try:
        if batch.circuits.allows(SERVER, timezone.now()):
            batch.select()
            while batch.waiting:
                batch.send_over_one_connection()
            goes_on = True
    except rate.HourlyLimitReached:
        pass
    except _UNREACHABLE as error:
        logger.warning("mail server unreachable: %s; %d mails wait", _loggable(error), len(batch.waiting))
        batch.circuits.pause(SERVER, timezone.now())
    finally:
        batch.finish()
    return batch.sent, goes_on


def send_directly(messages: Sequence[EmailMessage], now: datetime) -> bool:
    """Send mails that have no row, as of an alarm, unless the server's circuit is paused; whether any was accepted."""
    circuits = CircuitBreakers.load(now)
    if not circuits.allows(SERVER, now):
        return False
    accepted = 0
    try:
        with _smtp() as smtp:
            for message in messages:
                accepted += _is_accepted(smtp, message)
                circuits.record_success(SERVER)
    except _UNREACHABLE as error:
        logger.warning("mail server unreachable: %s", _loggable(error))
        if not accepted:
            circuits.pause(SERVER, now)
    finally:
        circuits.finish(now)
    return accepted > 0


def _is_accepted(smtp: Any, message: EmailMessage) -> bool:
    try:
        return _hand_over(smtp, message) is None
    except ValueError:
        return False


class _Batch:
    """Claimed rows: those waiting, those sent and not yet marked, those put back because of their domain.

    `mailboxes` decrypts each address once and is dropped with the batch.
    """

    def __init__(self, waiting: list[Row], circuits: CircuitBreakers) -> None:
        self.waiting, self.circuits = waiting, circuits
        self.mailboxes = MailboxCache()
        self.sent = 0
        self._unmarked: list[Row] = []
        self._unmarked_since = 0.0
        self._put_back: list[Row] = []

    def select(self) -> None:
        """Keep the rows that quotas and the rates of their domains let through."""
        sendable = quota.select_sendable(self.waiting, self.mailboxes)
        self.waiting, self._put_back = rate.split(sendable, timezone.now())

    def send_over_one_connection(self) -> None:
        """Send waiting rows. Raises one of _UNREACHABLE if no mail was accepted.

        A connection that is cut after some mails is no outage: many servers limit the mails of one connection.
        """
        before, row = self.sent, None
        try:
            with _smtp() as smtp:
                while self.waiting:
                    group, self.waiting = renew_lease(self.waiting[:GROUP]), self.waiting[GROUP:]
                    looked_up = messages.look_up(group, self.mailboxes)
                    while group:
                        row = group.pop(0)
                        try:
                            self._send(smtp, row, looked_up)
                        except (rate.HourlyLimitReached, *_UNREACHABLE):
                            self.waiting[:0] = group
                            raise
        except rate.HourlyLimitReached:
            self.waiting[:0] = [row] if row else []
            raise
        except _UNREACHABLE as error:
            # The mail of this row may have arrived; it is sent again, with the same link and Message-ID.
            if row:
                _try_later(row, _loggable(error))
            if self.sent == before:
                raise

    def _send(self, smtp: Any, row: Row, before: messages.Before) -> None:
        """Send one mail. A row that cannot be mailed is set aside and does not stop the others."""
        now = timezone.now()
        if lease_ends_soon(row, now) and not renew_lease([row]):
            return
        if row in before.news.unwanted:
            quota.set_aside(row, quota.NOTHING_TO_SAY)
            return
        if row in before.news.paused or not self.circuits.allows(row.domain, now):
            self._put_back.append(row)
            return
        try:
            message = messages.message(row, self.mailboxes, before)
            began = time.monotonic()
            rate.take_slot(now)
            refusal = _hand_over_once(smtp, row, message) if _goes_once(row) else _hand_over(smtp, message)
        except _NOT_CAUSED_BY_ROW:
            raise
        except Exception as error:  # the log names the row and the class of the error: its text can hold an address
            logger.error("%s %d cannot be mailed: %s", stored_name(row), row.pk, type(error).__name__)
            if mailbox.sealed_with_a_lost_key(bytes(row.address_sealed)):  # perhaps another worker has the key
                _try_later(row, "MAILBOX_KEYS")
            else:
                quota.set_aside(row, type(error).__name__)
            return
        self.circuits.record_success(SERVER)
        if refusal is None:
            self._record_sent(row, began)
            return
        self.circuits.record_refusal(row.domain, permanent=refusal.permanent, now=now)
        if refusal.permanent:
            quota.set_aside(row, refusal.words, MailState.UNDELIVERABLE)
        else:
            _try_later(row, refusal.words)

    def _record_sent(self, row: Row, began: float) -> None:
        """Count a sent mail, and mark its row with a few others; at once if the server is slow or it was a repeat."""
        self.sent += 1
        self.circuits.record_success(row.domain)
        row.sent_at = timezone.now()
        if not self._unmarked:
            self._unmarked_since = began
        self._unmarked.append(row)
        waits = time.monotonic() - self._unmarked_since
        if row.mail_attempts > 1 or len(self._unmarked) >= GROUP or waits > MARKED_WITHIN:
            self._mark()

    def _mark(self) -> None:
        for model, rows in by_model(self._unmarked):
            claimed = model.objects.filter(pk__in=[row.pk for row in rows], mail_state=MailState.WAITING)
            claimed.update(claimed_until=None, mail_state=MailState.SENT, sent_at=rows[0].sent_at, mail_error="")
        self._unmarked.clear()

    def finish(self) -> None:
        """Mark the rest of the sent rows, and put rows back that were not tried, as if never claimed."""
        self._mark()
        for model, rows in by_model([*self._put_back, *self.waiting]):
            claimed = model.objects.filter(pk__in=[row.pk for row in rows], mail_state=MailState.WAITING)
            claimed.update(claimed_until=None, mail_attempts=F("mail_attempts") - 1)
        self.circuits.finish(timezone.now())


@contextmanager
def _smtp() -> Iterator[Any]:
    smtp = mailers.default
    smtp.open()
    try:
        yield smtp
    finally:
        smtp.close()


def _hand_over(smtp: Any, message: EmailMessage) -> Refusal | None:
    """Give a message to the mail server; the answer is None if it accepts it.

    Raises one of _UNREACHABLE if the server fails, any other error if the message cannot be sent. SMTPSenderRefused is
    of the first kind: the answer to MAIL FROM would be the same for every mail.
    """
    try:
        if isinstance(message, FilledLetter):  # parsing the same sender for each would take longer than all else
            smtp.connection.sendmail(settings.OPERATOR_EMAIL, message.to, message.content)
        elif not smtp.send_messages([message]):
            raise ValueError("a message without recipient")
    except smtplib.SMTPNotSupportedError as error:
        raise ValueError("an address that the server cannot take") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        if code == 421:
            raise smtplib.SMTPServerDisconnected from error
        # 5.7 means a policy ("relaying denied", "your account is closed"), not the mailbox.
        return Refusal(permanent=code >= 500 and not words.startswith(b"5.7."), words=f"SMTP {code}")
    except smtplib.SMTPDataError as error:
        if error.smtp_code == 421:  # the server is closing down: nothing about this recipient
            raise smtplib.SMTPServerDisconnected from error
        # 5xx after DATA means the sender or the content, not the mailbox: try again, slowly.
        return Refusal(permanent=False, words=f"SMTP {error.smtp_code}")
    return None


def _goes_once(row: Row) -> bool:
    return isinstance(row, OutboundMail) and row.kind in AT_MOST_ONCE


def _hand_over_once(smtp: Any, row: Row, message: EmailMessage) -> Refusal | None:
    """Hand over a mail that nobody may get twice: its row counts as sent before, and waits again only after a clear no.

    Raises as `_hand_over` does. Where the connection broke, nobody knows whether the mail went: it stays sent. Many
    servers cut it after some mails, so it is asked whether it is still there.
    """
    smtp.connection.noop()
    if not quota.mark(row, mail_state=MailState.SENT, sent_at=timezone.now()):
        raise ValueError("sent before, or taken back")
    clear_no = True
    try:
        refusal = _hand_over(smtp, message)
        clear_no = refusal is not None
    except OSError as error:
        clear_no = isinstance(error, smtplib.SMTPResponseException) or isinstance(
            error.__cause__, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
        )
        raise
    finally:
        if clear_no:
            sent = type(row).objects.filter(pk=row.pk, mail_state=MailState.SENT)
            sent.update(mail_state=MailState.WAITING, sent_at=None)
    return refusal


def _loggable(error: OSError) -> str:
    """The error without its text, which can hold an address."""
    return f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__


def _try_later(row: Row, error: str) -> None:
    """Put a row off, longer after each attempt; the jitter spreads the mail after an outage."""
    gap = min(settings.OUTBOX_FIRST_GAP * 2 ** min(max(row.mail_attempts - 1, 0), 20), settings.OUTBOX_LONGEST_GAP)
    due = timezone.now() + timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    quota.mark(row, mail_due_at=due, mail_error=error)


def oldest_due(now: datetime) -> float:
    """The age in seconds of the oldest mail that is due, without failing mail domains; 0 if none is due."""
    failing = CircuitBreakers.load(now).failing_domains()
    urgent = OutboundMail.objects.exclude(kind__in=UNHURRIED)
    is_due = Q(mail_state=MailState.WAITING, mail_due_at__lte=now)
    due = [rows.filter(is_due).exclude(domain__in=failing) for rows in (Signup.objects.all(), urgent)]
    first = [row.mail_due_at for rows in due if (row := rows.order_by("mail_due_at").only("mail_due_at").first())]
    return (now - min(first)).total_seconds() if first else 0.0
