"""Gates: where mail is not taken nobody knocks, but for one mail now and then that opens the gate for all.

A gate belongs to the mail server or to one mail domain. Rows of a closed gate are not claimed and stay as they are.
When its time has come, the one worker that moves `closed_until` (compared with what it saw) may try one mail; success
opens the gate, failure closes it for longer. So an outage costs few tries, by however many workers.
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

SERVER = "*"  # no mail domain
_CLOSE = """
INSERT INTO signatories_mailgate AS gate (key, failures, closed_until, first_failed_at, counted_from)
VALUES (%(key)s, 1, %(now)s + make_interval(secs => least(%(first)s, %(longest)s) * %(jitter)s), %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    failures = gate.failures + 1,
    closed_until = %(now)s
        + make_interval(secs => least(%(first)s * 2 ^ least(gate.failures, 20), %(longest)s) * %(jitter)s),
    first_failed_at = coalesce(gate.first_failed_at, %(now)s)
WHERE gate.closed_until IS NOT DISTINCT FROM %(seen)s
"""
_REFUSED = """
INSERT INTO signatories_mailgate AS gate (key, counted_from, tried, refused, put_off)
VALUES (%(key)s, %(now)s, 1, 1, %(put_off)s)
ON CONFLICT (key) DO UPDATE SET
    counted_from = CASE WHEN gate.counted_from > %(since)s THEN gate.counted_from ELSE %(now)s END,
    tried = CASE WHEN gate.counted_from > %(since)s THEN gate.tried ELSE 0 END + 1,
    refused = CASE WHEN gate.counted_from > %(since)s THEN gate.refused ELSE 0 END + 1,
    put_off = CASE WHEN gate.counted_from > %(since)s THEN gate.put_off ELSE 0 END + %(put_off)s
RETURNING tried, refused, put_off
"""
_TAKEN = """
UPDATE signatories_mailgate AS gate SET tried = gate.tried + more.n, put_off = 0
FROM unnest(%s::text[], %s::int[]) AS more(key, n) WHERE gate.key = more.key
"""


class CircuitBreakers:
    """What one worker knows of the gates while it sends a batch, and what it found out."""

    def __init__(self, closed: dict[str, datetime], watched: Iterable[str]) -> None:
        self._closed = closed
        self._watched = set(watched)  # domains that refused something lately: their successes are counted too
        self._trying: set[str] = set()
        self._taken: Counter[str] = Counter()

    @classmethod
    def look(cls, now: datetime) -> Self:
        """The gates as they are: a handful of rows."""
        since = now - timedelta(seconds=settings.MAIL_CIRCUIT_WINDOW)
        rows = MailCircuit.objects.filter(Q(closed_until__isnull=False) | Q(counted_from__gt=since))
        found = dict(rows.values_list("key", "closed_until"))
        return cls({key: until for key, until in found.items() if until}, found.keys() - {SERVER})

    def closed_to(self, key: str, now: datetime) -> bool:
        """Whether nobody may try."""
        return key in self._closed and self._closed[key] > now and key not in self._trying

    def unsure(self, key: str) -> bool:
        """Whether one mail alone may try."""
        return key in self._closed

    def unsure_domains(self) -> list[str]:
        """Those that take no mail, or are not known to take any again."""
        return [key for key in self._closed if key != SERVER]

    def closed_domains(self, now: datetime) -> list[str]:
        """Whose rows are not to be claimed."""
        return [key for key in self.unsure_domains() if self.closed_to(key, now)]

    def lets_in(self, key: str, now: datetime) -> bool:
        """Whether a mail may be tried. Behind a closed gate whose time has come one worker is let in, and no other."""
        if key not in self._closed or key in self._trying:
            return True
        if self._closed[key] > now:
            return False
        until = now + timedelta(seconds=settings.OUTBOX_LEASE)
        seen = MailCircuit.objects.filter(pk=key, closed_until=self._closed[key])
        if seen.update(closed_until=until):
            self._trying.add(key)
        self._closed[key] = until  # who comes too late need not know more
        return key in self._trying

    def taken(self, key: str) -> None:
        """A mail was taken: open the gate, if it is closed."""
        if key in self._trying:
            self._trying.remove(key)
            seen = MailCircuit.objects.filter(pk=key, closed_until=self._closed.pop(key))
            seen.update(closed_until=None, failures=0, first_failed_at=None, tried=0, refused=0, put_off=0)
        elif key in self._watched:
            self._taken[key] += 1

    def refused(self, domain: str, *, for_good: bool, now: datetime) -> None:
        """A mail to this domain was refused; close its gate if that goes on."""
        if not domain:
            return
        self._count()
        self._watched.add(domain)
        if domain in self._trying or _too_many(domain, for_good, now):
            self.fail(domain, now)

    def fail(self, key: str, now: datetime) -> None:
        """Close a gate, for longer each time. One worker of those who saw the same does."""
        with connection.cursor() as cursor:
            cursor.execute(
                _CLOSE,
                {
                    "key": key, "now": now, "seen": self._closed.get(key), "first": settings.OUTBOX_FIRST_GAP,
                    "longest": settings.OUTBOX_LONGEST_GAP,
                    "jitter": random.uniform(0.8, 1.2),  # noqa: S311 - no secret
                },
            )  # fmt: skip
        self._trying.discard(key)
        self._closed[key] = datetime.max.replace(tzinfo=now.tzinfo)  # for this batch; the next one looks anew

    def leave(self, now: datetime) -> None:
        """Write down what was counted, and let somebody else try where this worker had nothing to send."""
        self._count()
        for key in self._trying:
            MailCircuit.objects.filter(pk=key, closed_until=self._closed[key]).update(closed_until=now)
        self._trying.clear()

    def _count(self) -> None:
        if self._taken:
            keys = sorted(self._taken)  # in one order, so that workers do not wait for each other in a ring
            with connection.cursor() as cursor:
                cursor.execute(_TAKEN, [keys, [self._taken[key] for key in keys]])
            self._taken.clear()


def _too_many(domain: str, for_good: bool, now: datetime) -> bool:
    """Count a refusal; whether the domain takes nothing, or puts everybody off.

    One that is put off says nothing yet (a full mailbox, a greylist), some in a row do. Of a large provider we know
    that it lives: there a refusal for good speaks of a mailbox, and no flood of invented ones closes its gate.
    """
    since = now - timedelta(seconds=settings.MAIL_CIRCUIT_WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, {"key": domain, "now": now, "since": since, "put_off": 0 if for_good else 1})
        tried, refused, put_off = cursor.fetchone()
    if put_off >= settings.MAIL_CIRCUIT_DEFERRED:
        return True
    if tried < settings.MAIL_CIRCUIT_TRIED or refused < settings.MAIL_CIRCUIT_SHARE * tried:
        return False
    return not Listed.objects.filter(kind=ListKind.PROVIDER, value=domain).exists()
