"""The outbox: claims due rows (signups and letters), mails them over one connection, marks them.

Locks are never held while sending: a claim is a lease that a dead worker loses by itself. At least once, with the same
link and Message-ID on a repeat. Where mail is not taken, see signatories/mail/circuit.py.
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
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from psycopg import sql

from signatories.identity import mailbox
from signatories.mail import messages, quota, rate
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.models import OutboundMail, Signup
from signatories.models.mailing import MailState
from signatories.models.stored_names import stored_name

logger = logging.getLogger(__name__)

type Row = Signup | OutboundMail

_CLAIM = """
UPDATE {table} SET claimed_until = %(until)s, mail_attempts = mail_attempts + 1
WHERE id IN (
    SELECT id FROM {table}
    WHERE mail_state = 'waiting' AND mail_due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
        AND domain <> ALL(%(closed)s::text[])
    ORDER BY mail_due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""
# Rows are looked at again, and marked, in groups: what a worker repeats that was killed in between.
GROUP, MARKED_WITHIN = 10, 0.2

# The server is to blame, not the mail; smtplib's own errors are OSErrors too.
_UNREACHABLE = (OSError,)
# No reason to set a row aside: the hour's mails are out, the mail server or the database is away.
_NOT_ITS_FAULT = (rate.Spent, OperationalError, InterfaceError, *_UNREACHABLE)


class Refused(NamedTuple):
    """What a mail server said no with."""

    permanent: bool
    words: str


def drain(now: datetime | None = None) -> int:
    """Send what is due, batch by batch; returns how many mails were handed over. Safe to run twice at once."""
    sent = 0
    while True:
        moment = now or timezone.now()
        gates = CircuitBreakers.look(moment)
        claimed = claim_batch(moment, gates)
        if not claimed:
            return sent
        handed_over, going_on = send_batch(claimed, gates)
        sent += handed_over
        if not going_on:
            return sent


def claim_batch(now: datetime, gates: CircuitBreakers | None = None) -> list[Row]:
    """Take what is due, oldest first: signups and letters in one line, and no more than may go out this hour.

    Nothing while the mail server's gate is closed, one of each when it may be tried again.
    """
    gates = gates or CircuitBreakers.look(now)
    if gates.closed_to(SERVER, now):
        return []
    most = rate.left(now, 1 if gates.unsure(SERVER) else settings.OUTBOX_BATCH)
    closed = gates.closed_domains(now) + rate.spent_domains(now)
    both = [row for model in (OutboundMail, Signup) for row in claim(model, now, most, closed)] if most else []
    return _chance_first(sorted(both, key=lambda row: row.mail_due_at), gates)


def claim(model: type[Row], now: datetime, most: int | None = None, closed: Sequence[str] = ()) -> list[Row]:
    """Take a batch of due rows for OUTBOX_LEASE seconds, oldest first; at most `most` or OUTBOX_BATCH.

    None of the mail domains that are `closed`.
    """
    table = sql.Identifier(model._meta.db_table)
    until = now + timedelta(seconds=settings.OUTBOX_LEASE)
    batch = settings.OUTBOX_BATCH if most is None else most
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(_CLAIM).format(table=table), {"until": until, "now": now, "batch": batch, "closed": list(closed)}
        )
        ids = [row[0] for row in cursor.fetchall()]
    related = ("text",) if model is Signup else ("signature", "signup__text", "signup__signature")
    return list(model.objects.filter(pk__in=ids).select_related(*related).order_by("mail_due_at", "pk"))


def _chance_first(rows: list[Row], gates: CircuitBreakers) -> list[Row]:
    """Which mail is tried first behind a closed gate is left to chance: the oldest may be one that is never taken."""
    for domain in {row.domain for row in rows if gates.unsure(row.domain)}:
        chosen = random.choice([row for row in rows if row.domain == domain])  # noqa: S311 - no secret
        rows.remove(chosen)
        rows.insert(0, chosen)
    return rows


