"""Measures and draws text as it is set: shaped by HarfBuzz, which Pango uses too, in our own faces."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import icu
import uharfbuzz as hb
from fontTools.pens.svgPathPen import SVGPathPen

from declaration import fonts

# The width in em of a character without a glyph in our faces.
_UNKNOWN = 1.4
_MARKS_AND_JOINERS = {"Mn", "Me", "Mc", "Cf"}
_TEXT_FIGURES, _LINING_FIGURES = {"onum": True}, {"lnum": True}

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


class Glyph(NamedTuple):
    """A drawn glyph: the `d` of an SVG path in units of its face, y upwards, and where and how large it stands."""

    path: str
    scale: float
    x: float
    y: float


class Line(NamedTuple):
    """A line of text that begins at (0, 0) on the baseline, from left to right as it is seen; y downwards."""

    glyphs: list[Glyph]
    width: float


def draw(text: str, size: float, *, italic: bool = False, leftward: bool | None = None) -> Line:
    """Draw a line of text, `size` to the em, that runs `leftward` or not; unless told, as its first letter does.

    A character without a glyph becomes the empty box of the text face.
    """
    glyphs, x = [], 0.0
    for part, turned in _visual_runs(text, is_leftward(text) if leftward is None else leftward):
        runs = list(_runs(part, italic))
        for found, piece in reversed(runs) if turned else runs:
            font = found or _font(_faces(italic)[0])
            buffer, scale = _shaped(font, piece, _LINING_FIGURES, "rtl" if turned else "ltr"), size / font.face.upem
            for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
                if path := _path(font, glyph.codepoint):
                    glyphs.append(Glyph(path, scale, x + place.x_offset * scale, -place.y_offset * scale))
                x += place.x_advance * scale
    return Line(glyphs, x)


@lru_cache(maxsize=4096)
def _path(font: hb.Font, glyph: int) -> str:
    pen = SVGPathPen(None, ntos=lambda number: str(round(number)))
    font.draw_glyph_with_pen(glyph, pen)
    return str(pen.getCommands())


def is_leftward(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left."""
    return bool(text) and icu.Bidi.getBaseDirection(text) == icu.UBiDiDirection.RTL


def pieces(text: str, kind: Callable[[icu.Locale], icu.BreakIterator]) -> Iterator[str]:
    """Cut text where a kind of break is allowed; ICU counts in units of UTF-16."""
    units, breaks = icu.UnicodeString(text), kind(icu.Locale.getRoot())
    breaks.setText(units)
    start = 0
    for end in breaks:
        yield str(units[start:end])
        start = end


def _visual_runs(text: str, leftward: bool) -> Iterator[tuple[str, bool]]:
    """Cut text into runs of one direction, from left to right as they are seen, each with whether it runs leftward."""
    units, order = icu.UnicodeString(text), icu.Bidi()
    order.setPara(units, int(leftward))
    for run in range(order.countRuns()):
        start, length, direction = order.getVisualRun(run)
        yield str(units[start : start + length]), direction == icu.UBiDiDirection.RTL


def _width(font: hb.Font | None, text: str) -> float:
    if not font:
        return _UNKNOWN * len(text)
    return float(sum(place.x_advance for place in _shaped(font, text).glyph_positions) / font.face.upem)


def _shaped(
    font: hb.Font, text: str, features: dict[str, bool] = _TEXT_FIGURES, direction: str | None = None
) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    if direction:
        buffer.direction = direction
    hb.shape(font, buffer, features)
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
