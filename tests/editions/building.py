"""Builds an edition in the test's own process, and reads what the site sends and what a PDF says."""

import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import EditionState


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
