"""Deletion of files: of older editions when a person in them has left the list, and of unfinished builds."""

import logging
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet

from signatories.editions import csv_file
from signatories.models import Edition, EditionFile, EditionPart, Signature
from signatories.models.edition import EditionState, FileFormat, Part

logger = logging.getLogger(__name__)


def retire(now: datetime) -> list[int]:
    """Retire older editions that name persons who left; returns their numbers. Safe to repeat.

    The latest stays until the next is ready: the press uses it, and the next one is already requested.
    """
    latest = Edition.objects.latest_ready()
    if latest is None:
        return []
    has_files = Exists(EditionFile.objects.filter(part__edition=OuterRef("pk")).exclude(path=""))
    older = Edition.objects.published().filter(Q(retired_at=None) | has_files, number__lt=latest.number)
    retired = [edition for edition in older if edition.retired_at or names_who_left(edition)]
    for edition in retired:
        Edition.objects.filter(pk=edition.pk, retired_at=None).update(retired_at=now)
        _delete_all_of(edition)
        logger.info("edition %d is retired: somebody in it has left the list", edition.number or 0)
    return [edition.number or 0 for edition in retired]


def shown_ones_outdated() -> list[int]:
    """Return the ids of editions whose lists are shown as the newest of their kind, and that name persons who left.

    They are marked as retired in the transaction in which a new edition becomes the latest, so that no list of them is
    up longer than their full list. Other editions are found by `retire`.
    """
    newest = EditionPart.objects.up().order_by("part", "language", "-edition__number").distinct("part", "language")
    shown = Edition.objects.filter(pk__in=newest.values("edition"))
    return [edition.pk for edition in shown if names_who_left(edition)]


def names_who_left(edition: Edition) -> bool:
    """Whether a ready edition names a person who is not public now, according to its own CSV."""
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    left = set(Signature.objects.left_since(edition.as_of).values_list("number", flat=True))
    if not left:
        return False
    full = edition.full_file(FileFormat.CSV)
    if full is None or not default_storage.exists(full.path):
        return True
    with default_storage.open(full.path) as file:
        return not left.isdisjoint(csv_file.numbers(file.read()))


def discard_unfinished() -> None:
    """Delete what builds that failed, were killed or were cancelled have left.

    Call it only while no build runs: a running build stores rows of its files before it writes these.
    """
    for part in EditionPart.objects.exclude(state=EditionState.READY).filter(files__isnull=False).distinct():
        _delete_files(part.files.all())
        part.files.all().delete()
    EditionPart.objects.filter(part=Part.FULL, edition__number=None).delete()
    Edition.objects.exclude(state=EditionState.READY).exclude(pdf="", csv="", xlsx="").update(pdf="", csv="", xlsx="")


def _delete_all_of(edition: Edition) -> None:
    _delete_files(EditionFile.objects.filter(part__edition=edition))
    Edition.objects.filter(pk=edition.pk).update(pdf="", csv="", xlsx="")


def _delete_files(files: QuerySet[EditionFile]) -> None:
    """Delete the files first, then their names in the rows, so that a killed process can be continued."""
    for file in files.exclude(path=""):
        default_storage.delete(file.path)
        EditionFile.objects.filter(pk=file.pk).update(path="")
