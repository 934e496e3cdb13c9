"""Key rotation: rows are encrypted and digested again with the keys in use, during traffic. See docs/decisions/0013.

While DIGEST_KEY_FALLBACKS names a key, rows of one mailbox may carry different digests. A search for a mailbox asks for
all of them (`mailbox.digests`). A change that makes a signature live locks the mailbox first (`lock_mailbox`), because
the unique constraint of the table cannot see that two digests are one mailbox. `move` ends that state; a row without
an address can be moved only when its mailbox is seen again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from psycopg import sql

from signatories.accounts.factor_adapter import SECRETS, is_sealed
from signatories.identity import mailbox
from signatories.mail import quota
from signatories.models import (
    AnnouncedMailbox,
    Invitee,
    MailQuota,
    OutboundMail,
    Report,
    Signature,
    Signup,
    StoppedMailbox,
)
from signatories.models.stored_names import stored_name

type Row = Signup | Signature | OutboundMail | Invitee | AnnouncedMailbox | Report

# Signups first: a signup that is confirmed during the run becomes a signature under the new keys.
TABLES: tuple[type[Row], ...] = (Signup, Signature, OutboundMail, Invitee, AnnouncedMailbox, Report)
BATCH = 500
PATIENCE = 10  # rounds without progress, a second apart, before rows that others hold are left to the next run


@dataclass
class TableResult:
    """Counts of one pass over a table, and the ids of the rows that need a person."""

    table: str
    rows: int = 0
    older: int = 0  # under an older key
    moved: int = 0
    unreadable: list[int] = field(default_factory=list)  # no key of MAILBOX_KEYS opens them
    clashing: list[int] = field(default_factory=list)  # another live signature of the mailbox is in their place

    @property
    def left(self) -> int:
        """Number of rows that were locked by somebody else and not moved."""
        return self.older - self.moved - len(self.clashing)


class OlderRow(NamedTuple):
    """A row under an older key: its value, and the new values."""

    pk: int
    sealed: bytes
    sealed_now: bytes
    digest_now: bytes


@dataclass(frozen=True)
class Remains:
    """Counts of rows that need older keys and have no address with which to move them."""

    stopped: int
    erased: int
    erased_until: datetime | None
    asked: int


def count_older() -> list[TableResult]:
    """Count the rows under older keys; changes nothing."""
    return [*(_each_batch(model, lambda _found, _rows, _older: None) for model in TABLES), _second_factors(write=False)]


def move(told: Callable[[TableResult], None]) -> list[TableResult]:
    """Move every row that holds an address under the keys in use; returns the last pass over each table.

    Safe to interrupt, to repeat, and to run twice at once. Each batch is a transaction. Rows that somebody else has
    locked are skipped and tried again; rows that are withdrawn or erased meanwhile stay so: only the two columns are
    written, and only if the address is still the one that was read.
    """
    idle = 0
    while True:
        last = []
        for model in TABLES:
            found = _each_batch(model, _move_rows)
            told(found)
            last.append(found)
        last.append(_second_factors(write=True))
        told(last[-1])
        if not any(found.moved or found.left for found in last):
            return last
        idle = 0 if any(found.moved for found in last) else idle + 1
        if idle == PATIENCE:
            return last
        if idle:
            time.sleep(1)


def _each_batch(model: type[Row], act: Callable[[TableResult, list[Row], list[OlderRow]], None]) -> TableResult:
    found = TableResult(stored_name(model))
    for rows in _batches(model):
        found.rows += len(rows)
        opened, older = [], []
        for row in rows:
            try:
                plan = _plan(row)
            except InvalidToken:
                found.unreadable.append(row.pk)
                continue
            opened.append(row)
            older += [plan] if plan else []
        found.older += len(older)
        if opened:
            act(found, opened, older)
    return found


def _second_factors(*, write: bool) -> TableResult:
    """Encrypt the secrets of second factors again: few rows, each with a place for its secret in its data."""
    found = TableResult(Authenticator._meta.db_table)
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            secrets = {key: row.data[key] for key in SECRETS if is_sealed(row.data.get(key, ""))} if row else {}
            try:
                now = {key: mailbox.sealed_now(secret.encode()).decode() for key, secret in secrets.items()}
            except InvalidToken:
                found.unreadable.append(pk)
                continue
            found.rows += 1
            if row and now != secrets:
                found.older += 1
                found.moved += write
                row.data |= now
                row.save(update_fields=["data"] if write else [])
    return found


def _batches(model: type[Row]) -> Iterator[list[Row]]:
    """Yield every row that holds an address, by id; no transaction is open between two batches."""
    columns = ["pk", "address_sealed"] if model is Report else ["pk", "address_sealed", "address_digest"]
    last = 0
    sealed = model._default_manager.exclude(address_sealed=b"").order_by("pk").only(*columns)
    while rows := list(sealed.filter(pk__gt=last)[:BATCH]):
        yield rows
        last = rows[-1].pk


def _plan(row: Row) -> OlderRow | None:
    """Return the new values; None if the row is under the keys in use. Raises InvalidToken."""
    sealed = bytes(row.address_sealed)
    sealed_now = mailbox.sealed_now(sealed)
    if isinstance(row, Report):
        return None if sealed_now == sealed else OlderRow(row.pk, sealed, sealed_now, b"")
    digest_now = mailbox.digest(mailbox.unseal(sealed))
    if sealed_now == sealed and digest_now == bytes(row.address_digest):
        return None
    return OlderRow(row.pk, sealed, sealed_now, digest_now)


def _move_rows(found: TableResult, rows: list[Row], older: list[OlderRow]) -> None:
    model = type(rows[0])
    try:
        found.moved += _write(model, older)
    except IntegrityError:
        for one in older:
            try:
                found.moved += _write(model, [one])
            except IntegrityError:
                found.clashing.append(one.pk)
    _carry_all([row for row in rows if not isinstance(row, Report)])


def _write(model: type[Row], older: list[OlderRow]) -> int:
    table = sql.Identifier(model._meta.db_table)
    digest = sql.SQL("" if model is Report else ", address_digest = %(digest_now)s")
    key = sql.SQL(", digest_key = %(key)s" if model is Invitee else "")
    statement = sql.SQL(
        "UPDATE {table} SET address_sealed = %(sealed_now)s{digest}{key} "
        "WHERE id = %(pk)s AND address_sealed = %(sealed)s"
    ).format(table=table, digest=digest, key=key)
    with transaction.atomic(), connection.cursor() as cursor:
        # Locked without waiting: waiting with locked rows could deadlock.
        wanted = model._default_manager.select_for_update(skip_locked=True).filter(pk__in=[one.pk for one in older])
        free = set(wanted.values_list("pk", flat=True))
        taken = [one._asdict() | {"key": mailbox.key_in_use()} for one in older if one.pk in free]
        if not taken:
            return 0
        cursor.executemany(statement, taken)
        return int(cursor.rowcount)


def _carry_all(rows: list[Signup | Signature | OutboundMail | Invitee | AnnouncedMailbox]) -> None:
    """Carry over stops and quotas that are stored under older digests of these mailboxes."""
    mailboxes = [mailbox.digests_of(row) for row in rows]
    every = {digest for digests in mailboxes for digest in digests}
    stopped = StoppedMailbox.objects.filter(pk__in=every).exclude(digest_key=mailbox.key_in_use())
    counted = MailQuota.objects.filter(address_digest__in=every)
    kept = [*stopped.values_list("pk", flat=True), *counted.values_list("address_digest", flat=True)]
    known = {bytes(digest) for digest in kept}
    if not known:
        return
    # A stop stored before rows named their key may be under the key in use.
    firsts = [digests[0] for digests in mailboxes if digests[0] in known]
    StoppedMailbox.objects.filter(pk__in=firsts).update(digest_key=mailbox.key_in_use())
    for digests in mailboxes:
        if known.intersection(digests[1:]):
            quota.carry_over(digests)


def remains() -> Remains:
    """Count the rows without an address that need older keys."""
    in_use = Q(digest_key=mailbox.key_in_use())
    erased = Signature.objects.exclude(erased_at=None).exclude(address_digest=b"").exclude(in_use)
    last = erased.order_by("-erased_at").first()
    until = last.erased_at + timedelta(days=settings.DIGEST_DAYS) if last and last.erased_at else None
    asked = Invitee.objects.filter(address_sealed=b"").exclude(address_digest=b"").exclude(in_use)
    return Remains(StoppedMailbox.objects.exclude(in_use).count(), erased.count(), until, asked.count())
