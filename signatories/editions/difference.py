"""Whether the list differs from that of an edition.

Moments alone cannot tell: a change bears the moment at which it was decided, and may be stored up to IN_FLIGHT later.
So who was changed around the snapshot or after it is compared with what the edition says of them. Such a change is
found as soon as it is stored, however often it was looked for before.
"""

from django.core.files.storage import default_storage

from signatories.editions import rows
from signatories.editions.rows import Row
from signatories.models import Edition, Signature
from signatories.models.edition import FileFormat
from signatories.models.signature import IN_FLIGHT
from signatories.tally.services import Number


def may_have_changed(edition: Edition, number: Number) -> bool:
    """Whether the list may differ from that of a ready edition, for a page: no file is opened. `number` is the tally's.

    It says so of somebody who left and came back, too, and overlooks a correction that was in flight at the snapshot.
    """
    counted = (number.named, number.unnamed, number.groups)
    if counted != (edition.named, edition.unnamed, edition.groups):
        return True
    return Signature.objects.public().filter(changed_at__gt=edition.as_of).exists()


def changed_since(edition: Edition) -> bool:
    """Whether the list differs from that of a ready edition; also true if nobody can tell, because its JSON is gone.

    It may read the JSON of the edition, so no page asks for it.
    """
    assert edition.as_of is not None  # noqa: S101 - ready means dated (edition_ready_has_number)
    moved = Signature.objects.filter(changed_at__gte=edition.as_of - IN_FLIGHT, number__isnull=False)
    if not moved.exists():
        return False
    public = Signature.objects.public()
    if public.filter(published_at__gt=edition.as_of + IN_FLIGHT).exists():  # for the first time: it is in no edition
        return True
    if _counts_differ(edition):
        return True
    file = edition.full_file(FileFormat.JSON)
    if file is None or not default_storage.exists(file.path):
        return True
    shown: dict[int, int | None] = {number or 0: None for number in moved.values_list("number", flat=True)}
    now_public = moved.public().only(*rows.READ).iterator()
    shown |= {row.signature.number or 0: _digest(row) for row in rows.compared(now_public, 0, None)}
    return _differs(file.path, shown)


def _counts_differ(edition: Edition) -> bool:
    """Whether the list has more or fewer rows; the cheapest is counted first."""
    public = Signature.objects.public()
    return (
        public.groups().count() != edition.groups
        or public.count() != edition.named + edition.groups
        or Signature.objects.counted().filter(named=False).count() != edition.unnamed
    )


def _differs(path: str, shown: dict[int, int | None]) -> bool:
    """Whether a JSON says of these numbers anything but these digests (None: not public). It reads up to the first."""
    with default_storage.open(path) as stored:
        for row in rows.of_numbers(stored, shown):
            if shown.pop(row.signature.number or 0) != _digest(row):
                return True
            if not shown:
                return False
    return any(digest is not None for digest in shown.values())


def _digest(row: Row) -> int:
    """Of what the edition shows of a row, for one process: strings have another hash in the next."""
    return hash((row.said, row.letter, row.language))
