"""Deletion of files: of older editions when a person in them has left the list, and of unfinished builds."""

import logging
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import Q

from signatories.editions import csv_file
from signatories.models import Edition, Signature
from signatories.models.edition import EditionState

logger = logging.getLogger(__name__)


def retire(now: datetime) -> list[int]:
    """Retire older editions that name persons who left; returns their numbers. Safe to repeat.

    The latest stays until the next is ready: the press uses it, and the next one is already requested.
    """
    latest = Edition.objects.latest_ready()
    if latest is None:
        return []
    older = Edition.objects.published().filter(Q(retired_at=None) | ~Q(pdf="", xlsx=""), number__lt=latest.number)
    retired = [edition for edition in older if edition.retired_at or names_who_left(edition)]
    for edition in retired:
        Edition.objects.filter(pk=edition.pk, retired_at=None).update(retired_at=now)
        _delete_files(edition)
        logger.info("edition %d is retired: somebody in it has left the list", edition.number or 0)
    return [edition.number or 0 for edition in retired]


def names_who_left(edition: Edition) -> bool:
    """Whether a ready edition names a person who is not public now, according to its own CSV."""
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    left = set(Signature.objects.left_since(edition.as_of).values_list("number", flat=True))
    if not left:
        return False
    if not default_storage.exists(edition.csv):
        return True
    with default_storage.open(edition.csv) as file:
        return not left.isdisjoint(csv_file.numbers(file.read()))


def discard_unfinished() -> None:
    """Delete the files of builds that failed or were killed.

    Call it only while no build runs: the row of a running build names files before they are written.
    """
    for edition in Edition.objects.exclude(state=EditionState.READY).exclude(pdf="", csv="", xlsx=""):
        _delete_files(edition)


def _delete_files(edition: Edition) -> None:
    """Delete the files first, then their names in the row, so that a killed process can be continued."""
    for name in filter(None, (edition.pdf, edition.csv, edition.xlsx)):
        default_storage.delete(name)
    Edition.objects.filter(pk=edition.pk).update(pdf="", csv="", xlsx="")
