"""The worker's part before a batch is looked at: reading its file, and checking each of its rows."""

import json
import logging
from collections.abc import Callable, Iterator
from itertools import islice

from django.db import connection, transaction

from declaration.database.one_at_a_time import one_at_a_time
from signatories.gathering import columns, reading
from signatories.gathering.checking import Checker
from signatories.gathering.file_reader import MOST_ABOVE_HEAD, Reason
from signatories.identity import mailbox
from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import BatchState
from signatories.models.signup import new_nonce

logger = logging.getLogger(__name__)
_LOCK = 0xED21
SAMPLE = 3  # rows below the head that are shown
_FIRST_LINES = MOST_ABOVE_HEAD + 1 + SAMPLE
# The columns that a row of a file fills: what it says, and what we keep with it. The database fills in the others.
_SAID = (
    "name", "name_latin", "profession", "profession_other", "affiliation", "country", "language",
)  # fmt: skip
_HELD = ("batch_id", "line", "verdict", "why", "address_sealed", "address_digest", "digest_key", "nonce")


def work() -> None:
    """Read and check what waits, one file at a time on all machines."""
    with one_at_a_time(_LOCK) as free:
        waiting = GatheredBatch.objects.filter(state__in=_WORK).only("state", "language").order_by("pk")
        for batch in waiting if free else ():
            _try(batch, _WORK[BatchState(batch.state)])


def read(batch: GatheredBatch) -> None:
    """Read the file of a batch now, for somebody who cannot wait for the worker. It may end the batch."""
    _try(batch, _read)


def _try(batch: GatheredBatch, step: Callable[[GatheredBatch], None]) -> None:
    """Do a step; whatever goes wrong ends the batch and is told to the partner, so that no file is tried for ever."""
    try:
        step(batch)
    except reading.FileRefused as refused:
        _fail(batch, refused.code)
    except Exception as error:  # of any kind; its text can hold what stands in the file
        logger.error("batch %d cannot be prepared: %s", batch.pk, type(error).__name__)
        _fail(batch, reading.OTHERWISE)


def _fail(batch: GatheredBatch, code: str) -> None:
    with transaction.atomic():
        # The batch before its rows, as everywhere: otherwise this and an erasure could wait for each other.
        waiting = GatheredBatch.objects.filter(pk=batch.pk, state=batch.state)
        waiting.update(state=BatchState.FAILED, error=code, file=b"", sample=b"", file_name="")
        Invitee.objects.without_turn().filter(batch=batch).delete()


def _read(batch: GatheredBatch) -> None:
    """Keep the rows of a file instead of the file: they are read once, and checked as often as columns are chosen.

    That takes seconds, so nothing is locked. Whoever stores the rows first has read it: should an erasure have done so
    meanwhile, this changes nothing.
    """
    waiting = GatheredBatch.objects.filter(pk=batch.pk, state=BatchState.READING)
    file = waiting.values_list("file", flat=True).first()
    if file is None:
        return
    table = reading.packed(mailbox.unseal_file(bytes(file)))
    lines = [cells for _line, cells in islice(reading.rows(table), _FIRST_LINES)]
    head = columns.find_head(lines[: MOST_ABOVE_HEAD + 1])
    below = sum(1 for _row in reading.rows(table)) - 1 - head
    if below == 0:  # a title and the head
        raise reading.FileRefused(Reason.NO_ROWS)
    waiting.update(
        state=BatchState.COLUMNS,
        file=mailbox.seal_file(table),
        sample=mailbox.seal_file(json.dumps(lines).encode()),
        head=head,
        columns=columns.guess(lines[head]),
        rows=below,
    )


def _check(batch: GatheredBatch) -> None:
    """Make the rows of a batch anew. An erasure comes before, and the file is without its lines, or finds the rows."""
    with transaction.atomic():
        waiting = GatheredBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKING)
        locked = waiting.defer("sample", "specimen").select_for_update().first()
        if locked is None:
            return
        rows = islice(reading.rows(mailbox.unseal_file(bytes(locked.file))), locked.head + 1, None)
        Invitee.objects.without_turn().filter(batch=locked).delete()
        _store(locked, rows)
        waiting.update(state=BatchState.OPEN, tested_at=None, looked_at=None)


def _store(batch: GatheredBatch, rows: Iterator[tuple[int, list[str]]]) -> None:
    """Insert the checked rows by COPY, which takes a third of the time of model instances."""
    checker, key = Checker(batch.columns, batch.language), mailbox.key_in_use()
    statement = f"COPY {Invitee._meta.db_table} ({', '.join((*_SAID, *_HELD))}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as table:
        for line, cells in rows:
            found = checker.check(cells)
            said = {"language": batch.language} | found.values
            sealed = mailbox.seal(found.address) if found.address else b""
            held = (batch.pk, line, found.verdict.value, " ".join(found.why), sealed, found.digest, key, new_nonce())
            table.write_row((*(said.get(column, "") for column in _SAID), *held))


_WORK = {BatchState.READING: _read, BatchState.CHECKING: _check}


def sample_of(batch: GatheredBatch) -> list[list[str]]:
    """The first lines of the file of a batch, to tell its head and columns by; empty once it is asked about."""
    found: list[list[str]] = json.loads(mailbox.unseal_file(bytes(batch.sample))) if batch.sample else []
    return found


def heads_of(lines: list[list[str]]) -> list[list[str]]:
    """Those of the first lines of a file that may name its columns: each has one below it."""
    return lines[:-1][: MOST_ABOVE_HEAD + 1]


def head_of(lines: list[list[str]], head: int) -> list[str]:
    """How the columns of a file are called in it, by its first lines."""
    return next(iter(lines[head:]), [])


def turned_sample(lines: list[list[str]], head: int) -> list[tuple[str, list[str]]]:
    """Each column of a file: how its head calls it, and its first cells."""
    return [(said, cells) for said, *cells in zip(*lines[head:][: 1 + SAMPLE], strict=True)]
