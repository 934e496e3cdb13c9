"""Rows a second from a file of gathered names to its preview, beside the bare INSERT of the same rows, in turns."""

import csv
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import xlsxwriter
from django.contrib.auth import get_user_model
from django.utils import timezone

from signatories.editions import child_process
from signatories.gathering import preparing, services
from signatories.models import GatheredBatch, Invitee, Partner
from signatories.models.gathering import BatchState

SIZES = (2_000, 20_000)
_TELL = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], input=sys.stdin.buffer.read(), stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
_HEAD = ("Name", "E-mail", "Profession", "Band", "Country", "Language")


class Previewed(NamedTuple):
    """A file: its form and rows, rows a second, those of the bare INSERT, and the most memory of the reader in MB."""

    form: str
    size: int
    rate: float
    reference: float
    memory: float


def measure(rounds: int) -> Iterator[Previewed]:
    """Have files read and checked as the worker does."""
    account = get_user_model().objects.create(username="bench-gathered")
    partner = Partner.objects.get(slug="stage-hands")
    for size in SIZES:
        rows = [_person(n) for n in range(size)]
        for form, content in (("CSV", _csv(rows)), ("XLSX", _xlsx(rows))):
            rates, bare = [], []
            for _ in range(rounds):
                began = time.perf_counter()
                batch = services.upload(partner_id=partner.pk, account=account, content=content, language="en")
                preparing.work()
                batch.refresh_from_db()
                services.set_columns(batch_id=batch.pk, places=batch.columns)
                preparing.work()
                rates.append(size / (time.perf_counter() - began))
                batch.refresh_from_db()
                assert batch.state == BatchState.OPEN, batch.error
                bare.append(size / _insert_again(batch))
                services.undo(batch_id=batch.pk, account=account, now=timezone.now())
                GatheredBatch.objects.filter(pk=batch.pk).delete()
            yield Previewed(form, size, median(rates), median(bare), _memory(content))


def _memory(content: bytes) -> float:
    """The most memory of the process that reads a file, in MB: told by a small process that starts it."""
    command = [sys.executable, "-c", _TELL, *child_process.command("signatories.gathering.file_reader")]
    environment = child_process.environment()
    told = subprocess.run(command, input=content, capture_output=True, check=True, env=environment)
    return int(told.stderr.split()[-1]) / 1024


def _insert_again(batch: GatheredBatch) -> float:
    """Seconds that the rows of a batch take to be inserted once more, and nothing else."""
    rows = list(Invitee.objects.filter(batch=batch))
    Invitee.objects.filter(batch=batch).delete()
    for row in rows:
        row.pk = None
    began = time.perf_counter()
    Invitee.objects.bulk_create(rows, batch_size=1000)
    return time.perf_counter() - began


def _person(n: int) -> tuple[str, ...]:
    return (f"Member Number{n} Ashgrove", f"m{n}@members.example", "singer", "The Paper Lanterns", "IE", "en")


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_HEAD, *rows])
    return out.getvalue().encode()


def _xlsx(rows: list[tuple[str, ...]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([_HEAD, *rows]):
            sheet.write_row(line, 0, row)
    return out.getvalue()
