"""The list as CSV that a spreadsheet opens safely."""

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
    """Return `value` so that no spreadsheet reads it as a formula (OWASP, "CSV Injection").

    This also covers full-width signs, and signs after spaces or quotes; line breaks become spaces.
    """
    value = " ".join(value.split())
    first = unicodedata.normalize("NFKC", value).lstrip(" '\"")[:1]
    return f"'{value}" if first and first in _FORMULA else value


def write(signatures: Iterable[Signature]) -> bytes:
    """Return the CSV: UTF-8 with byte order mark, a header, one row per signature, CRLF (RFC 4180)."""
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
    """Return the public numbers in a file made by `write`."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    column = next(rows).index("number")
    return {int(row[column]) for row in rows}
