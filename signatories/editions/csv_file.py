"""The list as CSV that a spreadsheet opens safely."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from signatories.editions import table
from signatories.editions.rows import Row

_FORMULA = "=+-@\t\r\0|%"


def cell(value: str) -> str:
    """Return `value` so that no spreadsheet reads it as a formula (OWASP, "CSV Injection").

    This also covers full-width signs, and signs after spaces or quotes; line breaks become spaces.
    """
    value = " ".join(value.split())
    first = unicodedata.normalize("NFKC", value).lstrip(" '\"")[:1]
    return f"'{value}" if first and first in _FORMULA else value


def write(listed: Iterable[Row], target: Path, *, mark: str, since: int = 0) -> None:
    """Write the CSV to `target`: UTF-8 with byte order mark, a header, one row per signature, CRLF (RFC 4180).

    `mark` is that of the list, `since` of changes the number of the earlier edition.
    """
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(table.header(since))
        writer.writerows([cell(value) for value in row] for row in table.texts(listed, mark, since))


def numbers(content: bytes) -> set[int]:
    """Return the public numbers in a file made by `write`."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    column = next(rows).index("number")
    return {int(row[column]) for row in rows}
