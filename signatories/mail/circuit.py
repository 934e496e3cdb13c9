"""Circuit breakers of the mail: after failures nothing is sent for a while, then one mail tries whether it goes again.

There is one for the mail server and one for each mail domain that refuses mail. Its states, in the usual words:

- closed: mail is sent. There is no row, or `closed_until` is NULL.
- open, here "paused": nothing is sent before the moment in `closed_until` (a name from before). Rows of a paused
  domain are not claimed and stay as they are.
- half-open: that moment has come. One worker, the one whose conditional UPDATE moves `closed_until`, may send one mail
  as a trial. Success closes the circuit; failure pauses it again, for longer.

So an outage costs few connections, whatever the number of workers. See docs/decisions/0012-gates-for-mail.md.
"""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import connection
from django.db.models import Q

from signatories.models import Listed, MailCircuit
from signatories.models.limits import ListKind

SERVER = "*"  # the key of the mail server; every other key is a mail domain
_PAUSE = """
INSERT INTO signatories_mailgate AS circuit (key, failures, closed_until, first_failed_at, counted_from)
VALUES (%(key)s, 1, %(now)s + make_interval(secs => least(%(first)s, %(longest)s) * %(jitter)s), %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    failures = circuit.failures + 1,
    closed_until = %(now)s
        + make_interval(secs => least(%(first)s * 2 ^ least(circuit.failures, 20), %(longest)s) * %(jitter)s),
    first_failed_at = coalesce(circuit.first_failed_at, %(now)s)
WHERE circuit.closed_until IS NOT DISTINCT FROM %(seen)s
"""
_COUNT_REFUSAL = """
INSERT INTO signatories_mailgate AS circuit (key, counted_from, tried, refused, put_off)
VALUES (%(key)s, %(now)s, 1, 1, %(put_off)s)
ON CONFLICT (key) DO UPDATE SET
    counted_from = CASE WHEN circuit.counted_from > %(since)s THEN circuit.counted_from ELSE %(now)s END,
    tried = CASE WHEN circuit.counted_from > %(since)s THEN circuit.tried ELSE 0 END + 1,
    refused = CASE WHEN circuit.counted_from > %(since)s THEN circuit.refused ELSE 0 END + 1,
    put_off = CASE WHEN circuit.counted_from > %(since)s THEN circuit.put_off ELSE 0 END + %(put_off)s
RETURNING tried, refused, put_off
"""
_COUNT_SUCCESSES = """
UPDATE signatories_mailgate AS circuit SET tried = circuit.tried + more.n, put_off = 0
FROM unnest(%s::text[], %s::int[]) AS more(key, n) WHERE circuit.key = more.key
"""


