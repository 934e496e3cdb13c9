"""Reads an uploaded table in a child process of reading.py, with limits: the file is hostile until shown otherwise.

Takes the bytes of a CSV or XLSX file, writes one JSON line `[line, cells]` for each row, packed by gzip. A refused
file ends it with the exit code REFUSED and `[reason, line]` as the last line of its errors. It imports no Django: it
starts in a moment.
"""

import codecs
import csv
import gzip
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain, count, islice
from typing import cast

import python_calamine

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000  # below the head
MOST_ABOVE_HEAD = 4  # lines that are not empty: a title, merged cells, a day
MOST_COLUMNS = 40
LONGEST_CELL = 500  # characters
MOST_UNPACKED = 40_000_000  # bytes of all members of a workbook
MOST_MEMBERS = 200
# Bytes of JSON: a small workbook can name one long text in each of its cells.
MOST_WRITTEN = 40_000_000
MEMORY_LIMIT = 200 * 1024**2  # address space in bytes
CPU_SECONDS = 4  # docs/performance.md says what honest and hostile files take
REFUSED = 3  # exit code

_UNREADABLE = "\udcff"  # stands for bytes that are no text; no decoder gives it otherwise
_PIECE = 64 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What is no table, though its first lines may be text: documents, pictures, programs, archives, web pages.
_OTHER = (
    b"%PDF-", b"%!PS", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MZ\x90\0", b"\x7fELF", b"\x1f\x8b",
    b"7z\xbc\xaf", b"Rar!", b"SQLite format", b"<",
)  # fmt: skip
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

type Value = int | float | str | bool | date | datetime | time | timedelta
type Row = tuple[int, list[str]]  # the number of the line, as a spreadsheet shows it, and its cells


class Reason(StrEnum):
    """Why a file is not read; reading.py has the words."""

    TOO_MANY_BYTES = "too-many-bytes"
    EMPTY = "empty"
    NO_ROWS = "no-rows"
    NOT_A_TABLE = "not-a-table"
    OPEN_DOCUMENT = "open-document"
    OLD_WORKBOOK = "old-workbook"
    PASSWORD = "password"  # noqa: S105
    MACROS = "macros"
    DAMAGED = "damaged"
    TOO_BIG = "too-big"
    TOO_SLOW = "too-slow"
    NUL = "nul"
    NOT_UTF_8 = "not-utf-8"
    QUOTES = "quotes"
    MORE_THAN_HEAD = "more-than-head"
    TOO_MANY_COLUMNS = "too-many-columns"
    TOO_MANY_ROWS = "too-many-rows"
    LONG_CELL = "long-cell"


class Refused(Exception):
    def __init__(self, reason: Reason, line: int | None = None) -> None:
        super().__init__(reason, line)
        self.reason, self.line = reason, line


def rows(content: bytes) -> Iterator[Row]:
    """Yield the head, what stands above it, and the rows below it that are not empty, each with as many cells."""
    lines = ((line, row) for line, cells in enumerate(_cells(content), 1) if (row := _checked(line, cells)))
    first = list(_first(lines))
    if not first:
        raise Refused(Reason.EMPTY)
    above = [row for _line, row in first if not names_somebody(row)]
    width, number = max([len(first[0][1]), *map(_used, above)]), -1
    for number, (line, row) in enumerate(chain(first, lines)):
        if number > MOST_ROWS:
            raise Refused(Reason.TOO_MANY_ROWS)
        if _used(row) > width:  # an unquoted delimiter has moved the cells after it
            raise Refused(Reason.MORE_THAN_HEAD, line)
        yield line, (row + [""] * width)[:width]
    if number < 1:
        raise Refused(Reason.NO_ROWS)


def _first(lines: Iterator[Row]) -> Iterator[Row]:
    """Yield the lines down to the first person below another line: the head is among them, perhaps below a title.

    Which one it is, columns.find_head says, which knows how heads are called in each language.
    """
    for number, line in enumerate(islice(lines, MOST_ABOVE_HEAD + 1)):
        yield line
        if number and names_somebody(line[1]):
            return


def names_somebody(row: list[str]) -> bool:
    """Whether a row has an address and something beside it; one alone may be that of an office, in a title."""
    return any("@" in cell for cell in row) and sum(map(bool, row)) > 1


def _cells(content: bytes) -> Iterable[list[str]]:
    """Read the lines of a file. The bytes say which kind it is, because anybody can change a name."""
    if content.startswith(_ZIP):
        return _workbook_rows(content)
    if content.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Refused(Reason.PASSWORD if locked else Reason.OLD_WORKBOOK)
    if content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(_OTHER):
        raise Refused(Reason.NOT_A_TABLE)
    return _text_rows(content)


def _checked(line: int, cells: list[str]) -> list[str]:
    """Return the cells trimmed, without empty ones beyond MOST_COLUMNS; nothing for an empty row."""
    row = [cell.strip() for cell in cells]
    for cell in row:
        if _UNREADABLE in cell:
            raise Refused(Reason.NOT_UTF_8, line)
        if "\0" in cell:
            raise Refused(Reason.NUL, line)
        if len(cell) > LONGEST_CELL:
            raise Refused(Reason.LONG_CELL, line)
    used = _used(row)
    if used > MOST_COLUMNS:
        raise Refused(Reason.TOO_MANY_COLUMNS, line)
    return row[:MOST_COLUMNS] if used else []


