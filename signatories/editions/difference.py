"""Whether the list differs from that of an edition.

Moments alone cannot tell: a change bears the moment at which it was decided, and may be stored up to IN_FLIGHT later.
So who was changed around the snapshot or after it is compared with what the edition says of them. Such a change is
found as soon as it is stored, however often it was looked for before.
"""

from collections.abc import Iterable

from django.core.files.storage import default_storage

from signatories.editions import rows
from signatories.editions.rows import Row
from signatories.models import Edition, Signature
from signatories.models.edition import FileFormat
from signatories.models.signature import IN_FLIGHT

type _Shown = tuple[tuple[str, ...], str, str]


def changed_since(edition: Edition) -> bool:
    """Whether the list differs from that of a ready edition; also true if nobody can tell, because its JSON is gone."""
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    moved = Signature.objects.filter(changed_at__gte=edition.as_of - IN_FLIGHT)
    if not moved.exists():
        return False
    if Signature.objects.counted().filter(named=False).count() != edition.unnamed:
        return True
    file = edition.full_file(FileFormat.JSON)
    if file is None or not default_storage.exists(file.path):
        return True
    numbers = set(moved.exclude(number=None).values_list("number", flat=True))
    public = rows.compared(moved.public().only(*rows.READ).iterator(), 0, None)
    with default_storage.open(file.path) as stored:
        printed = (row for row in rows.read(stored)[1] if row.signature.number in numbers)
        return _shown(public) != _shown(printed)


def _shown(listed: Iterable[Row]) -> dict[int, _Shown]:
    return {row.signature.number or 0: (row.said, row.letter, row.language) for row in listed}
