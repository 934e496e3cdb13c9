"""Files of exports: CSV, inside an AES-encrypted ZIP where it holds mail addresses. Built by a worker, in batches.

A file is written to a temporary file without a name, which is gone with its process, and then stored. The name in the
storage stands in the row before the file is stored, so nothing that a killed worker left is forgotten.
"""

import csv
import io
import logging
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from declaration.database.one_at_a_time import one_at_a_time
from signatories.editions.csv_file import cell
from signatories.identity import mailbox
from signatories.models import Export, Signature, signer_fields
from signatories.models.export import OPEN, ExportKind, ExportState
from signatories.models.signature import SignatureQuerySet
from signatories.privacy import exports

logger = logging.getLogger(__name__)
_LOCK = 0xE4907
BATCH = 1000  # rows that are in memory at once


class Column(NamedTuple):
    """A column that can be chosen; `names` are those of the file, read by `values`."""

    label: str | Promise
    names: tuple[str, ...]
    values: Callable[[Signature], Iterable[str]]


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def _of_signer(field: signer_fields.SignerField) -> Column:
    names = tuple(name for name in (field.column, field.words) if name)
    return Column(field.label, names, lambda row: [str(signer_fields.plain(row, name)) for name in names])


_PUBLIC = {
    "number": Column(_("Number"), ("number",), lambda row: [str(row.number)]),
    **{field.column: _of_signer(field) for field in signer_fields.FIELDS if field.public},
    "published_at": Column(_("First published"), ("published_at",), lambda row: [_moment(row.published_at)]),
}
_PRIVATE = {
    **{field.column: _of_signer(field) for field in signer_fields.FIELDS if field.label and not field.public},
    "language": Column(_("Language"), ("language",), lambda row: [row.language]),
}
# In every file with addresses: an address may be a representative's.
_ADDRESS = Column(
    _("E-mail"),
    ("address", "representative"),
    lambda row: [mailbox.unseal(bytes(row.address_sealed)) if row.address_sealed else "", row.representative],
)


def columns(kind: str) -> dict[str, Column]:
    """Return what may be chosen for a kind of export, by the name that its row stores."""
    return _PUBLIC | _PRIVATE if kind == ExportKind.ADDRESSES else _PUBLIC


def signatures(kind: str) -> SignatureQuerySet:
    """Return whom an export lists: all who are counted, or those on the public list."""
    found = Signature.objects.counted() if kind == ExportKind.ADDRESSES else Signature.objects.public()
    return found.in_filing_order()


def work(now: datetime) -> None:
    """Tell about exports, delete old files, and build one that is due. Safe to repeat and to run twice at once."""
    with one_at_a_time(_LOCK) as locked:
        if not locked:
            return
        exports.tell(now)
        exports.cancel_lapsed(now)
        delete_old(now)
        if export := exports.due(now).first():
            build(export)


def delete_old(now: datetime) -> None:
    """Delete files after exports.KEPT, and those that were cancelled or failed while they were stored."""
    Export.objects.filter(state=ExportState.READY, built_at__lte=now - exports.KEPT).update(state=ExportState.DELETED)
    for export in Export.objects.exclude(file="").exclude(state__in=[ExportState.READY, ExportState.BUILDING]):
        default_storage.delete(export.file)
        Export.objects.filter(pk=export.pk).update(file="")


def build(export: Export) -> None:
    """Build the file of an export and forget its passphrase. To be called by one process at a time."""
    unbuilt = Export.objects.filter(pk=export.pk, state__in=OPEN)
    if not unbuilt.update(state=ExportState.BUILDING):
        return
    try:
        if export.file:  # of a worker that was killed
            default_storage.delete(export.file)
        export.built_at = timezone.now()
        with TemporaryFile() as target:
            export.rows = _write(export, target)
            _store(export, target)
        done = {"state": ExportState.READY, "rows": export.rows, "built_at": export.built_at, "passphrase_sealed": ""}
        unbuilt.update(**done)  # nothing if it was cancelled meanwhile: then its file is deleted with the next tick
    except Exception as error:  # of any kind; the log has no text of it, which could hold an address
        logger.error("export %d failed: %s", export.pk, type(error).__name__)
        unbuilt.update(state=ExportState.FAILED, passphrase_sealed="")


def _store(export: Export, content: IO[bytes]) -> None:
    """Store the file under a name that nobody guesses."""
    name = f"exports/{export.pk}-{secrets.token_hex(16)}{_ending(export)}"
    if Export.objects.filter(pk=export.pk, state=ExportState.BUILDING).update(file=name):
        content.seek(0)
        default_storage.save(name, File(content))


def _ending(export: Export) -> str:
    return ".zip" if export.kind == ExportKind.ADDRESSES else ".csv"


def download_name(export: Export) -> str:
    """Name a file for the person who downloads it: it says whose it is, and when it was made."""
    who = re.sub(r"[^A-Za-z0-9]+", "-", str(export.asked_by)).strip("-")
    made = f"{export.built_at:%Y%m%dT%H%M}Z" if export.built_at else ""
    return f"export-{export.pk}-{who}-{made}{_ending(export)}"


def _write(export: Export, target: IO[bytes]) -> int:
    """Write the file; returns the number of signatures in it."""
    if export.kind == ExportKind.PUBLIC:
        return _write_csv(export, target)
    import pyzipper  # here, because every process loads this module, and few encrypt anything

    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(exports.passphrase_of(export).encode())
        inside = download_name(export).removesuffix(".zip") + ".csv"
        with archive.open(inside, "w", force_zip64=True) as member:
            return _write_csv(export, member)


def _write_csv(export: Export, target: IO[bytes]) -> int:
    """Write the rows of one moment: UTF-8 with byte order mark, the watermark, a header, CRLF (RFC 4180)."""
    known = columns(export.kind)
    chosen = [known[name] for name in export.columns if name in known]
    if export.kind == ExportKind.ADDRESSES:
        chosen.insert(0, _ADDRESS)
    count = 0
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([cell(_watermark(export))])
    writer.writerow([name for column in chosen for name in column.names])
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for row in signatures(export.kind).iterator(chunk_size=BATCH):
            writer.writerow([cell(value) for column in chosen for value in column.values(row)])
            count += 1
    text.detach()
    return count


def _watermark(export: Export) -> str:
    made = f"{export.built_at:%Y-%m-%d %H:%M} UTC"
    return f"{export} for {export.asked_by} (account {export.asked_by_id}), made {made}. Why: {export.reason}"