def _used(row: list[str]) -> int:
    """Return how many cells there are up to the last one that is not empty."""
    return next((number for number in range(len(row), 0, -1) if row[number - 1]), 0)


def _text_rows(content: bytes) -> Iterator[list[str]]:
    text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig", errors="marked")
    lines = io.StringIO(text, newline="")  # ends at LF, CR LF and CR, and keeps them within quotes
    reader = csv.reader(lines, delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    for line in count(1):
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refused(Reason.QUOTES, line) from error
        if cells is None:
            return
        yield cells


def _mark(error: UnicodeError) -> tuple[str, int]:
    return _UNREADABLE, cast(UnicodeDecodeError, error).end


def _delimiter(text: str) -> str:
    """Return what stands most often in the head outside of quotes: comma, semicolon or tab.

    A title may stand above the head, with an address or without: of what delimits the head, a line with an address
    below it has no less.
    """
    start = text.lstrip("\r\n")[: MOST_COLUMNS * LONGEST_CELL]
    unquoted = re.sub(r'"[^"]*(?:"|\Z)', lambda quoted: "@" if "@" in quoted[0] else "", start)
    lines = re.split("[\r\n]+", unquoted)[: MOST_ABOVE_HEAD + 2]
    heads = list[str]()
    for line in lines:
        if "@" not in line:
            heads.append(line)
            continue
        for delimiter, head in ((_most_often(head), head) for head in heads):
            if line.count(delimiter) >= head.count(delimiter) > 0:
                return delimiter
    return _most_often(next((head for head in heads if head.count(_most_often(head))), lines[0]))


def _most_often(line: str) -> str:
    return max(",;\t", key=line.count)


def _workbook_rows(content: bytes) -> Iterator[list[str]]:
    """Read the first sheet that is shown: of a formula its stored value, of merged cells the first."""
    with _damage_refused():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive)
            _check_unpacked(archive)
        sheet = _first_sheet(content)
    for values in sheet.iter_rows() if sheet else ():
        yield [_shown(value) for value in values]


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except (Refused, MemoryError):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise Refused(Reason.DAMAGED) from error


def _check_members(archive: zipfile.ZipFile) -> None:
    """Refuse what is no workbook, or one with macros, by the names of its members; nothing is unpacked."""
    members = archive.infolist()
    names = {member.filename.replace("\\", "/").lower() for member in members}
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Refused(Reason.TOO_BIG)
    if any(member.flag_bits & 1 for member in members):  # encrypted
        raise Refused(Reason.PASSWORD)
    if "content.xml" in names and "mimetype" in names:
        raise Refused(Reason.OPEN_DOCUMENT)
    if "xl/workbook.xml" not in names:
        raise Refused(Reason.NOT_A_TABLE)
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        raise Refused(Reason.MACROS)
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise Refused(Reason.DAMAGED)


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    """Count what the members really are: the sizes that an archive states may be wrong."""
    left = MOST_UNPACKED
    for member in archive.infolist():
        member.file_size = 2 * MOST_UNPACKED  # zipfile reads no further than this
        with archive.open(member) as unpacked:
            while piece := unpacked.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise Refused(Reason.TOO_BIG)


def _first_sheet(content: bytes) -> python_calamine.CalamineSheet | None:
    shown, worksheet = python_calamine.SheetVisibleEnum.Visible, python_calamine.SheetTypeEnum.WorkSheet
    with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
        sheets = [s.name for s in workbook.sheets_metadata if s.visible == shown and s.typ == worksheet]
        return workbook.get_sheet_by_name(sheets[0]) if sheets else None


def _shown(value: Value) -> str:
    """Write a value as a person sees it in the sheet: 12.0 as 12; dates as ISO 8601."""
    match value:
        case bool():
            return str(value).upper()
        case float():
            return f"{value:.15g}"  # the digits that Excel keeps
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _limit() -> None:
    """End this process, and not its neighbours, when it needs more. A core file would hold what it has read."""
    limits = {resource.RLIMIT_AS: MEMORY_LIMIT, resource.RLIMIT_CPU: CPU_SECONDS, resource.RLIMIT_CORE: 0}
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def _write(table: Iterable[Row]) -> None:
    left = MOST_WRITTEN
    with gzip.open(sys.stdout.buffer, "wb", compresslevel=1) as out:
        for row in table:
            line = json.dumps(row).encode() + b"\n"
            left -= len(line)
            if left < 0:
                raise Refused(Reason.TOO_BIG)
            out.write(line)


def _main() -> int:
    _limit()
    codecs.register_error("marked", _mark)
    csv.field_size_limit(MOST_BYTES)  # longer cells are refused by their length, which names the line
    try:
        _write(rows(sys.stdin.buffer.read()))
    except MemoryError:
        answer = Refused(Reason.TOO_BIG)
    except Refused as refused:
        answer = refused
    else:
        return 0
    sys.stderr.write(f"\n{json.dumps([answer.reason, answer.line])}\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(_main())
