"""The list as a CSV file that a spreadsheet opens safely."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import UTC

from signatories.models import Signature

HEADER = (
    "number", "name", "name_latin", "profession", "profession_text", "affiliation", "country", "filed_under",
    "published_at",
)  # fmt: skip
_FORMULA = "=+-@\t\r\0|%"


def cell(value: str) -> str:
    """Neutralise a value that a spreadsheet would take for a formula (OWASP, "CSV Injection").

    This includes full-width signs, and signs after spaces or quotes. Line breaks become spaces.
    """
    value = " ".join(value.split())
    first = unicodedata.normalize("NFKC", value).lstrip(" '\"")[:1]
    return f"'{value}" if first and first in _FORMULA else value


def write(signatures: Iterable[Signature]) -> bytes:
    """The file: UTF-8 with a byte order mark, a header, one row a signature, CRLF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for s in signatures:
        published = s.published_at.astimezone(UTC).isoformat(timespec="seconds") if s.published_at else ""
        texts = (
            s.name, s.name_latin, s.profession, s.profession_text, s.affiliation, s.country.code or "", s.filed_under,
        )  # fmt: skip
        writer.writerow([s.number, *(cell(text) for text in texts), published])
    return out.getvalue().encode("utf-8-sig")


def numbers(content: bytes) -> set[int]:
    """The public numbers in a file made by `write`."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    column = next(rows).index("number")
    return {int(row[column]) for row in rows}
