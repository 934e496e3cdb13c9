"""What partners handed over about one person, to be shown or erased: rows, and files that are not asked about yet."""

import gzip
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from signatories.gathering import people, reading
from signatories.gathering.file_reader import Row
from signatories.identity import addresses, mailbox
from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import Answer, BatchState

logger = logging.getLogger(__name__)
# States in which the rows of a file are kept. A file that is being read is in one of them a few seconds later.
_WITH_FILE = (BatchState.COLUMNS, BatchState.CHECKING, BatchState.OPEN)


def lines_of(address: str) -> list[tuple[GatheredBatch, int, list[str]]]:
    """Return the lines of kept files in which a mailbox stands: the batch, the number of the line, its cells."""
    folded = mailbox.fold(address)
    waiting = _with_file().select_related("partner").defer("partner__logo", "specimen")
    return [
        (batch, line, cells)
        for batch in waiting.iterator(chunk_size=1)
        for line, cells in _table(batch)
        if _names(cells, folded)
    ]


def rows_of(address: str) -> list[Invitee]:
    """Return the rows that still name a mailbox, and lock them. Call it in a transaction."""
    named = Invitee.objects.filter(address_digest__in=mailbox.digests(address), answer=Answer.NONE)
    return list(named.order_by("pk").select_for_update())


def erase(*, address: str, now: datetime) -> int:
    """Forget a mailbox in every batch it stands in; returns how many rows and files held it.

    One row stays by which nobody asks it (again): that of its mail, if it had one. Call it in a transaction.
    """
    found = rows_of(address)
    kept = Invitee.objects.known(mailbox.digests(address)).order_by("pk").first()
    kept = kept or next((one for one in found if not one.is_test), None)
    for one in found:
        row = Invitee.objects.filter(pk=one.pk)
        if kept and one.pk == kept.pk:
            people.forget(row, answer=Answer.DECLINED, now=now, asked_at=one.asked_at or now)
        else:
            people.forget(row, answer=Answer.PASSED, now=now, asked_at=one.asked_at or now, address_digest=b"")
    return len(found) + _erase_from_files(address)


def _erase_from_files(address: str) -> int:
    """Take the lines of a mailbox out of files whose columns can still be chosen anew; returns how many had any."""
    changed = 0
    for pk in list(_with_file().values_list("pk", flat=True)):
        batch = _with_file().select_for_update().filter(pk=pk).first()
        if batch and (columns := _without(batch, mailbox.fold(address))):
            changed += GatheredBatch.objects.filter(pk=pk).update(**columns)
    return changed


def _without(batch: GatheredBatch, folded: str) -> dict[str, bytes]:
    """Return file and sample of a batch without the lines of a mailbox; nothing if there are none."""
    packed, found = io.BytesIO(), False
    with gzip.open(packed, "wb", compresslevel=1) as out:
        for at, (line, cells) in enumerate(_table(batch)):
            if _names(cells, folded):
                found = True
                if at:
                    continue
                cells = [""] * len(cells)  # the head keeps its place
            out.write(json.dumps([line, cells]).encode() + b"\n")
    if not found:
        return {}
    head, *rows = json.loads(mailbox.unseal_file(bytes(batch.sample)))
    rows = [cells for cells in rows if not _names(cells, folded)]
    head = [""] * len(head) if _names(head, folded) else head
    return {
        "file": mailbox.seal_file(packed.getvalue()),
        "sample": mailbox.seal_file(json.dumps([head, *rows]).encode()),
    }


def _with_file() -> QuerySet[GatheredBatch]:
    return GatheredBatch.objects.filter(state__in=_WITH_FILE).exclude(file=b"").order_by("pk")


def _table(batch: GatheredBatch) -> Iterator[Row]:
    """Yield the lines of the file of a batch; none if its key is lost, which the log says."""
    try:
        table = mailbox.unseal_file(bytes(batch.file))
    except InvalidToken:
        logger.warning("a file under a lost key was not looked at: batch %d", batch.pk)
        return
    yield from reading.rows(table)


def _names(cells: list[str], folded: str) -> bool:
    """Whether one of the cells is an address of this mailbox."""
    return any("@" in cell and _folded(cell) == folded for cell in cells)


def _folded(cell: str) -> str:
    try:
        return mailbox.fold(addresses.check(cell))
    except ValidationError:
        return ""
