"""What changed from an edition to the newest one: of the names that stand in either, as decision 31 counts it.

Each row of the newest one knows in which edition it first stood and was last corrected. Of these numbers the builder
keeps sums, a line for each edition, in EditionHistory: a page that tells a change reads no file.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from signatories.editions.rows import Row
from signatories.models import Edition, EditionHistory


class Changes(NamedTuple):
    """Of people: how many names were added since the older edition, have left since, and were corrected since.

    Who came and went between the two is none of them. Who stood in the older one, left, and is back, is added and left
    if an edition between them was without that name, and else neither.

    `all_stand`: each name of the older one, those of groups included, stands in the newer one as it stood. Of somebody
    who left and is back it is not said.
    """

    added: int
    left: int
    corrected: int
    all_stand: bool


class _Line(NamedTuple):
    """What the rows of the newest edition say of the edition `number`.

    People that first stood in it; people last corrected in it, less those that first stood in it and were corrected
    later. The sum of the latter over all editions after an older one is the number of those corrected since, because
    nobody is corrected in the first edition of their own. The same of groups.
    """

    number: int
    added: int
    corrected: int
    groups_added: int
    groups_corrected: int


def keep(edition: Edition, listed: Iterable[Row], tracked_since: int) -> None:
    """Store the sums of the edition that becomes the newest, in whose transaction it is called; older ones go."""
    rows = [*_lines(listed, tracked_since)]
    EditionHistory.objects.exclude(edition=edition).delete()
    EditionHistory.objects.create(edition=edition, tracked_since=tracked_since, rows=rows)


def _lines(listed: Iterable[Row], tracked_since: int) -> Iterable[_Line]:
    """Yield those of editions after `tracked_since` that say anything: nobody can ask of the time before."""
    added, corrected = Counter[tuple[int, bool]](), Counter[tuple[int, bool]]()
    for row in listed:
        is_group = row.signature.is_group
        added[row.first_in, is_group] += 1
        if row.corrected_in:
            corrected[row.corrected_in, is_group] += 1
            corrected[row.first_in, is_group] -= 1
    for number in sorted({number for number, _is_group in (*added, *corrected) if number > tracked_since}):
        of_people, of_groups = (number, False), (number, True)
        yield _Line(number, added[of_people], corrected[of_people], added[of_groups], corrected[of_groups])


def tells(edition: Edition, number: int) -> bool:
    """Whether the edition knows what changed since the edition `number`; it does not if its sums are not kept."""
    return EditionHistory.objects.filter(edition=edition, tracked_since__lte=number).exists()


def changes(before: Edition, after: Edition) -> Changes | None:
    """Compare an edition with the newest one; None where nothing was noted at the time of the first."""
    number = before.number or 0
    history = EditionHistory.objects.filter(edition=after, tracked_since__lte=number).first()
    if history is None:
        return None
    later = [_Line(*line) for line in history.rows if line[0] > number]
    added, corrected = sum(line.added for line in later), sum(line.corrected for line in later)
    left = before.named + added - after.named
    groups_left = before.groups + sum(line.groups_added for line in later) - after.groups
    groups_corrected = sum(line.groups_corrected for line in later)
    return Changes(added, left, corrected, all_stand=not (left or corrected or groups_left or groups_corrected))
