"""What changed from an edition to the newest one: of the names that stand in either, as decision 31 counts it."""

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from django.core.files.storage import default_storage

from signatories.editions import rows
from signatories.models import Edition
from signatories.models.edition import FileFormat


class Changes(NamedTuple):
    """People that only the newer edition names, that only the older one names, and that stand differently in both.

    Who came and went between the two is none of them. `all_stand`: each name of the older one is in the newer one,
    those of groups included.
    """

    added: int
    left: int
    corrected: int
    all_stand: bool


class _History(NamedTuple):
    tracked_since: int
    rows: Counter[tuple[bool, int, int]]  # by whether it is a group, the edition of its first time and correction


def changes(before: Edition, after: Edition) -> Changes | None:
    """Compare two editions, of which the second is up; None where nothing was noted at the time of the first."""
    file, number = after.full_file(FileFormat.JSON), before.number or 0
    if file is None or not default_storage.exists(file.path):
        return None
    history = _history(file.path)
    if history.tracked_since > number:
        return None
    added, corrected = Counter[bool](), 0
    for (is_group, first_in, corrected_in), count in history.rows.items():
        if first_in > number:
            added[is_group] += count
        elif corrected_in > number and not is_group:
            corrected += count
    left = before.named + added[False] - after.named
    groups_left = before.groups + added[True] - after.groups
    return Changes(added[False], left, corrected, all_stand=not (left or groups_left))


@lru_cache(maxsize=4)  # a file never changes, and reading one of 100,000 names takes a second
def _history(path: str) -> _History:
    with default_storage.open(path) as stored:
        head, listed = rows.read(stored)
        found = Counter((row.signature.is_group, row.first_in, row.corrected_in) for row in listed)
    return _History(head["tracked_since"], found)
