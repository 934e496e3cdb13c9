"""The public list as a table: the columns and the texts of its rows, for CSV and XLSX alike."""

from collections.abc import Iterable, Iterator
from datetime import UTC

from signatories.models import Signature, signer_fields


def _columns() -> list[str]:
    """The texts of a row. The guessed ones come last."""
    public = sorted((f for f in signer_fields.FIELDS if f.public), key=lambda field: field.guessed)
    return [name for field in public for name in (field.column, field.words) if name]


def header() -> list[str]:
    """Return the names of the columns."""
    return ["number", *_columns(), "published_at"]


def rows(signatures: Iterable[Signature]) -> Iterator[list[str]]:
    """Yield the row of each signature; codes are followed by their words, in the active language."""
    columns = _columns()
    for s in signatures:
        published = s.published_at.astimezone(UTC).isoformat(timespec="seconds") if s.published_at else ""
        yield [str(s.number), *(str(signer_fields.plain(s, column)) for column in columns), published]
