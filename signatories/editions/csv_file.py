"""The list as CSV that a spreadsheet opens safely."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import UTC

from signatories.models import Signature, signer_fields

_FORMULA = "=+-@\t\r\0|%"


def cell(value: str) -> str:
    """Return `value` so that no spreadsheet reads it as a formula (OWASP, "CSV Injection").

    This also covers full-width signs, and signs after spaces or quotes; line breaks become spaces.
    """
    value = " ".join(value.split())
    first = unicodedata.normalize("NFKC", value).lstrip(" '\"")[:1]
    return f"'{value}" if first and first in _FORMULA else value


def _columns() -> list[str]:
    """The texts of a row. The guessed ones come last."""
    public = sorted((f for f in signer_fields.FIELDS if f.public), key=lambda field: field.guessed)
    return [name for field in public for name in (field.column, field.words) if name]


def write(signatures: Iterable[Signature]) -> bytes:
    """Return the CSV: UTF-8 with byte order mark, a header, one row per signature, CRLF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = _columns()
    writer.writerow(["number", *columns, "published_at"])
    for s in signatures:
        published = s.published_at.astimezone(UTC).isoformat(timespec="seconds") if s.published_at else ""
        texts = (cell(str(signer_fields.plain(s, column))) for column in columns)
        writer.writerow([s.number, *texts, published])
    return out.getvalue().encode("utf-8-sig")


def numbers(content: bytes) -> set[int]:
    """Return the public numbers in a file made by `write`."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    column = next(rows).index("number")
    return {int(row[column]) for row in rows}