def send_batch(waiting: list[Row], gates: CircuitBreakers | None = None) -> tuple[int, bool]:
    """Send a claimed batch. Returns (mails sent, whether there is a point in claiming the next)."""
    batch = _Batch(waiting, gates or CircuitBreakers.look(timezone.now()))
    going_on = False
    try:
        if batch.gates.lets_in(SERVER, timezone.now()):
            batch.waiting, batch.turned_away = rate.share(quota.screen(batch.waiting), timezone.now())
            while batch.waiting:
                batch.send_over_one_connection()
            going_on = True
    except rate.Spent:
        pass
    except _UNREACHABLE as error:
        logger.warning("mail server unreachable: %s; %d mails wait", _words(error), len(batch.waiting))
        batch.gates.fail(SERVER, timezone.now())
    finally:
        batch.leave()
    return batch.sent, going_on


def send_apart(message: EmailMessage, now: datetime) -> bool:
    """Send a mail that is no row, such as an alarm, through the same gate; whether it was taken."""
    gates = CircuitBreakers.look(now)
    if not gates.lets_in(SERVER, now):
        return False
    try:
        with _smtp() as smtp:
            refused = _hand_over(smtp, message)
        gates.taken(SERVER)
    except ValueError:
        return False
    except _UNREACHABLE as error:
        logger.warning("mail server unreachable: %s", _words(error))
        gates.fail(SERVER, now)
        return False
    finally:
        gates.leave(now)
    return refused is None


class _Batch:
    """Claimed rows on their way: those waiting, those sent and not yet marked, those whose domain takes no more now."""

    def __init__(self, waiting: list[Row], gates: CircuitBreakers) -> None:
        self.waiting, self.gates = waiting, gates
        self.sent = 0
        self._unmarked: list[Row] = []
        self._unmarked_since = 0.0
        self.turned_away: list[Row] = []

    def send_over_one_connection(self) -> None:
        """Raises one of _UNREACHABLE if no mail got through.

        A line that is cut after some did is no outage: many servers take so many mails over one connection.
        """
        before, row = self.sent, None
        try:
            with _smtp() as smtp:
                while self.waiting:
                    group, self.waiting = _ours(self.waiting[:GROUP]), self.waiting[GROUP:]
                    known = messages.signatures_of(group)
                    while group:
                        row = group.pop(0)
                        try:
                            self._send(smtp, row, known)
                        except (rate.Spent, *_UNREACHABLE):
                            self.waiting[:0] = group
                            raise
        except rate.Spent:
            self.waiting[:0] = [row] if row else []
            raise
        except _UNREACHABLE as error:
            # The row being sent may have arrived; it is tried again, with the same link and Message-ID.
            if row:
                _try_later(row, _words(error))
            if self.sent == before:
                raise

    def _send(self, smtp: Any, row: Row, known: messages.Known) -> None:
        """Send one mail. A row that cannot be mailed is set aside and stops nobody else."""
        now = timezone.now()
        if _soon_lost(row, now) and not _ours([row]):
            return
        if not self.gates.lets_in(row.domain, now):
            self.turned_away.append(row)
            return
        try:
            message = messages.message(row, known)
            began = time.monotonic()
            rate.take(now)
            refused = _hand_over(smtp, message)
        except _NOT_ITS_FAULT:
            raise
        except Exception as error:  # poison: named by number and kind of error only, whose words can hold an address
            logger.error("%s %d cannot be mailed: %s", stored_name(row), row.pk, type(error).__name__)
            if mailbox.sealed_with_a_lost_key(bytes(row.address_sealed)):  # which another server knows, or did
                _try_later(row, "MAILBOX_KEYS")
            else:
                quota.set_aside(row, type(error).__name__)
            return
        self.gates.taken(SERVER)
        if refused is None:
            self._sent(row, began)
            return
        self.gates.refused(row.domain, for_good=refused.permanent, now=now)
        if refused.permanent:
            quota.set_aside(row, refused.words, MailState.UNDELIVERABLE)
        else:
            _try_later(row, refused.words)

    def _sent(self, row: Row, began: float) -> None:
        """Mark it with a few others; by itself where the server is slow, or what is sent again."""
        self.sent += 1
        self.gates.taken(row.domain)
        row.sent_at = timezone.now()
        if not self._unmarked:
            self._unmarked_since = began
        self._unmarked.append(row)
        waits = time.monotonic() - self._unmarked_since
        if row.mail_attempts > 1 or len(self._unmarked) >= GROUP or waits > MARKED_WITHIN:
            self._mark()

    def _mark(self) -> None:
        for model, rows in _by_model(self._unmarked):
            mine = model.objects.filter(pk__in=[row.pk for row in rows], mail_state=MailState.WAITING)
            mine.update(claimed_until=None, mail_state=MailState.SENT, sent_at=rows[0].sent_at, mail_error="")
        self._unmarked.clear()

    def leave(self) -> None:
        """Mark what is not marked, and give up the claim on rows that were not tried, as if never claimed."""
        self._mark()
        for model, rows in _by_model([*self.turned_away, *self.waiting]):
            mine = model.objects.filter(pk__in=[row.pk for row in rows], mail_state=MailState.WAITING)
            mine.update(claimed_until=None, mail_attempts=F("mail_attempts") - 1)
        self.gates.leave(timezone.now())