class CircuitBreakers:
    """The circuits as one worker read them before its batch, and what it learns while it sends the batch."""

    def __init__(self, resumes_at: dict[str, datetime], counted: Iterable[str]) -> None:
        self._resumes_at = resumes_at  # of every circuit that is not closed
        self._counted = set(counted)  # domains that refused something lately: their successes are counted too
        self._trials: set[str] = set()  # half-open circuits whose trial is this worker's
        self._successes: Counter[str] = Counter()

    @classmethod
    def load(cls, now: datetime) -> Self:
        """Read the circuits from the database: a handful of rows."""
        since = now - timedelta(seconds=settings.MAIL_CIRCUIT_WINDOW)
        rows = MailCircuit.objects.filter(Q(closed_until__isnull=False) | Q(counted_from__gt=since))
        found = dict(rows.values_list("key", "closed_until"))
        return cls({key: until for key, until in found.items() if until}, found.keys() - {SERVER})

    def is_paused(self, key: str, now: datetime) -> bool:
        """Whether nothing may be sent, not even a trial."""
        return key in self._resumes_at and self._resumes_at[key] > now and key not in self._trials

    def is_failing(self, key: str) -> bool:
        """Whether the circuit is paused or half-open: at most one mail may be sent."""
        return key in self._resumes_at

    def failing_domains(self) -> list[str]:
        """Mail domains whose circuit is paused or half-open."""
        return [key for key in self._resumes_at if key != SERVER]

    def paused_domains(self, now: datetime) -> list[str]:
        """Mail domains whose rows are not to be claimed."""
        return [key for key in self.failing_domains() if self.is_paused(key, now)]

    def allows(self, key: str, now: datetime) -> bool:
        """Whether a mail may be sent now. Of a half-open circuit this takes the trial, which only one worker gets."""
        if key not in self._resumes_at or key in self._trials:
            return True
        if self._resumes_at[key] > now:
            return False
        until = now + timedelta(seconds=settings.OUTBOX_LEASE)
        unchanged = MailCircuit.objects.filter(pk=key, closed_until=self._resumes_at[key])
        if unchanged.update(closed_until=until):
            self._trials.add(key)
        self._resumes_at[key] = until  # without the trial: paused for the rest of this batch
        return key in self._trials

    def record_success(self, key: str) -> None:
        """A mail was accepted. If it was the trial, the circuit is closed: mail is sent again."""
        if key in self._trials:
            self._trials.remove(key)
            unchanged = MailCircuit.objects.filter(pk=key, closed_until=self._resumes_at.pop(key))
            unchanged.update(closed_until=None, failures=0, first_failed_at=None, tried=0, refused=0, put_off=0)
        elif key in self._counted:
            self._successes[key] += 1

    def record_refusal(self, domain: str, *, permanent: bool, now: datetime) -> None:
        """A mail to this domain was refused. Pauses the domain if it was the trial, or the last of too many."""
        if not domain:
            return
        self._write_successes()
        self._counted.add(domain)
        if domain in self._trials or _too_many_refusals(domain, permanent, now):
            self.pause(domain, now)

    def pause(self, key: str, now: datetime) -> None:
        """Send nothing for a while, longer after each failure. Of workers that read the same state one has effect."""
        with connection.cursor() as cursor:
            cursor.execute(
                _PAUSE,
                {
                    "key": key, "now": now, "seen": self._resumes_at.get(key), "first": settings.OUTBOX_FIRST_GAP,
                    "longest": settings.OUTBOX_LONGEST_GAP,
                    "jitter": random.uniform(0.8, 1.2),  # noqa: S311 - no secret
                },
            )  # fmt: skip
        self._trials.discard(key)
        self._resumes_at[key] = datetime.max.replace(tzinfo=now.tzinfo)  # in this batch; the next one reads again

    def finish(self, now: datetime) -> None:
        """Write the counts down, and give back trials for which there was no mail, so that another worker may try."""
        self._write_successes()
        for key in self._trials:
            MailCircuit.objects.filter(pk=key, closed_until=self._resumes_at[key]).update(closed_until=now)
        self._trials.clear()

    def _write_successes(self) -> None:
        if self._successes:
            keys = sorted(self._successes)  # all workers lock rows in the same order: no deadlock
            with connection.cursor() as cursor:
                cursor.execute(_COUNT_SUCCESSES, [keys, [self._successes[key] for key in keys]])
            self._successes.clear()


def _too_many_refusals(domain: str, permanent: bool, now: datetime) -> bool:
    """Count a refusal; returns whether the domain is to be paused.

    One temporary refusal means little (a full mailbox, a greylist), some in a row mean that the domain throttles us.
    Permanent ones count by their share, but not of a large provider: it is known to work, so they are about single
    mailboxes, and a flood of invented addresses must not stop the mail to all others there.
    """
    since = now - timedelta(seconds=settings.MAIL_CIRCUIT_WINDOW)
    with connection.cursor() as cursor:
        put_off = 0 if permanent else 1
        cursor.execute(_COUNT_REFUSAL, {"key": domain, "now": now, "since": since, "put_off": put_off})
        tried, refused, put_off = cursor.fetchone()
    if put_off >= settings.MAIL_CIRCUIT_DEFERRED:
        return True
    if tried < settings.MAIL_CIRCUIT_TRIED or refused < settings.MAIL_CIRCUIT_SHARE * tried:
        return False
    return not Listed.objects.filter(kind=ListKind.PROVIDER, value=domain).exists()
