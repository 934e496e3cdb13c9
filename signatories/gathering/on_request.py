"""What partners handed over about one person, to be shown or erased: rows, and files that are not asked about yet."""

import gzip
import io
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from signatories.gathering import people, preparing, reading
from signatories.gathering.file_reader import Row
from signatories.identity import addresses, mailbox
from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import Answer, BatchState, Verdict

logger = logging.getLogger(__name__)
_WITH_FILE = (BatchState.READING, BatchState.COLUMNS, BatchState.CHECKING, BatchState.OPEN)


@dataclass(frozen=True)
class Erased:
    """What an erasure changed."""

    rows: list[Invitee]  # that named the mailbox, and the one that was made to know it by
    count: int  # of rows and files that held it


@dataclass(frozen=True)
class _Line:
    """The first line of a file in which a mailbox stood."""

    batch: GatheredBatch
    number: int
    digest: bytes


def lines_of(address: str) -> list[tuple[GatheredBatch, int, list[str]]]:
    """Return the lines of kept files in which a mailbox stands: the batch, the number of the line, its cells."""
    digests = mailbox.digests(address)
    waiting = _with_file().select_related("partner").defer("partner__logo", "specimen")
    return [
        (batch, line, cells)
        for batch in waiting.iterator(chunk_size=1)
        for line, cells in _table(batch)
        if _named(cells, digests)
    ]


def erase(*, digests: Sequence[bytes], now: datetime) -> Erased:
    """Forget the mailbox of these digests in every batch it stands in.

    One row stays by which nobody asks it (again): that of its mail, if it had one. Where only files name it, such a row
    is made. Call it in a transaction.
    """
    lines = _erase_from_files(digests)  # locks batches before rows, as the worker does: it may be making these rows
    named = Invitee.objects.filter(address_digest__in=digests, answer=Answer.NONE)
    batches = GatheredBatch.objects.filter(pk__in=named.values("batch")).order_by("pk")
    list(batches.select_for_update().values_list("pk"))  # before their rows, as a turn of sending locks them
    found = list(named.order_by("pk").select_for_update())
    kept = Invitee.objects.known([*digests, *(line.digest for line in lines)]).order_by("pk").first()
    kept = kept or next((one for one in found if not one.is_test), None)
    for one in found:
        row = Invitee.objects.filter(pk=one.pk)
        if kept and one.pk == kept.pk:
            people.forget(row, answer=Answer.DECLINED, now=now, asked_at=one.asked_at or now)
        else:
            people.forget(row, answer=Answer.PASSED, now=now, asked_at=one.asked_at or now, address_digest=b"")
    made = [_remember(lines[0], now)] if lines and not kept else []
    people.forget_names_of_files(GatheredBatch.objects.filter(pk__in={one.batch_id for one in found}, file=b""))
    return Erased([*found, *made], len(found) + len(lines))


def _remember(line: _Line, now: datetime) -> Invitee:
    """Store an answered row in the place of a line that was taken out: by it the next partner's file is known."""
    return Invitee.objects.create(
        batch=line.batch, line=line.number, verdict=Verdict.TAKEN, language=line.batch.language,
        address_digest=line.digest, digest_key=mailbox.key_in_use(),
        asked_at=now, answer=Answer.DECLINED, answered_at=now,
    )  # fmt: skip


def _erase_from_files(digests: Sequence[bytes]) -> list[_Line]:
    """Take the lines of a mailbox out of files whose columns can still be chosen anew; returns one of each file.

    A file that waits to be read is read for that.
    """
    found = []
    for pk in list(_with_file().values_list("pk", flat=True)):
        one = _with_file().defer("specimen").filter(pk=pk)
        batch = one.select_for_update().first()
        if batch and batch.state == BatchState.READING:
            preparing.read(batch)
            batch = one.first()
        if batch and (line := _erase_from(batch, digests)):
            found.append(line)
    return found


def _erase_from(batch: GatheredBatch, digests: Sequence[bytes]) -> _Line | None:
    """Store file and sample of a batch without the lines of a mailbox; returns the first of these lines.

    If no line is left below the head, the name of the file goes, too: it may be that of the person.
    """
    packed, found, left = io.BytesIO(), None, 0
    with gzip.open(packed, "wb", compresslevel=1) as out:
        for at, (line, cells) in enumerate(_table(batch)):
            if named := _named(cells, digests):
                found = found or _Line(batch, line, mailbox.digest(named))
                if at > batch.head:
                    continue
                cells = [""] * len(cells)  # the head, and what stands above it, keep their places
            left += at > batch.head
            out.write(json.dumps([line, cells]).encode() + b"\n")
    if not found:
        return None
    sample = [
        [""] * len(cells) if _named(cells, digests) else cells
        for at, cells in enumerate(preparing.sample_of(batch))
        if at <= batch.head or not _named(cells, digests)
    ]
    GatheredBatch.objects.filter(pk=batch.pk).update(
        file=mailbox.seal_file(packed.getvalue()), sample=mailbox.seal_file(json.dumps(sample).encode()),
        file_name=batch.file_name if left else "",
    )  # fmt: skip
    return found


def _with_file() -> QuerySet[GatheredBatch]:
    return GatheredBatch.objects.filter(state__in=_WITH_FILE).exclude(file=b"").order_by("pk")


def _table(batch: GatheredBatch) -> Iterator[Row]:
    """Yield the lines of the file of a batch.

    There are none if its key is lost, which the log says, or if it is refused, as the worker will do in a moment.
    """
    try:
        table = mailbox.unseal_file(bytes(batch.file))
    except InvalidToken:
        logger.warning("a file under a lost key was not looked at: batch %d", batch.pk)
        return
    if batch.state == BatchState.READING:
        try:
            table = reading.packed(table)
        except reading.FileRefused:
            return
    yield from reading.rows(table)


def _named(cells: list[str], digests: Sequence[bytes]) -> str:
    """Return the address of the mailbox of these digests that one of the cells holds; empty without one."""
    said = (_address(cell) for cell in cells if "@" in cell)
    return next((one for one in said if one and not set(mailbox.digests(one)).isdisjoint(digests)), "")


def _address(cell: str) -> str:
    try:
        return addresses.check(cell)
    except ValidationError:
        return ""
