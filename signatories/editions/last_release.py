"""While processes are replaced, older ones keep the files of full lists in columns of Edition.

In the next release this module and the columns go.
"""

from django.conf import settings
from django.db import transaction

from signatories.models import Edition, EditionFile, EditionPart
from signatories.models.edition import EditionState, FileFormat, Part


def fill_columns(edition: Edition, part: EditionPart) -> None:
    """Set the columns, so that an older web process finds the files. The caller saves the edition."""
    for file in part.files.exclude(format=FileFormat.JSON):
        setattr(edition, file.format, file.path)
        setattr(edition, f"{file.format}_sha256", file.sha256)


def take_over_editions() -> None:
    """Give editions that an older worker has built the rows by which newer processes find their files."""
    for edition in Edition.objects.published().filter(parts=None):
        with transaction.atomic():
            part = EditionPart.objects.create(
                edition=edition, part=Part.FULL, language=settings.LANGUAGE_CODE, state=EditionState.READY,
                names=edition.named, pages=edition.pages, pages_done=edition.pages,
            )  # fmt: skip
            files = ((format_, getattr(edition, f"{format_}_sha256", "")) for format_ in FileFormat)
            EditionFile.objects.bulk_create(
                EditionFile(part=part, format=format_, path=getattr(edition, format_), sha256=digest)
                for format_, digest in files
                if digest
            )
