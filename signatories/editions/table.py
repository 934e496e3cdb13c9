"""The public list as a table: the columns and the texts of its rows, for CSV and XLSX alike."""

from collections.abc import Iterable, Iterator
from datetime import UTC

from signatories.editions.rows import Row
from signatories.models import signer_fields

MARK = "edition_mark"


def columns() -> list[str]:
    """The texts of a row. The guessed ones come last."""
    public = sorted((f for f in signer_fields.FIELDS if f.public), key=lambda field: field.guessed)
    return [name for field in public for name in (field.column, field.words) if name]


def header(since: int = 0) -> list[str]:
    """Return the names of the columns; a list of changes says of each what changed. The last is that of the mark."""
    return ["number", *columns(), "published_at", *(["change"] if since else []), MARK]


def texts(listed: Iterable[Row], mark: str, since: int = 0) -> Iterator[list[str]]:
    """Yield the texts of each row; codes are followed by their words, in the active language.

    `mark` is that of the list: so a row that was copied still says of which edition it is.
    """
    said = columns()
    for row in listed:
        s = row.signature
        published = s.published_at.astimezone(UTC).isoformat(timespec="seconds") if s.published_at else ""
        change = [row.change_since(since)] if since else []
        yield [str(s.number), *(str(signer_fields.plain(s, column)) for column in said), published, *change, mark]
