"""The list as an Excel workbook, in which every cell is text.

A CSV is read by a spreadsheet as its language expects: one that wants semicolons puts all into one column, and 007 or
3/11 become a number and a date. A workbook says of each cell that it is text, so a name stays as it was typed.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from signatories.editions import table
from signatories.editions.rows import Row

MOST_ROWS = 1_000_000  # of one sheet; Excel takes 1,048,576
_WIDTHS = {"number": 10, "country": 9, "published_at": 26, table.MARK: 40}


def write(listed: Iterable[Row], target: Path, *, as_of: datetime, mark: str, since: int = 0) -> None:
    """Write the workbook to `target`, dated `as_of`, row by row: a row is not kept in memory. The rest is as in CSV."""
    options = {"constant_memory": True, "tmpdir": str(target.parent)}
    with Workbook(str(target), options) as book:
        book.set_properties({"created": as_of.replace(tzinfo=None)})
        text = book.add_format({"num_format": "@"})
        header = book.add_format({"num_format": "@", "bold": True})
        names = table.header(since)
        sheet, at = _sheet(book, names, text, header), 1
        for row in table.texts(listed, mark, since):
            if at > MOST_ROWS:
                sheet, at = _sheet(book, names, text, header), 1
            for column, value in enumerate(row):
                if value:
                    sheet.write_string(at, column, " ".join(value.split()), text)
            at += 1


def _sheet(book: Workbook, names: list[str], text: Format, header: Format) -> Worksheet:
    """Add a sheet with its header, which stays in sight, and without warnings that a text looks like a number."""
    sheet = book.add_worksheet()
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.set_column(column, column, _WIDTHS.get(name, 24), text)
        sheet.write_string(0, column, name, header)
    return sheet
