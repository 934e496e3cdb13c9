"""Claiming rows of the outbox: a lease of OUTBOX_LEASE seconds, which ends by itself when its worker dies."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from psycopg import sql

from signatories.models import Mailing, OutboundMail, Signup
from signatories.models import settings as site
from signatories.models.gathering import FILES
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import UNHURRIED, MailKind

type Row = Signup | OutboundMail

_CLAIM = """
UPDATE {table} SET claimed_until = %(until)s, mail_attempts = mail_attempts + 1
WHERE id IN (
    SELECT id FROM {table}
    WHERE mail_state = 'waiting' AND mail_due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
        AND domain <> ALL(%(without)s::text[]) {sort}
    ORDER BY mail_due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""
_FILES = tuple(f"invitee__{file}" for file in FILES)
# What mails of hurried and of unhurried kinds are made from.
_RELATED = {
    False: ("signature", "signup__text", "signup__signature"),
    True: ("signature__text", "invitee__batch__partner"),
}
# News goes out by the ten thousand, and needs little of its person.
_OF_NEWS = (
    "kind", "language", "once", "created_at", "address_sealed", "address_digest", "domain", "allowed_at",
    "mail_state", "mail_due_at", "mail_attempts", "claimed_until", "sent_at",
    "signature__state", "signature__news", "signature__nonce", "mailing__state", "mailing__paused_at",
    "mailing__update__words_at", "mailing__update__published_at", "mailing__update__taken_down_at",
)  # fmt: skip


def claim(
    model: type[Row], now: datetime, most: int | None = None, without: Sequence[str] = (), *, unhurried: bool = False
) -> list[Row]:
    """Claim due rows of one table for OUTBOX_LEASE seconds, oldest first; at most `most` or OUTBOX_BATCH.

    None of the mail domains `without`; either only mails of UNHURRIED kinds, or none: they go when nobody else waits.
    Mails of a mailing that is paused stay, and so do invitations to sign while signing is paused.
    """
    table = sql.Identifier(model._meta.db_table)
    until = now + timedelta(seconds=settings.OUTBOX_LEASE)
    batch = settings.OUTBOX_BATCH if most is None else most
    statement = sql.SQL(_CLAIM).format(table=table, sort=_sort(model, unhurried=unhurried))
    values: dict[str, Any] = {"until": until, "now": now, "batch": batch, "without": list(without)}
    values |= {"unhurried": [kind.value for kind in UNHURRIED], "paused": Mailing.paused_ids() if unhurried else []}
    values["asking"] = unhurried and site.current(now).taking_signatures
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    claimed: Any = model._default_manager.filter(pk__in=ids)
    if model is Signup:
        return list(claimed.select_related("text").order_by("mail_due_at", "pk"))
    found = list(_news(claimed)) if unhurried else []
    if len(found) < len(ids):
        others = claimed.exclude(kind=MailKind.NEWS).select_related(*_RELATED[unhurried])
        found += others.defer(*(_FILES if unhurried else ()))
    return sorted(found, key=lambda row: (row.mail_due_at, row.pk))


def _news(claimed: QuerySet[Any]) -> QuerySet[Any]:
    return claimed.filter(kind=MailKind.NEWS).select_related("signature", "mailing__update").only(*_OF_NEWS)


def _sort(model: type[Row], *, unhurried: bool) -> sql.SQL:
    if model is Signup:
        return sql.SQL("")
    if not unhurried:
        return sql.SQL("AND kind <> ALL(%(unhurried)s)")
    return sql.SQL(
        "AND kind = ANY(%(unhurried)s) AND (mailing_id IS NULL OR mailing_id <> ALL(%(paused)s::bigint[]))"
        " AND (kind <> 'gathered' OR %(asking)s OR invitee_id IN (SELECT id FROM signatories_invitee WHERE is_test))"
    )


def unclaimed(now: datetime) -> Q:
    """Filter rows that no worker is sending."""
    return Q(claimed_until=None) | Q(claimed_until__lt=now)


def lease_ends_soon(row: Row, now: datetime) -> bool:
    """Whether another worker may take a row before long."""
    return row.claimed_until is None or row.claimed_until < now + timedelta(seconds=settings.OUTBOX_LEASE / 2)


def renew_lease(rows: Sequence[Row]) -> list[Row]:
    """Claim rows for another OUTBOX_LEASE; returns those that still wait and were not claimed by another worker."""
    until = timezone.now() + timedelta(seconds=settings.OUTBOX_LEASE)
    kept: list[Row] = []
    for model, claimed in by_model(rows):
        ids, leases = {row.pk for row in claimed}, {row.claimed_until for row in claimed}
        found = model.objects.filter(pk__in=ids, mail_state=MailState.WAITING, claimed_until__in=leases)
        if found.update(claimed_until=until) < len(claimed):
            renewed = set(model.objects.filter(pk__in=ids, claimed_until=until).values_list("pk", flat=True))
            claimed = [row for row in claimed if row.pk in renewed]
        for row in claimed:
            row.claimed_until = until
        kept += claimed
    return sorted(kept, key=rows.index)


def by_model(rows: Sequence[Row]) -> Iterator[tuple[type[Row], list[Row]]]:
    """Yield the rows of each table."""
    for model in (OutboundMail, Signup):
        if found := [row for row in rows if type(row) is model]:
            yield model, found
