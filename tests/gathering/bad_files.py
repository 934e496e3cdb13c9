"""Files that are good or hostile, for the tests of whatever reads uploaded tables."""

import io
import zipfile
import zlib
from collections.abc import Callable

import xlsxwriter

from signatories.gathering.file_reader import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Reason

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(
    *rows: list[str], draw: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None] | None = None
) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if draw:
            draw(book, sheet)
    return made.getvalue()


def archive(members: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return made.getvalue()


def with_members(members: dict[str, str | bytes]) -> bytes:
    """A small workbook, in which some members are others."""
    with zipfile.ZipFile(io.BytesIO(workbook(["Name", "Mail"], ["Ann", "a@b.example"]))) as packed:
        return archive({**{name: packed.read(name) for name in packed.namelist()}, **members})


def with_rows(rows: str, *, size: str = "A1:B2", strings: str = "") -> bytes:
    """A workbook with the XML of its rows, the head before them, and with the XML of its shared strings."""
    sheet = f'<worksheet {SPREADSHEET}><dimension ref="{size}"/><sheetData><row r="1">{inline("A1", "Name")}{inline("B1", "Mail")}</row>{rows}</sheetData></worksheet>'
    return with_members({SHEET: sheet, STRINGS: f"<sst {SPREADSHEET}>{strings}</sst>"})


def inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def bomb(stated: int) -> bytes:
    """A workbook of 1.1 MB whose sheet unpacks to 1.1 GB, and is said to be of `stated` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)  # it can be repeated as it is
    made = io.BytesIO(with_members({}))
    with zipfile.ZipFile(made, "a") as packed:
        packed.writestr("xl/worksheets/sheet2.xml", block * 1_100 + packer.flush())
        packed.infolist()[-1].compress_type = zipfile.ZIP_DEFLATED  # what its directory says when it is closed
        packed.infolist()[-1].file_size = stated
    return made.getvalue()


def lines(count: int, row: str = "Ann,a@b.example\n") -> bytes:
    return f"Name,Mail\n{row * count}".encode()


SHARED = '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'
BAD_TEXT: dict[str, tuple[bytes, Reason, int | None]] = {
    "nothing": (b"", Reason.EMPTY, None),
    "only a mark": (b"\xef\xbb\xbf", Reason.EMPTY, None),
    "only empty cells": (b" , ,\n\n,,\n", Reason.EMPTY, None),
    "a million empty cells": (b"," * 1_000_000, Reason.EMPTY, None),
    "only a head": (b"Name,Mail\n", Reason.NO_ROWS, None),
    "a head and empty rows": (b"Name,Mail\n\n , \n", Reason.NO_ROWS, None),
    "NUL": (b"Name,Mail\nAnn,a@b.example\nB\0n,b@b.example\n", Reason.NUL, 3),
    "UTF-16 without a mark": ("Name,Mail\nAnn,a@b.example\n".encode("utf-16-le"), Reason.NUL, 1),
    "UTF-16, other order, without a mark": ("Name,Mail\nAnn,a@b.example\n".encode("utf-16-be"), Reason.NUL, 1),
    "UTF-32": ("Name,Mail\nAnn,a@b.example\n".encode("utf-32"), Reason.NUL, 1),
    "half a letter of UTF-16": ("Name,Mail\nAnn,a@b.example".encode("utf-16") + b"x", Reason.NOT_UTF_8, 2),
    "half a pair of UTF-16": ("Name\nAnn\n".encode("utf-16") + b"\x3d\xd8\n\0", Reason.NOT_UTF_8, 3),
    "Latin 1": ("Name,Mail\nZoë,z@b.example\n".encode("latin-1"), Reason.NOT_UTF_8, 2),
    "two encodings": ("Name\n星野\nZoë\n".encode() + "Zoë\n".encode("cp1252"), Reason.NOT_UTF_8, 4),
    "two encodings, after a cell of three lines": (b'Name\n"A\nn\nn"\n' + "Zoë\n".encode("cp1252"), Reason.NOT_UTF_8, 3),
    "two encodings, the first is UTF-16": ("Name\nAnn\n".encode("utf-16") + b"Zo\xc3\xab or more\n", Reason.NOT_UTF_8, 3),
    "a surrogate": (b"Name\n\xed\xb3\xbf\n", Reason.NOT_UTF_8, 2),
    "a quote that is not closed": (b'Name,Mail\nAnn,a@b.example\n"Ben,b@b.example\nCy,c@b.example\n', Reason.QUOTES, 3),
    "2 MB of one quote": (b"Name\n" + b'"' * (MOST_BYTES - 5), Reason.QUOTES, 2),
    "2 MB of quotes in pairs": (b"Name\n" + b'"' * (MOST_BYTES - 6), Reason.LONG_CELL, 2),
    "2 MB of lines within a quote": (b'Name\n"' + b"\n" * (MOST_BYTES - 6), Reason.QUOTES, 2),
    "a quote and then text": (b'Name,Mail\n"Ann" Smith,a@b.example\n', Reason.QUOTES, 2),
    "more cells than the head": (b"Name,Mail\nAnn,a@b.example\nSmith, Ben,b@b.example\n", Reason.MORE_THAN_HEAD, 3),
    "10,000 letters": (lines(1) + b"x" * 10_000, Reason.LONG_CELL, 3),
    "a letter too many": (lines(1) + b"x" * (LONGEST_CELL + 1), Reason.LONG_CELL, 3),
    "a million columns": (b"x," * 999_999, Reason.TOO_MANY_COLUMNS, 1),
    "a column too many": (b"x," * MOST_COLUMNS + b"x\n1\n", Reason.TOO_MANY_COLUMNS, 1),
    "100,000 rows": (lines(100_000), Reason.TOO_MANY_ROWS, None),
    "a row too many": (lines(MOST_ROWS + 1), Reason.TOO_MANY_ROWS, None),
    "2 MB of no text": (b"\xfe" * MOST_BYTES, Reason.NOT_UTF_8, 1),
    "a byte too many": (b"x" * (MOST_BYTES + 1), Reason.TOO_MANY_BYTES, None),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Reason.NOT_A_TABLE, None),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Reason.NOT_A_TABLE, None),
    "a program": (b"MZ\x90\0\x03\0\0\0", Reason.NOT_A_TABLE, None),
    "a web page that is called XLS": (b"\xef\xbb\xbf\n<html><table><tr><td>Name", Reason.NOT_A_TABLE, None),
    "an old workbook": (OLE + bytes(2_000), Reason.OLD_WORKBOOK, None),
    "a password": (OLE + bytes(2_000) + "EncryptedPackage".encode("utf-16-le"), Reason.PASSWORD, None),
}  # fmt: skip
BAD_ARCHIVES: dict[str, tuple[Callable[[], bytes], Reason, int | None]] = {
    "an empty archive": (lambda: archive({}), Reason.NOT_A_TABLE, None),
    "only the first bytes": (lambda: ZIP + bytes(100), Reason.DAMAGED, None),
    "half a workbook": (lambda: workbook(["Name"], ["Ann"])[:2_000], Reason.DAMAGED, None),
    "a byte is another": (lambda: workbook(["Name"], ["Ann"]).replace(b"sheet1.xml", b"sheet1.xmk", 1), Reason.DAMAGED, None),
    "a text document": (lambda: archive({"word/document.xml": "<w/>"}), Reason.NOT_A_TABLE, None),
    "a binary workbook": (lambda: archive({"xl/workbook.bin": b"\x83\x01\0"}), Reason.NOT_A_TABLE, None),
    "an archive within archives": (lambda: archive({"a.zip": archive({"b.zip": archive({"c.csv": "Name\nAnn"})})}), Reason.NOT_A_TABLE, None),
    "OpenDocument": (lambda: archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<c/>"}), Reason.OPEN_DOCUMENT, None),
    "a workbook that is OpenDocument too": (lambda: with_members({"mimetype": "x", "content.xml": "<c/>"}), Reason.OPEN_DOCUMENT, None),
    "macros": (lambda: with_members({"xl/vbaProject.bin": OLE}), Reason.MACROS, None),
    "macros elsewhere": (lambda: with_members({"xl\\other\\VBAproject.BIN": OLE}), Reason.MACROS, None),
    "macros of Excel 4": (lambda: with_members({"xl/macrosheets/sheet1.xml": "<m/>"}), Reason.MACROS, None),
    "a bomb": (lambda: bomb(1_100_000_000), Reason.TOO_BIG, None),
    "a bomb that is said to be small": (lambda: bomb(1_000), Reason.TOO_BIG, None),
    "a bomb that is said to be empty": (lambda: bomb(0), Reason.TOO_BIG, None),
    "201 members": (lambda: with_members({f"xl/media/{n}.png": "" for n in range(201)}), Reason.TOO_BIG, None),
    "another way of packing": (lambda: repacked(zipfile.ZIP_LZMA), Reason.DAMAGED, None),
    "a shared string of 39 MB": (lambda: with_rows(SHARED, strings=f"<si><t>{'x' * 39_000_000}</t></si>"), Reason.LONG_CELL, 2),
    "a shared string of 41 MB": (lambda: with_rows(SHARED, strings=f"<si><t>{'x' * 41_000_000}</t></si>"), Reason.TOO_BIG, None),
    "5 million shared strings": (lambda: with_rows(SHARED, strings="<si/>" * 5_000_000), Reason.TOO_BIG, None),
    "one string in very many cells": (lambda: with_rows(f"<row>{'<c t="s"><v>0</v></c>' * 40}</row>" * 15_000, strings=f"<si><t>{'x' * 500}</t></si>"), Reason.TOO_BIG, None),
    "40 MB to be written": (lambda: with_rows(f"<row>{'<c t="s"><v>0</v></c>' * 40}</row>" * 1_000, strings=f"<si><t>{'é' * 250}</t></si>"), Reason.TOO_BIG, None),
    "an entity": (lambda: with_members({STRINGS: f'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><sst {SPREADSHEET}><si><t>&b;</t></si></sst>'}), Reason.DAMAGED, None),
    "an entity from a file": (lambda: with_members({STRINGS: f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst {SPREADSHEET}><si><t>&a;</t></si></sst>'}), Reason.DAMAGED, None),
    "a string that is not there": (lambda: with_rows('<row r="2"><c r="A2" t="s"><v>9999</v></c></row>'), Reason.DAMAGED, None),
    "a cell in the last corner": (lambda: with_rows(inline("XFD1048576", "x")), Reason.TOO_BIG, None),
    "a cell beyond every sheet": (lambda: with_rows(inline("ZZZZZZZZZZ99999999999", "x")), Reason.DAMAGED, None),
    "a cell in the last column": (lambda: with_rows(inline("XFD2", "x")), Reason.TOO_MANY_COLUMNS, 2),
    "100,000 columns": (lambda: with_rows(f"<row>{'<c><v>1</v></c>' * 100_000}</row>"), Reason.TOO_MANY_COLUMNS, 2),
    "100,000 rows": (lambda: with_rows("<row><c><v>1</v></c></row>" * 100_000), Reason.TOO_MANY_ROWS, None),
    "a cell of 10,000 letters": (lambda: workbook(["Name"], ["Ann"], ["x" * 10_000]), Reason.LONG_CELL, 3),
    "no row": (lambda: workbook(), Reason.EMPTY, None),
    "only a head": (lambda: workbook(["Name", "Mail"]), Reason.NO_ROWS, None),
    "no sheet that is shown": (lambda: with_members({"xl/workbook.xml": f'<workbook {SPREADSHEET}><sheets/></workbook>'}), Reason.EMPTY, None),
    "XML that does not end": (lambda: with_members({SHEET: f"<worksheet {SPREADSHEET}><sheetData><row><c><v>1"}), Reason.DAMAGED, None),
}  # fmt: skip


def repacked(method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(with_members({}))) as old, zipfile.ZipFile(made, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return made.getvalue()
