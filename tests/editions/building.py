"""Builds an edition in the test's own process, and reads what the site sends, what a PDF says and what a workbook holds."""

import io
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pikepdf

from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import EditionState

_SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def body(response: Any) -> bytes:
    """The bytes of an answer, streamed or not."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


def build() -> Edition:
    """An edition, built as the worker builds it."""
    editions.ask()
    edition = editions.build_waiting()
    assert edition
    assert edition.state == EditionState.READY, edition.error
    return edition


def text_of(pdf: Path, *options: str) -> str:
    """The text a machine reads, NFC, without the marks of direction that pdftotext adds, lines joined by spaces."""
    read = subprocess.run(["pdftotext", *options, str(pdf), "-"], capture_output=True, check=True).stdout.decode()
    kept = "".join(
        character for character in read if unicodedata.category(character) != "Cf" or character in "\u200c\u200d"
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def glyphs(sheet: pikepdf.Page) -> Iterator[int]:
    """The glyphs drawn on a page, as numbers: all our fonts are two bytes a glyph."""
    for instruction in pikepdf.parse_content_stream(sheet):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) in {"Tj", "TJ"}:
            strings = operands[0] if str(operator) == "TJ" else operands
            for string in strings:
                if isinstance(string, pikepdf.String):
                    data = bytes(string)
                    yield from (int.from_bytes(data[place : place + 2]) for place in range(0, len(data), 2))


def sheets(content: bytes) -> list[list[list[str]]]:
    """The cells of each sheet. A cell that is no text fails."""
    found = []
    with ZipFile(io.BytesIO(content)) as book:
        for name in sorted(n for n in book.namelist() if n.startswith("xl/worksheets/sheet")):
            rows = []
            for row in ElementTree.fromstring(book.read(name)).iterfind(".//x:row", _SPACE):
                cells: dict[str, str] = {}
                for cell in row.iterfind("x:c", _SPACE):
                    if (text := cell.find("x:is/x:t", _SPACE)) is None:
                        assert len(cell) == 0
                        continue
                    assert cell.get("t") == "inlineStr"
                    column = re.sub(r"\d", "", cell.get("r") or "")
                    cells[column] = re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text.text or "")
                rows.append([cells.get(column, "") for column in "ABCDEFGHIJK"])
            found.append(rows)
    return found


def as_dicts(content: bytes) -> list[dict[str, str]]:
    """The rows of the one sheet by the names of its columns."""
    ((header, *rows),) = sheets(content)
    return [dict(zip(header, row, strict=True)) for row in rows]
