"""The pace of mail: never more than MAIL_PER_HOUR handed over in any hour, by however many workers.

There are as many slots as mails may go out in an hour. To hand over a mail is to take, with one conditional UPDATE,
a slot that nobody has taken for an hour. A smaller MAIL_PER_HOUR holds in full after an hour.

One mail domain gets no more than MAIL_PER_DOMAIN_PER_MINUTE in any minute: a row counts its mails of a few seconds. A
batch asks once which domains it may claim, and takes its share once; what is left of a domain waits, unclaimed.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from signatories.models import MailRate, OutboundMail, Signup

# A slot is taken a little before its mail is through.
HOUR = timedelta(hours=1) + timedelta(minutes=1)
_TAKE = """
UPDATE signatories_mailslot SET taken_at = %(now)s WHERE id = (
    SELECT id FROM signatories_mailslot WHERE id <= %(most)s AND (taken_at IS NULL OR taken_at <= %(hour_ago)s)
    ORDER BY taken_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_FREE = """
SELECT count(*) FROM signatories_mailslot
WHERE id <= %(most)s AND (taken_at IS NULL OR taken_at <= %(hour_ago)s)
"""
_MAKE = """
INSERT INTO signatories_mailslot (id)
SELECT n FROM generate_series((SELECT coalesce(max(id), 0) + 1 FROM signatories_mailslot), %(most)s) AS n
ON CONFLICT DO NOTHING
"""
_SHARE = """
INSERT INTO signatories_mailpace AS pace (domain, since, taken)
SELECT domain, %(now)s, wanted FROM unnest(%(domains)s::text[], %(wanted)s::int[]) AS more(domain, wanted)
ON CONFLICT (domain) DO UPDATE SET
    since = CASE WHEN pace.since > %(since)s AND pace.since < %(until)s THEN pace.since ELSE %(now)s END,
    taken = CASE WHEN pace.since > %(since)s AND pace.since < %(until)s THEN pace.taken ELSE 0 END + excluded.taken
RETURNING domain, taken
"""


class Spent(Exception):
    """This hour's mails are out; what waits goes on when a slot is free."""


def left(now: datetime, wanted: int) -> int:
    """How many of `wanted` mails may be handed over now."""
    if not settings.MAIL_PER_HOUR:
        return wanted
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, _numbers(now))
        cursor.execute(_FREE, _numbers(now))
        return min(wanted, int(cursor.fetchone()[0]))


def take(now: datetime) -> None:
    """Take the slot of one mail. Raises Spent."""
    if not settings.MAIL_PER_HOUR:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, _numbers(now))
        if cursor.fetchone() is None:
            raise Spent


def spent_domains(now: datetime) -> list[str]:
    """Mail domains that are sent nothing in these seconds."""
    if not settings.MAIL_PER_DOMAIN_PER_MINUTE:
        return []
    most, seconds = _most()
    rows = MailRate.objects.filter(taken__gte=most, since__gt=now - seconds, since__lt=now + seconds)
    return list(rows.values_list("domain", flat=True))


def share[Row: Signup | OutboundMail](rows: Sequence[Row], now: datetime) -> tuple[list[Row], list[Row]]:
    """Those of a batch that their domains may be sent now, and the others, each in their order."""
    if not settings.MAIL_PER_DOMAIN_PER_MINUTE or not rows:
        return list(rows), []
    most, seconds = _most()
    wanted = sorted(Counter(row.domain for row in rows).items())  # in one order: workers wait for no ring of others
    domains, numbers = zip(*wanted, strict=True)
    values = {"now": now, "since": now - seconds, "until": now + seconds}
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, values | {"domains": list(domains), "wanted": list(numbers)})
        taken = dict(cursor.fetchall())
    left = {domain: most - (taken[domain] - number) for domain, number in wanted}
    seen: defaultdict[str, int] = defaultdict(int)
    now_or_later: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        now_or_later[seen[row.domain] >= left[row.domain]].append(row)
        seen[row.domain] += 1
    return now_or_later


def _most() -> tuple[int, timedelta]:
    """So many mails within so long make no more than MAIL_PER_DOMAIN_PER_MINUTE in any minute, wherever it begins."""
    most = max(1, settings.MAIL_PER_DOMAIN_PER_MINUTE // 10)
    return most, timedelta(minutes=1) / max(1, settings.MAIL_PER_DOMAIN_PER_MINUTE // most - 1)


def _numbers(now: datetime) -> dict[str, datetime | int]:
    return {"now": now, "hour_ago": now - HOUR, "most": settings.MAIL_PER_HOUR}
