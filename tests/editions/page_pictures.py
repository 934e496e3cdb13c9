"""The pages of a PDF as pictures, and where the words stand in them: by Poppler, without a library for pictures."""

import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

DOTS = 144  # an inch
_SCALE = DOTS / 72
_DARK = 160  # of 255: ink, also of thin strokes


class Picture(NamedTuple):
    """A page in shades of grey, a byte a dot, from the top left."""

    width: int
    height: int
    dots: bytes

    def ink(self, word: "Word") -> list[int]:
        """Return for each column of dots of a word how many of them are dark."""
        left, right = round(word.left * _SCALE), min(round(word.right * _SCALE), self.width)
        top, bottom = max(round(word.top * _SCALE), 0), min(round(word.bottom * _SCALE), self.height)
        rows = [self.dots[y * self.width + left : y * self.width + right] for y in range(top, bottom)]
        return [sum(dot < _DARK for dot in column) for column in zip(*rows, strict=True)]


class Word(NamedTuple):
    """A word as a machine reads it, NFC and without marks of direction, and its box on the page, in points."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


def pictures(pdf: Path, folder: Path) -> list[Picture]:
    """The pages, in order."""
    command = ["pdftoppm", "-gray", "-r", str(DOTS), str(pdf), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True)
    return [_read(file.read_bytes()) for file in sorted(folder.glob("page-*.pgm"))]


def _read(content: bytes) -> Picture:
    kind, width, height, most = content[:40].split(maxsplit=4)[:4]
    assert (kind, most) == (b"P5", b"255")
    return Picture(int(width), int(height), content[-int(width) * int(height) :])


def words(pdf: Path) -> Iterator[Word]:
    """Every word of every page."""
    done = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True)
    tree = ElementTree.fromstring(done.stdout)
    for page, sheet in enumerate(tree.iter("{http://www.w3.org/1999/xhtml}page")):
        for word in sheet:
            box = [float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")]
            yield Word(plain(word.text or ""), page, *box)


def plain(text: str) -> str:
    """NFC, without what is not seen."""
    return unicodedata.normalize("NFC", "".join(sign for sign in text if unicodedata.category(sign) != "Cf"))
