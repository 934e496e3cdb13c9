"""The worker's part before a batch is looked at: reading its file, and checking each of its rows."""

import json
import logging
from collections.abc import Callable, Iterator
from itertools import batched, islice

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from declaration.database.one_at_a_time import one_at_a_time
from signatories.gathering import columns, people, reading
from signatories.gathering.checking import Checker
from signatories.identity import mailbox
from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import BatchState

logger = logging.getLogger(__name__)
_LOCK = 0xED21
SAMPLE, STORED_AT_ONCE = 3, 1000  # rows


def work() -> None:
    """Read and check what waits, one file at a time on all machines."""
    with one_at_a_time(_LOCK) as free:
        for batch in GatheredBatch.objects.filter(state__in=_WORK).order_by("pk") if free else ():
            with translation.override(batch.language):
                _try(batch, _WORK[BatchState(batch.state)])


def _try(batch: GatheredBatch, step: Callable[[GatheredBatch], None]) -> None:
    """Do a step; whatever goes wrong ends the batch with words for the partner, so that no file is tried for ever."""
    try:
        step(batch)
    except reading.FileRefused as refused:
        _fail(batch, str(refused))
    except Exception as error:  # of any kind; its text can hold what stands in the file
        logger.error("batch %d cannot be prepared: %s", batch.pk, type(error).__name__)
        _fail(batch, _("The file could not be read."))


def _fail(batch: GatheredBatch, words: str) -> None:
    with transaction.atomic():
        Invitee.objects.filter(batch=batch).delete()
        waiting = GatheredBatch.objects.filter(pk=batch.pk, state=batch.state)
        waiting.update(state=BatchState.FAILED, error=words[:300], file=b"", sample=b"")


def _read(batch: GatheredBatch) -> None:
    with reading.rows(mailbox.unseal_file(bytes(batch.file))) as rows:
        _line, head = next(rows)
        sample = [cells for _line, cells in islice(rows, SAMPLE)]
    GatheredBatch.objects.filter(pk=batch.pk, state=BatchState.READING).update(
        state=BatchState.COLUMNS,
        head=head,
        sample=mailbox.seal_file(json.dumps(sample).encode()),
        columns=columns.guess(head),
    )


def _check(batch: GatheredBatch) -> None:
    """Make the rows of a batch anew."""
    with reading.rows(mailbox.unseal_file(bytes(batch.file))) as rows, transaction.atomic():
        next(rows)
        Invitee.objects.filter(batch=batch).delete()
        for several in batched(_checked(batch, rows), STORED_AT_ONCE):
            Invitee.objects.bulk_create(several)
        same = GatheredBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKING, columns=batch.columns)
        same.update(state=BatchState.OPEN, tested_at=None, looked_at=None)


def _checked(batch: GatheredBatch, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Invitee]:
    checker = Checker(batch.columns, batch.language)
    for line, cells in rows:
        found = checker.check(cells)
        values = {"language": batch.language} | found.values
        held = people.mailbox_columns(found.address) if found.address else {}
        yield Invitee(batch=batch, line=line, verdict=found.verdict, why=" ".join(found.why), **values, **held)


_WORK = {BatchState.READING: _read, BatchState.CHECKING: _check}


def sample_of(batch: GatheredBatch) -> list[list[str]]:
    """The first rows of the file of a batch, to tell its columns by."""
    found: list[list[str]] = json.loads(mailbox.unseal_file(bytes(batch.sample))) if batch.sample else []
    return found
