"""Deletes files: of older editions when somebody in them has left the list, and of editions that never were ready."""

import logging
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import Q

from signatories.editions import csv_file
from signatories.models import Edition, Signature
from signatories.models.edition import EditionState

logger = logging.getLogger(__name__)


def retire(now: datetime) -> list[int]:
    """Retire older editions that name somebody who has left the list; returns their numbers. Safe to repeat.

    The latest edition keeps its files until the next one is ready, which is asked for already: the press needs one.
    """
    latest = Edition.objects.latest_ready()
    if latest is None:
        return []
    older = Edition.objects.published().filter(Q(retired_at=None) | ~Q(pdf=""), number__lt=latest.number)
    retired = [edition for edition in older if edition.retired_at or names_who_left(edition)]
    for edition in retired:
        Edition.objects.filter(pk=edition.pk, retired_at=None).update(retired_at=now)
        _delete_files(edition)
        logger.info("edition %d is retired: somebody in it has left the list", edition.number or 0)
    return [edition.number or 0 for edition in retired]


def names_who_left(edition: Edition) -> bool:
    """Whether a ready edition names somebody who is not public now, according to its own CSV file."""
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    left = set(Signature.objects.left_since(edition.as_of).values_list("number", flat=True))
    if not left:
        return False
    if not default_storage.exists(edition.csv):
        return True
    with default_storage.open(edition.csv) as file:
        return not left.isdisjoint(csv_file.numbers(file.read()))


def discard_unfinished() -> None:
    """Delete the files of builds that failed or were killed: they hold names and belong to no ready edition.

    To be called only under the build lock: the row of a build under way names files before they are written.
    """
    for edition in Edition.objects.exclude(state=EditionState.READY).exclude(pdf="", csv=""):
        _delete_files(edition)


def _delete_files(edition: Edition) -> None:
    """Delete first, then forget the names: if this process is killed between, the next call deletes the rest."""
    for name in filter(None, (edition.pdf, edition.csv)):
        default_storage.delete(name)
    Edition.objects.filter(pk=edition.pk).update(pdf="", csv="")
