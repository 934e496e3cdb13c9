"""The pace of mail: never more than MAIL_PER_HOUR handed over in any hour, by however many workers.

There are as many slots as mails may go out in an hour. To hand over a mail is to take, with one conditional UPDATE,
a slot that nobody has taken for an hour. A smaller MAIL_PER_HOUR holds in full after an hour.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

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


def _numbers(now: datetime) -> dict[str, datetime | int]:
    return {"now": now, "hour_ago": now - HOUR, "most": settings.MAIL_PER_HOUR}
