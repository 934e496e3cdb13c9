"""Who is at the desk now: noted with each page, read by the overview and by whatever two people may do at once.

Rooms below the desk read the model: `Presence.objects.active(now)`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from signatories.desk.presence.words import words_for
from signatories.models import Presence
from signatories.models.presence import PresenceQuerySet

NOTED_EACH = timedelta(seconds=20)  # on the same page nothing is written more often
# Somebody who was noted a moment ago, on the same page, is only read: the row is neither locked nor written.
_NOTE = """
INSERT INTO signatories_presence AS p (account_id, page, subject, seen_at, opened_at)
SELECT %(account)s, %(page)s, %(subject)s, %(now)s, %(opened)s
WHERE NOT EXISTS (
    SELECT FROM signatories_presence
    WHERE account_id = %(account)s AND page = %(page)s AND subject = %(subject)s AND seen_at > %(fresh)s
        AND (%(opened)s::timestamptz IS NULL OR opened_at > %(fresh)s)
)
ON CONFLICT (account_id) DO UPDATE SET page = excluded.page, subject = excluded.subject,
    seen_at = greatest(p.seen_at, excluded.seen_at), opened_at = greatest(p.opened_at, excluded.opened_at)
"""


class Present(NamedTuple):
    """An organizer who is there: the name as in the trail, the page in words, and what it is about, or ""."""

    account_id: int
    name: str
    page: str
    subject: str
    seen_at: datetime

    @property
    def signature(self) -> int | None:
        """Return the id of the signature that is looked at; None on other pages."""
        kind, _space, pk = self.subject.partition(" ")
        return int(pk) if kind == "signature" and pk.isdigit() else None


def note(*, account: AbstractBaseUser, page: str, subject: str, now: datetime, by_itself: bool = False) -> bool:
    """Note on which page an organizer is; `by_itself`: the page has renewed itself.

    Returns whether a row was written: at most once each NOTED_EACH for the same page. Safe to repeat.
    """
    values = {"account": account.pk, "page": page, "subject": subject, "now": now, "fresh": now - NOTED_EACH}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values | {"opened": None if by_itself else now})
        return bool(cursor.rowcount)


def active(now: datetime) -> list[Present]:
    """Return the organizers who opened a page or acted within 30 minutes, the latest first."""
    return _present(Presence.objects.active(now))


def at_the_desk(now: datetime) -> list[Present]:
    """Return the organizers who have a page of the desk before them, the latest first."""
    return _present(Presence.objects.at_the_desk(now))


def _present(rows: PresenceQuerySet) -> list[Present]:
    return [
        Present(row.account_id, row.account.get_username(), words_for(row.page), row.subject, row.seen_at)
        for row in rows.order_by("-seen_at", "account_id")
    ]
