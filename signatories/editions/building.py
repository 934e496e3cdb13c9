"""Building of an edition and of its lists: from one snapshot to the stored files."""

import hashlib
import logging
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from declaration import fonts
from declaration.models import Text
from signatories.audit import chain
from signatories.editions import checksums, csv_file, last_release, retiring, rows, since, table, xlsx_file
from signatories.editions.document import Cover, FigurePage, GroupsChanged, Progress, build_pdf
from signatories.editions.kept_segments import KeptSegments
from signatories.editions.layout import ListEntry
from signatories.editions.mark import mark_of
from signatories.editions.merge import page_count
from signatories.editions.rows import Row
from signatories.models import Edition, EditionFile, EditionPart, Signature
from signatories.models.edition import EditionState, FileFormat, Part
from signatories.tally import plots

logger = logging.getLogger(__name__)
SUPERSEDED = "A newer edition is there."


class Stopped(Exception):
    """The build was cancelled at the desk, or put off because an edition was asked for, which goes first."""


@dataclass(frozen=True)
class Snapshot:
    """The list at one moment: public signatures in filing order, the number of unnamed ones, text, newest seal."""

    as_of: datetime
    named: list[Signature]
    unnamed: int
    text: Text
    trail_head: str


def snapshot() -> Snapshot:
    """Read the list in one REPEATABLE READ transaction; `as_of` is the moment of its snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # The moment of the first statement, for which the database takes the snapshot; the transaction began before.
        cursor.execute("SELECT statement_timestamp()")
        as_of = cursor.fetchone()[0]
        public = Signature.objects.public().in_filing_order().only(*rows.READ)
        named = list(public.iterator())  # from a cursor of the database: the driver keeps no second copy
        unnamed = Signature.objects.counted().filter(named=False).count()
        text = Text.objects.current(settings.LANGUAGE_CODE)
        if text is None:
            raise Text.DoesNotExist("No text of the declaration has been published.")
        return Snapshot(as_of=as_of, named=named, unnamed=unnamed, text=text, trail_head=str(chain.head()))


def build(edition: Edition) -> None:
    """Build an edition with its full list. If it fails, the last edition stays, and organizers read why."""
    edition.state, edition.error = EditionState.BUILDING, ""
    edition.save(update_fields=["state", "error"])
    try:
        with translation.override(settings.LANGUAGE_CODE):
            _write_edition(edition, snapshot())
    except Stopped:
        logger.info("edition %d is cancelled", edition.pk)
        edition.refresh_from_db()
    except Exception as error:  # of any kind
        logger.exception("edition %d failed", edition.pk)
        edition.state, edition.number, edition.error = EditionState.FAILED, None, _words(error)
        edition.save(update_fields=["state", "number", "error"])


def build_part(part: EditionPart) -> None:
    """Build a list of a ready edition from the JSON of its full list."""
    row = EditionPart.objects.filter(pk=part.pk)
    row.update(state=EditionState.BUILDING, error="")
    try:
        with translation.override(part.language):
            _write_part(part)
    except Stopped:
        row.filter(state=EditionState.BUILDING).update(state=EditionState.ASKED)
    except Exception as error:  # of any kind
        logger.exception("list %d failed", part.pk)
        row.update(state=EditionState.FAILED, error=_words(error))


def remove_left_folders() -> None:
    """Remove the folders of builds that were killed on this machine. Call it only while no build runs."""
    for folder in Path(gettempdir()).glob(f"{_folder_prefix()}*"):
        shutil.rmtree(folder, ignore_errors=True)


def can_tell_changes(edition: Edition, number: int) -> bool:
    """Whether the list of an edition knows what changed since an earlier one: it has files, and sums of that time."""
    is_earlier = 0 < number < (edition.number or 0)
    return is_earlier and edition.full_file(FileFormat.JSON) is not None and since.tells(edition, number)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _folder_prefix() -> str:
    """Name the temporary folders of this database's builds: of these, one at a time is in use."""
    where = "\0".join(str(connection.settings_dict[part]) for part in ("HOST", "PORT", "NAME"))
    return f"edition-{hashlib.sha256(where.encode()).hexdigest()[:12]}-"


def _earlier(latest: Edition | None) -> rows.Earlier | None:
    file = latest.full_file(FileFormat.JSON) if latest else None
    if file is None or not default_storage.exists(file.path):
        return None
    with default_storage.open(file.path) as stored:
        return rows.earlier(stored)


