"""Rates of mail: MAIL_PER_HOUR for all together, MAIL_PER_DOMAIN_PER_MINUTE for each mail domain.

By the hour: there are as many slots (rows) as mails may be sent in an hour. Sending a mail takes, with one conditional
UPDATE, a slot that was not taken within the last hour; so the rate holds in any hour, whatever the number of workers. A
smaller MAIL_PER_HOUR holds in full after an hour.

By domain: one row counts the mails of a window of a few seconds. A batch asks once which domains it may claim, and
counts its mails once; the rows above the rate are given back and wait.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from signatories.models import MailRate, OutboundMail, Signup

# A minute longer, because a slot is taken a little before its mail is sent.
HOUR = timedelta(hours=1) + timedelta(minutes=1)
_TAKE_SLOT = """
UPDATE signatories_mailslot SET taken_at = %(now)s WHERE id = (
    SELECT id FROM signatories_mailslot WHERE id <= %(most)s AND (taken_at IS NULL OR taken_at <= %(hour_ago)s)
    ORDER BY taken_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_COUNT_FREE_SLOTS = """
SELECT count(*) FROM signatories_mailslot
WHERE id <= %(most)s AND (taken_at IS NULL OR taken_at <= %(hour_ago)s)
"""
_ADD_SLOTS = """
INSERT INTO signatories_mailslot (id)
SELECT n FROM generate_series((SELECT coalesce(max(id), 0) + 1 FROM signatories_mailslot), %(most)s) AS n
ON CONFLICT DO NOTHING
"""
_COUNT_BY_DOMAIN = """
INSERT INTO signatories_mailpace AS rate (domain, since, taken)
SELECT domain, %(now)s, wanted FROM unnest(%(domains)s::text[], %(wanted)s::int[]) AS more(domain, wanted)
ON CONFLICT (domain) DO UPDATE SET
    since = CASE WHEN rate.since > %(since)s AND rate.since < %(until)s THEN rate.since ELSE %(now)s END,
    taken = CASE WHEN rate.since > %(since)s AND rate.since < %(until)s THEN rate.taken ELSE 0 END + excluded.taken
RETURNING domain, taken
"""


class HourlyLimitReached(Exception):
    """MAIL_PER_HOUR mails were sent within the last hour; the others wait until a slot is free."""


def available(now: datetime, wanted: int) -> int:
    """How many of `wanted` mails may be sent now."""
    if not settings.MAIL_PER_HOUR:
        return wanted
    with connection.cursor() as cursor:
        cursor.execute(_ADD_SLOTS, _numbers(now))
        cursor.execute(_COUNT_FREE_SLOTS, _numbers(now))
        return min(wanted, int(cursor.fetchone()[0]))


def spare(now: datetime, wanted: int, claimed: int) -> int:
    """How many mails of UNHURRIED kinds may go besides those `claimed`: half of an hour is kept for confirmations."""
    if not settings.MAIL_PER_HOUR:
        return wanted
    free = available(now, settings.MAIL_PER_HOUR) - claimed
    return max(0, min(wanted, free - settings.MAIL_PER_HOUR // 2))


def take_slot(now: datetime) -> None:
    """Take the slot of one mail. Raises HourlyLimitReached."""
    if not settings.MAIL_PER_HOUR:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_SLOT, _numbers(now))
        if cursor.fetchone() is None:
            raise HourlyLimitReached


def domains_at_limit(now: datetime) -> list[str]:
    """Mail domains that are sent nothing more in this window."""
    if not settings.MAIL_PER_DOMAIN_PER_MINUTE:
        return []
    most, window = _window()
    rows = MailRate.objects.filter(taken__gte=most, since__gt=now - window, since__lt=now + window)
    return list(rows.values_list("domain", flat=True))


def split[Row: Signup | OutboundMail](rows: Sequence[Row], now: datetime) -> tuple[list[Row], list[Row]]:
    """The rows of a batch that their domains may be sent now, and those above the rate, each in their order.

    Counts the whole batch.
    """
    if not settings.MAIL_PER_DOMAIN_PER_MINUTE or not rows:
        return list(rows), []
    most, window = _window()
    wanted = sorted(Counter(row.domain for row in rows).items())  # all workers lock in the same order: no deadlock
    domains, numbers = zip(*wanted, strict=True)
    values = {"now": now, "since": now - window, "until": now + window}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_BY_DOMAIN, values | {"domains": list(domains), "wanted": list(numbers)})
        taken = dict(cursor.fetchall())
    left = {domain: most - (taken[domain] - number) for domain, number in wanted}
    seen: defaultdict[str, int] = defaultdict(int)
    now_or_later: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        now_or_later[seen[row.domain] >= left[row.domain]].append(row)
        seen[row.domain] += 1
    return now_or_later


def _window() -> tuple[int, timedelta]:
    """A number of mails and a length of time: so many in each such window keep the rate in any minute."""
    most = max(1, settings.MAIL_PER_DOMAIN_PER_MINUTE // 10)
    return most, timedelta(minutes=1) / max(1, settings.MAIL_PER_DOMAIN_PER_MINUTE // most - 1)


def _numbers(now: datetime) -> dict[str, datetime | int]:
    return {"now": now, "hour_ago": now - HOUR, "most": settings.MAIL_PER_HOUR}