@contextmanager
def _smtp() -> Iterator[Any]:
    smtp = mailers.default
    smtp.open()
    try:
        yield smtp
    finally:
        smtp.close()


def _hand_over(smtp: Any, message: EmailMessage) -> Refused | None:
    """Raises one of _UNREACHABLE if the server is to blame, anything else if the message is.

    What it says to MAIL FROM it would say to every mail: SMTPSenderRefused is one of the former.
    """
    try:
        if not smtp.send_messages([message]):
            raise ValueError("a message without recipient")
    except smtplib.SMTPNotSupportedError as error:
        raise ValueError("an address that the server cannot take") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        if code == 421:
            raise smtplib.SMTPServerDisconnected from error
        # 5.7 speaks of a policy ("relaying denied", "your account is closed"), not of the mailbox.
        return Refused(permanent=code >= 500 and not words.startswith(b"5.7."), words=f"SMTP {code}")
    except smtplib.SMTPDataError as error:
        if error.smtp_code == 421:  # the server is closing down: nothing about this recipient
            raise smtplib.SMTPServerDisconnected from error
        # 5xx after DATA speaks of us or the content, not of the mailbox: try again, slowly.
        return Refused(permanent=False, words=f"SMTP {error.smtp_code}")
    return None


def _words(error: OSError) -> str:
    """What may stand in a log."""
    return f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__


def _soon_lost(row: Row, now: datetime) -> bool:
    return row.claimed_until is None or row.claimed_until < now + timedelta(seconds=settings.OUTBOX_LEASE / 2)


def _ours(rows: Sequence[Row]) -> list[Row]:
    """Renew the lease; returns those still waiting that no other worker has taken meanwhile."""
    until = timezone.now() + timedelta(seconds=settings.OUTBOX_LEASE)
    kept: list[Row] = []
    for model, mine in _by_model(rows):
        leases = {row.claimed_until for row in mine}
        found = model.objects.filter(
            pk__in=[row.pk for row in mine], mail_state=MailState.WAITING, claimed_until__in=leases
        )
        if found.update(claimed_until=until) < len(mine):
            ids = {row.pk for row in mine}
            left = set(model.objects.filter(pk__in=ids, claimed_until=until).values_list("pk", flat=True))
            mine = [row for row in mine if row.pk in left]
        for row in mine:
            row.claimed_until = until
        kept += mine
    return sorted(kept, key=rows.index)


def _by_model(rows: Sequence[Row]) -> Iterator[tuple[type[Row], list[Row]]]:
    for model in (OutboundMail, Signup):
        if mine := [row for row in rows if type(row) is model]:
            yield model, mine


def _try_later(row: Row, error: str) -> None:
    """Put off with growing gaps and jitter, so that an outage ends without a rush."""
    gap = min(settings.OUTBOX_FIRST_GAP * 2 ** min(max(row.mail_attempts - 1, 0), 20), settings.OUTBOX_LONGEST_GAP)
    due = timezone.now() + timedelta(seconds=gap * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    quota.mark(row, mail_due_at=due, mail_error=error)


def oldest_due(now: datetime) -> float:
    """How many seconds the oldest mail that is due has waited; 0 if none is. Not of a mail domain that takes none."""
    closed = CircuitBreakers.look(now).unsure_domains()
    due = [
        model.objects.filter(mail_state=MailState.WAITING, mail_due_at__lte=now).exclude(domain__in=closed)
        for model in (Signup, OutboundMail)
    ]
    first = [row.mail_due_at for rows in due if (row := rows.order_by("mail_due_at").only("mail_due_at").first())]
    return (now - min(first)).total_seconds() if first else 0.0
