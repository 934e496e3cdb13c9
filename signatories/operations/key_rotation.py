"""Key rotation: rows are moved under the keys in use while the site is up. See docs/decisions/0013.

While DIGEST_KEY_FALLBACKS names a key, rows of one mailbox may carry different digests. A search for a mailbox looks
for all of them (`mailbox.digests`). A change that makes a signature live locks the mailbox first (`lock_mailbox`),
because the unique constraint of the table cannot see that two digests are one mailbox. `move` ends that state. A row
without an address, such as a stop, can be moved only when its mailbox appears again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from psycopg import sql

from signatories.identity import mailbox
from signatories.mail import quota
from signatories.models import MailQuota, OutboundMail, Report, Signature, Signup, StoppedMailbox
from signatories.models.stored_names import stored_name

type Row = Signup | Signature | OutboundMail | Report

# Signups first: those that are confirmed meanwhile become signatures under the new keys.
TABLES: tuple[type[Row], ...] = (Signup, Signature, OutboundMail, Report)
BATCH = 500
PATIENCE = 10  # rounds without progress, a second apart, before locked rows are left to the next run


@dataclass
class Found:
    """Counts of one table; rows by their ids."""

    table: str
    rows: int = 0
    behind: int = 0  # under an older key
    moved: int = 0
    unreadable: list[int] = field(default_factory=list)  # no key of MAILBOX_KEYS opens them
    clashing: list[int] = field(default_factory=list)  # another live signature of the mailbox is in their place

    @property
    def left(self) -> int:
        """How many could have been moved and were not, because somebody else held them."""
        return self.behind - self.moved - len(self.clashing)


class Behind(NamedTuple):
    """A row under an older key: its present and its new values."""

    pk: int
    sealed: bytes
    sealed_now: bytes
    digest_now: bytes


@dataclass(frozen=True)
class Remains:
    """Rows that need older keys and have no address by which they could be moved."""

    stopped: int
    erased: int
    erased_until: datetime | None


def count_rows_under_older_keys() -> list[Found]:
    """Count by table; changes nothing."""
    return [_each_batch(model, lambda _found, _rows, _behind: None) for model in TABLES]


def move(report: Callable[[Found], None]) -> list[Found]:
    """Put every row that holds an address under the keys in use. Returns the last counts of each table.

    Safe to interrupt, to repeat, and to run twice at once. Each batch is a transaction. A row that somebody else holds
    is skipped and tried again. A row that is withdrawn or erased meanwhile stays so: only two columns are written, and
    only if the address is still the one that was read.
    """
    idle = 0
    while True:
        last = []
        for model in TABLES:
            found = _each_batch(model, _move_batch)
            report(found)
            last.append(found)
        if not any(found.moved or found.left for found in last):
            return last
        idle = 0 if any(found.moved for found in last) else idle + 1
        if idle == PATIENCE:
            return last
        if idle:
            time.sleep(1)


def _each_batch(model: type[Row], act: Callable[[Found, list[Row], list[Behind]], None]) -> Found:
    found = Found(stored_name(model))
    for rows in _batches(model):
        found.rows += len(rows)
        opened, behind = [], []
        for row in rows:
            try:
                plan = _plan(row)
            except InvalidToken:
                found.unreadable.append(row.pk)
                continue
            opened.append(row)
            behind += [plan] if plan else []
        found.behind += len(behind)
        if opened:
            act(found, opened, behind)
    return found


def _batches(model: type[Row]) -> Iterator[list[Row]]:
    """Every row that holds an address, by id. No transaction is open between two batches."""
    columns = ["pk", "address_sealed"] if model is Report else ["pk", "address_sealed", "address_digest"]
    last = 0
    sealed = model._default_manager.exclude(address_sealed=b"").order_by("pk").only(*columns)
    while rows := list(sealed.filter(pk__gt=last)[:BATCH]):
        yield rows
        last = rows[-1].pk


def _plan(row: Row) -> Behind | None:
    """The values to write; None if the row is under the keys in use. Raises InvalidToken."""
    sealed = bytes(row.address_sealed)
    sealed_now = mailbox.sealed_now(sealed)
    if isinstance(row, Report):
        return None if sealed_now == sealed else Behind(row.pk, sealed, sealed_now, b"")
    digest_now = mailbox.digest(mailbox.unseal(sealed))
    if sealed_now == sealed and digest_now == bytes(row.address_digest):
        return None
    return Behind(row.pk, sealed, sealed_now, digest_now)


def _move_batch(found: Found, rows: list[Row], behind: list[Behind]) -> None:
    model = type(rows[0])
    try:
        found.moved += _write(model, behind)
    except IntegrityError:
        for one in behind:
            try:
                found.moved += _write(model, [one])
            except IntegrityError:
                found.clashing.append(one.pk)
    _carry_all([row for row in rows if not isinstance(row, Report)])


def _write(model: type[Row], behind: list[Behind]) -> int:
    table = sql.Identifier(model._meta.db_table)
    digest = sql.SQL("" if model is Report else ", address_digest = %(digest_now)s")
    statement = sql.SQL(
        "UPDATE {table} SET address_sealed = %(sealed_now)s{digest} WHERE id = %(pk)s AND address_sealed = %(sealed)s"
    ).format(table=table, digest=digest)
    with transaction.atomic(), connection.cursor() as cursor:
        # Locked without waiting: to wait for a row while holding others could be a deadlock.
        wanted = model._default_manager.select_for_update(skip_locked=True).filter(pk__in=[one.pk for one in behind])
        free = set(wanted.values_list("pk", flat=True))
        taken = [one._asdict() for one in behind if one.pk in free]
        if not taken:
            return 0
        cursor.executemany(statement, taken)
        return int(cursor.rowcount)


def _carry_all(rows: list[Signup | Signature | OutboundMail]) -> None:
    """Move stops and quotas, which are stored by digest, of the mailboxes of these rows."""
    mailboxes = [mailbox.digests_of(row) for row in rows]
    every = {digest for digests in mailboxes for digest in digests}
    stopped = StoppedMailbox.objects.filter(pk__in=every).exclude(digest_key=mailbox.key_in_use())
    counted = MailQuota.objects.filter(address_digest__in=every)
    stored = [*stopped.values_list("pk", flat=True), *counted.values_list("address_digest", flat=True)]
    known = {bytes(digest) for digest in stored}
    if not known:
        return
    # A stop from before `digest_key` existed may be under the key in use already.
    firsts = [digests[0] for digests in mailboxes if digests[0] in known]
    StoppedMailbox.objects.filter(pk__in=firsts).update(digest_key=mailbox.key_in_use())
    for digests in mailboxes:
        if known.intersection(digests[1:]):
            quota.carry_over(digests)


def remains() -> Remains:
    """Count rows without an address that need older keys."""
    in_use = Q(digest_key=mailbox.key_in_use())
    erased = Signature.objects.exclude(erased_at=None).exclude(address_digest=b"").exclude(in_use)
    last = erased.order_by("-erased_at").first()
    until = last.erased_at + timedelta(days=settings.DIGEST_DAYS) if last and last.erased_at else None
    return Remains(StoppedMailbox.objects.exclude(in_use).count(), erased.count(), until)