def _write_edition(edition: Edition, taken: Snapshot) -> None:
    """Build the files of the full list, store them, and mark the edition ready."""
    latest = Edition.objects.latest_ready()
    edition.number = number = (latest.number or 0) + 1 if latest else 1
    edition.as_of, edition.unnamed = taken.as_of, taken.unnamed
    edition.groups = sum(signature.is_group for signature in taken.named)
    edition.named = len(taken.named) - edition.groups
    edition.trail_head = taken.trail_head
    before = _earlier(latest)
    tracked_since = before.tracked_since if before else number
    head = _head(edition, taken.text, tracked_since)
    row = Edition.objects.filter(pk=edition.pk, state=EditionState.BUILDING)

    def progress(done: int, pages: int) -> None:
        if not row.update(pages_done=done, pages=pages):
            raise Stopped

    part = EditionPart.objects.create(
        edition=edition, part=Part.FULL, language=settings.LANGUAGE_CODE, state=EditionState.BUILDING
    )
    listed = list(rows.compared(taken.named, number, before))
    if latest and before:
        people = list(rows.people(listed))
        edition.added = sum(row.first_in == number for row in people)
        edition.left = latest.named + edition.added - edition.named
        edition.corrected = sum(row.corrected_in == number for row in people)
    _make(part, listed, head, taken.text, progress, _groups_changed(edition, listed, latest) if before else None)
    edition.pages = edition.pages_done = part.pages
    last_release.fill_columns(edition, part)
    part.state = EditionState.READY
    outdated = retiring.shown_ones_outdated()
    with transaction.atomic():
        if not row.update(state=EditionState.READY, number=number, as_of=taken.as_of):
            raise Stopped
        edition.state = EditionState.READY
        edition.save()
        part.save()
        since.keep(edition, listed, tracked_since)
        checksums.sign(edition)
        Edition.objects.filter(pk__in=outdated, retired_at=None).update(retired_at=timezone.now())
    logger.info("edition %d is ready: %d by name, %d without", number, edition.named, edition.unnamed)


def _groups_changed(edition: Edition, listed: Sequence[Row], latest: Edition | None) -> GroupsChanged | None:
    """Count the groups that were added, taken off and corrected since the edition before; None if neither has any."""
    before = latest.groups if latest else 0
    if not before and not edition.groups:
        return None
    groups = [row for row in listed if row.signature.is_group]
    added = sum(row.first_in == edition.number for row in groups)
    corrected = sum(row.corrected_in == edition.number for row in groups)
    return GroupsChanged(added, before + added - edition.groups, corrected)


def _write_part(part: EditionPart) -> None:
    """Build the files of a list, store them, and mark it ready."""
    source = part.edition.full_file(FileFormat.JSON)
    if source is None:
        raise FileNotFoundError("The full list of this edition is deleted.")
    with default_storage.open(source.path) as stored:
        head, found = rows.chosen(stored, Part(part.part), part.since)
        listed = list(found)
    if part.since:
        earlier = Edition.objects.published().get(number=part.since)
        added = sum(row.first_in > part.since for row in rows.people(listed))
        part.left = earlier.named + added - part.edition.named
    row = EditionPart.objects.filter(pk=part.pk, state=EditionState.BUILDING)

    def progress(done: int, pages: int) -> None:
        if Edition.objects.filter(state=EditionState.ASKED).exists() or not row.update(pages_done=done, pages=pages):
            raise Stopped

    version = head["declaration"]["version"]
    text = Text.objects.filter(version=version, language=part.language).first()
    text = text or Text.objects.get(version=version, language=settings.LANGUAGE_CODE)
    _make(part, listed, head, text, progress)
    with transaction.atomic():
        told = {"names": part.names, "left": part.left, "pages": part.pages, "pages_done": part.pages}
        if not row.update(state=EditionState.READY, **told):
            raise Stopped
        checksums.sign(part.edition)
    logger.info("edition %d: %s is ready, %d entries", part.edition.number or 0, part.stem, part.names)


def _head(edition: Edition, text: Text, tracked_since: int) -> dict[str, Any]:
    """Return what the JSON says of the edition."""
    assert edition.as_of  # noqa: S101 - a snapshot has a moment
    return {
        "edition": edition.number,
        "as_of": edition.as_of.astimezone(UTC).isoformat(timespec="seconds"),
        "count": edition.count,
        "named": edition.named,
        "unnamed": edition.unnamed,
        "groups": edition.groups,
        "trail_head": edition.trail_head,
        "declaration": {"version": text.version, "title": text.title, "sha256": text.sha256},
        "published_by": settings.OPERATOR_NAME,
        "published_at": settings.SITE_URL,
        "tracked_since": tracked_since,
    }


