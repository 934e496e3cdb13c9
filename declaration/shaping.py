"""Measures text as it is set: shaped by HarfBuzz, which Pango uses too, in the faces that `declaration.fonts` names."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import uharfbuzz as hb

from declaration import fonts

# The width in em of a character without a glyph in our faces.
_UNKNOWN = 1.4
_MARKS_AND_JOINERS = {"Mn", "Me", "Mc", "Cf"}

type Width = Callable[[str], float]


def widths(*, italic: bool = False) -> Width:
    """Return a function from a text on one line to its width in em: kerned, joined and stacked.

    It remembers what it has measured, so the names go when it goes.
    """
    return cache(lambda text: sum(_width(font, part) for font, part in _runs(text, italic)))


def extents(text: str) -> tuple[float, float]:
    """Return how far the ink of `text` reaches above and below its baseline, in em."""
    top = bottom = 0.0
    for font, part in _runs(text, italic=False):
        if not font:
            continue
        buffer = _shaped(font, part)
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if ink := font.get_glyph_extents(glyph.codepoint):
                high = (place.y_offset + ink.y_bearing) / font.face.upem
                top, bottom = max(top, high), max(bottom, -high - ink.height / font.face.upem)
    return top, bottom


def _width(font: hb.Font | None, text: str) -> float:
    if not font:
        return _UNKNOWN * len(text)
    return float(sum(place.x_advance for place in _shaped(font, text).glyph_positions) / font.face.upem)


def _shaped(font: hb.Font, text: str) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {"onum": True})
    return buffer


def _runs(text: str, italic: bool) -> Iterator[tuple[hb.Font | None, str]]:
    """Cut `text` where the face changes: as in Pango, marks and spaces stay in the face of the letter before them."""
    start, current = 0, None
    for place, character in enumerate(text):
        if place and _stays(character, current):
            continue
        font = _font_of(character, italic)
        if place and font is not current:
            yield current, text[start:place]
            start = place
        current = font
    if text:
        yield current, text[start:]


def _stays(character: str, font: hb.Font | None) -> bool:
    category = unicodedata.category(character)
    if category == "Cf":
        return True
    return bool(
        font and (category in _MARKS_AND_JOINERS or character.isspace()) and font.get_nominal_glyph(ord(character))
    )


@cache
def _font_of(character: str, italic: bool) -> hb.Font | None:
    """Return the first face with a glyph for `character`; they are opened one by one, as far as needed."""
    fonts_in_order = map(_font, _faces(italic))
    return next((font for font in fonts_in_order if font.get_nominal_glyph(ord(character))), None)


@cache
def _faces(italic: bool) -> list[Path]:
    """Return the faces in which a letter is searched for, of one weight; of a family the slanted one first if asked."""
    faces = [path for path in fonts.files() if "Bold" not in path.name and (italic or "Italic" not in path.name)]
    families = [re.split(r"[-\[]", path.name)[0] for path in faces]
    pairs = sorted(
        zip(families, faces, strict=True), key=lambda it: (families.index(it[0]), "Italic" not in it[1].name)
    )
    return [path for _family, path in pairs]


@cache
def _font(path: Path) -> hb.Font:
    return hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
