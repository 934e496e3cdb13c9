"""Mails of forms whose puzzle was not solved: they wait, and are let through at a slow pace of their own.

Beyond the free share of a network anybody may go on without the puzzle (see signatories/screening/limits.py), and so
may a machine. Its forms are taken, but it cannot make us mail strangers by the thousand: every TURN one mail of each
network is let through, oldest first, and MOST of all networks together.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from signatories.identity.links import Purpose

TURN, MOST = timedelta(seconds=30), 15
_TAKE_TURN = """
INSERT INTO signatories_mailpace AS turn (domain, since, taken) VALUES ('unsolved', %(now)s, 0)
ON CONFLICT (domain) DO UPDATE SET since = excluded.since
WHERE turn.since <= %(before)s OR turn.since > %(now)s
RETURNING 1
"""
_LET_THROUGH = """
UPDATE signatories_signup SET mail_due_at = %(now)s WHERE id IN (
    SELECT id FROM (
        SELECT DISTINCT ON (network) id FROM signatories_signup
        WHERE mail_state = 'waiting' AND held_for @> ARRAY['unsolved']::varchar(200)[] AND mail_due_at > %(far)s
        ORDER BY network, id
    ) AS first_of_each_network
    ORDER BY id LIMIT %(most)s
)
"""


def due(now: datetime) -> datetime:
    """When such a mail is due if it is never let through: later than its row is kept."""
    return now + Purpose.CONFIRM.lifetime


def let_through(now: datetime) -> int:
    """Let the mails of this turn through; returns how many. Any number of workers take one turn together."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, {"now": now, "before": now - TURN})
        if cursor.fetchone() is None:
            return 0
        far = now + Purpose.CONFIRM.lifetime / 2
        cursor.execute(_LET_THROUGH, {"now": now, "far": far, "most": MOST})
        return int(cursor.rowcount)