def _make(
    part: EditionPart, listed: Sequence[Row], head: dict[str, Any], text: Text, progress: Progress,
    groups: GroupsChanged | None = None,
) -> None:  # fmt: skip
    """Make the four files of a list in a temporary folder, and store them."""
    part.names = len(listed)
    edition = part.edition
    assert edition.as_of  # noqa: S101 - a snapshot has a moment
    mark = mark_of(part)
    with TemporaryDirectory(prefix=_folder_prefix()) as folder:
        made = {format_: Path(folder) / f"list.{format_}" for format_ in FileFormat}
        part.pages = _typeset(part, listed, text, made[FileFormat.PDF], progress, groups)
        csv_file.write(listed, made[FileFormat.CSV], mark=mark, since=part.since)
        xlsx_file.write(listed, made[FileFormat.XLSX], as_of=edition.as_of, mark=mark, since=part.since)
        told = {"list": part.stem, "language": part.language, "names": part.names, table.MARK: mark}
        rows.write(head | told | ({"left": part.left} if part.since else {}), listed, made[FileFormat.JSON])
        _store(part, made)


def _typeset(
    part: EditionPart, listed: Sequence[Row], text: Text, target: Path, progress: Progress,
    groups: GroupsChanged | None,
) -> int:  # fmt: skip
    """Set the PDF; returns its number of pages."""
    edition, is_full = part.edition, part.part == Part.FULL
    assert edition.as_of  # noqa: S101 - a snapshot has a moment
    cover = Cover(
        title=text.title,
        text_html=text.html if is_full else "",
        language=part.language,
        edition=edition.number or 0,
        named=edition.named,
        groups=edition.groups,
        unnamed=edition.unnamed,
        as_of=edition.as_of,
        site_url=settings.SITE_URL,
        operator_name=settings.OPERATOR_NAME,
        text_sha256=text.sha256,
        version=text.version,
        trail_head=edition.trail_head,
        part="" if is_full else str(part.get_part_display()),
        names=part.names,
        since=part.since,
        left=part.left,
        mark=mark_of(part),
        figures=_figures(edition, listed, groups) if is_full and listed else None,
    )
    entries = [entry(row, since=part.since) for row in listed]
    _tell_what_is_not_drawn(edition, entries)
    # Only the full list in the main language is waited for, and is built anew as soon as somebody has left.
    kept = KeptSegments() if is_full and part.language == settings.LANGUAGE_CODE else None
    build_pdf(cover, entries, target, progress=progress, kept=kept)
    if kept:
        kept.delete_others()
    return page_count(target)


def _tell_what_is_not_drawn(edition: Edition, entries: Sequence[ListEntry]) -> None:
    """Log the characters for which no face has a glyph."""
    characters: set[str] = set()
    for each in entries:
        characters.update(each.name, each.name_latin, each.detail)
    if missing := fonts.missing_glyphs("".join(characters)):
        signs = " ".join(f"U+{ord(sign):04X}" for sign in sorted(missing))
        logger.warning("edition %d: no face has a glyph for %s; see FONT_DIRS", edition.number, signs)


def _figures(edition: Edition, listed: Sequence[Row], groups: GroupsChanged | None) -> FigurePage:
    """Count the plots of the snapshot itself; the curve ends with its number."""
    assert edition.as_of  # noqa: S101 - a snapshot has a moment
    fields = plots.fields(Counter(row.signature.profession for row in rows.people(listed)))
    curve = plots.curve(edition.as_of, edition.count)
    return FigurePage(
        fields=fields.printed if fields else None,
        curve=curve.printed if curve else None,
        added=edition.added,
        left=edition.left or 0,
        corrected=edition.corrected or 0,
        groups=groups,
    )


def entry(row: Row, *, since: int = 0) -> ListEntry:
    """Convert a row to its printed entry; in a list of changes it says what was corrected."""
    signature = row.signature
    corrected = gettext("corrected") if since and row.change_since(since) == "corrected" else ""
    return ListEntry(
        number=signature.number or 0,
        name=signature.name,
        name_latin=signature.name_latin,
        detail=" · ".join(part for part in (signature.detail, corrected) if part),
        letter=row.letter,
        lang=row.language,
    )


def _store(part: EditionPart, made: dict[FileFormat, Path]) -> None:
    """Store the files under new names. The rows come first, so that partly stored files can be found and deleted."""
    files = []
    for format_, path in made.items():
        digest = _sha256(path)
        name = f"editions/{part.edition.number}-{part.stem}-{part.language}-{digest[:16]}.{format_}"
        files.append(EditionFile(part=part, format=format_, path=name, sha256=digest, size=path.stat().st_size))
    EditionFile.objects.bulk_create(files)
    for file in reversed(files):  # the PDF last
        with made[FileFormat(file.format)].open("rb") as content:
            default_storage.save(file.path, File(content))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
