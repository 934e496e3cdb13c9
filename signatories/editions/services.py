"""Services of editions: request one, build it from one snapshot, store its files."""

import hashlib
import logging
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone, translation

from declaration import fonts
from declaration.database.one_at_a_time import one_at_a_time
from declaration.models import Text
from signatories.audit import chain
from signatories.editions import csv_file, retiring, xlsx_file
from signatories.editions.document import Cover, build_pdf
from signatories.editions.layout import ListEntry
from signatories.editions.merge import page_count
from signatories.models import Edition, Signature
from signatories.models.edition import EditionState
from signatories.models.signature import IN_FLIGHT

logger = logging.getLogger(__name__)
_BUILD_LOCK, _ASK_LOCK = 0xED17, 0xED18


@dataclass(frozen=True)
class Snapshot:
    """The list at one moment: public signatures in filing order, the number of unnamed ones, text, newest seal."""

    as_of: datetime
    named: list[Signature]
    unnamed: int
    text: Text
    trail_head: str


def ask() -> Edition:
    """Request an edition; returns the waiting one if there is one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ASK_LOCK])
        waiting = Edition.objects.filter(state=EditionState.ASKED).order_by("pk").first()
        return waiting or Edition.objects.create()


def ask_if_changed() -> Edition | None:
    """Request an edition unless the list is as in the latest one, or there is no text to print yet."""
    if Text.objects.current(settings.LANGUAGE_CODE) is None:
        return None
    latest = Edition.objects.latest_ready()
    return ask() if latest is None or changed_since(latest) else None


def changed_since(edition: Edition) -> bool:
    """Whether the list may differ from that of a ready edition."""
    changed = Signature.objects.aggregate(last=Max("changed_at"))["last"]
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    return changed is not None and changed >= edition.as_of - IN_FLIGHT


def build_waiting() -> Edition | None:
    """Build the oldest requested edition, unless a build runs: one at a time bounds the memory."""
    with one_at_a_time(_BUILD_LOCK) as locked:
        if not locked:
            return None
        # The lock was free, so an edition in state BUILDING was left by a process that died.
        Edition.objects.filter(state=EditionState.BUILDING).update(state=EditionState.ASKED)
        edition = Edition.objects.filter(state=EditionState.ASKED).order_by("pk").first()
        if edition is None:
            retiring.discard_unfinished()
            return None
        _build(edition)
        retiring.retire(timezone.now())
        return edition


def snapshot() -> Snapshot:
    """Read the list in one REPEATABLE READ transaction; `as_of` is the start of that transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT now()")
        as_of = cursor.fetchone()[0]
        named = list(Signature.objects.public().in_filing_order().defer("address_sealed", "search_key", "skeleton"))
        unnamed = Signature.objects.counted().filter(named=False).count()
        text = Text.objects.current(settings.LANGUAGE_CODE)
        if text is None:
            raise Text.DoesNotExist("No text of the declaration has been published.")
        return Snapshot(as_of=as_of, named=named, unnamed=unnamed, text=text, trail_head=str(chain.head()))


def _build(edition: Edition) -> None:
    edition.state, edition.error = EditionState.BUILDING, ""
    edition.save(update_fields=["state", "error"])
    try:
        retiring.discard_unfinished()  # also of an earlier attempt at this edition
        _remove_left_folders()
        with translation.override(settings.LANGUAGE_CODE):
            _write(edition, snapshot())
    except Exception as error:  # of any kind: the last edition stays, and organizers read the error
        logger.exception("edition %d failed", edition.pk)
        edition.state, edition.number = EditionState.FAILED, None
        edition.error = f"{type(error).__name__}: {error}"[:500]
        edition.save(update_fields=["state", "number", "error"])


def _folder_prefix() -> str:
    """Name the temporary folders of this database's builds: of these, one at a time is in use."""
    where = "\0".join(str(connection.settings_dict[part]) for part in ("HOST", "PORT", "NAME"))
    return f"edition-{hashlib.sha256(where.encode()).hexdigest()[:12]}-"


def _remove_left_folders() -> None:
    """Remove the folders of builds that were killed on this machine. Call it only while no build runs."""
    for folder in Path(gettempdir()).glob(f"{_folder_prefix()}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _write(edition: Edition, taken: Snapshot) -> None:
    """Build the files in a temporary folder, then store them and mark the edition ready."""
    latest = Edition.objects.latest_ready()
    edition.number = (latest.number or 0) + 1 if latest else 1
    edition.as_of, edition.named, edition.unnamed = taken.as_of, len(taken.named), taken.unnamed
    edition.trail_head = taken.trail_head
    with TemporaryDirectory(prefix=_folder_prefix()) as folder:
        pdf = Path(folder) / "edition.pdf"
        _typeset(edition, taken, pdf)
        content = pdf.read_bytes()
        workbook = Path(folder) / "edition.xlsx"
        xlsx_file.write(taken.named, workbook, as_of=taken.as_of)
        xlsx = workbook.read_bytes()
    edition.pages = page_count(content)
    _store(edition, pdf=content, csv=csv_file.write(taken.named), xlsx=xlsx)
    edition.state, edition.pages_done = EditionState.READY, edition.pages
    edition.save()
    logger.info("edition %d is ready: %d by name, %d without", edition.number, edition.named, edition.unnamed)


def _typeset(edition: Edition, taken: Snapshot, target: Path) -> None:
    cover = Cover(
        title=taken.text.title,
        text_html=taken.text.html,
        language=settings.LANGUAGE_CODE,
        edition=edition.number or 0,
        named=len(taken.named),
        unnamed=taken.unnamed,
        as_of=taken.as_of,
        site_url=settings.SITE_URL,
        operator_name=settings.OPERATOR_NAME,
        text_sha256=taken.text.sha256,
        version=taken.text.version,
        trail_head=taken.trail_head,
    )

    def progress(done: int, pages: int) -> None:
        Edition.objects.filter(pk=edition.pk).update(pages_done=done, pages=pages)
        edition.pages = pages

    entries = [entry(signature) for signature in taken.named]
    if missing := fonts.missing_glyphs("".join(f"{e.name}{e.name_latin}{e.detail}" for e in entries)):
        signs = " ".join(f"U+{ord(sign):04X}" for sign in sorted(missing))
        logger.warning("edition %d: no face has a glyph for %s; see FONT_DIRS", edition.number, signs)
    build_pdf(cover, entries, target, progress=progress)


def entry(signature: Signature) -> ListEntry:
    """Convert a signature to its printed entry."""
    return ListEntry(
        number=signature.number or 0,
        name=signature.name,
        name_latin=signature.name_latin,
        detail=signature.detail,
        letter=signature.letter,
        lang=signature.name_language,
    )


def _store(edition: Edition, *, pdf: bytes, csv: bytes, xlsx: bytes) -> None:
    """Store the files under new names. The row is saved first, so that partly stored files can be found and deleted."""
    edition.pdf, edition.pdf_sha256 = _named(edition, "pdf", pdf)
    edition.csv, edition.csv_sha256 = _named(edition, "csv", csv)
    edition.xlsx, edition.xlsx_sha256 = _named(edition, "xlsx", xlsx)
    edition.save(update_fields=["pdf", "csv", "xlsx"])
    default_storage.save(edition.csv, ContentFile(csv))
    default_storage.save(edition.xlsx, ContentFile(xlsx))
    default_storage.save(edition.pdf, ContentFile(pdf))


def _named(edition: Edition, kind: str, content: bytes) -> tuple[str, str]:
    """Return the name for a file, and its SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    return f"editions/{edition.number}-{digest[:16]}.{kind}", digest
