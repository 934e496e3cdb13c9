"""Pictures of what others show: SVG with drawn letters, which looks the same without our faces, and PNG of it.

The words stand in the picture a second time, as its title and description, for those who hear it read.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import resvg_py
from django.template.loader import render_to_string

from declaration import shaping
from declaration.shaping import Glyph, Line

PNG_SCALE = 2  # for dense screens and for print
_CUT = "…"
# Most controls, halves of surrogates, and two that are no characters (XML 1.0, 2.2).
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Theme(NamedTuple):
    """The colours of the house; the same as in static/style.css."""

    paper: str
    ink: str
    faint: str
    red: str


THEMES = {
    "light": Theme(paper="#fbf8f0", ink="#1c1916", faint="#5f584e", red="#a51e16"),
    "dark": Theme(paper="#171411", ink="#ece5d8", faint="#b1a795", red="#f0796b"),
}


class Placed(NamedTuple):
    """A drawn glyph in a picture, by the number of its form."""

    form: int
    x: float
    y: float
    scale: float
    colour: str


class Picture:
    """A picture that grows downwards, line by line."""

    def __init__(self, theme: Theme, width: int) -> None:
        self.theme, self.width = theme, width
        self._forms: dict[str, int] = {}
        self._placed: list[Placed] = []
        self._rules: list[float] = []

    def rule(self, y: float) -> None:
        """Draw a rule from side to side."""
        self._rules.append(y)

    def words(
        self, words: str, x: float, y: float, size: float, colour: str, *, italic: bool = False, most: float = 0
    ) -> float:
        """Draw words on a baseline, cut to the width `most` if there is one. Returns where they end."""
        line = _fitting(words, size, italic, most) if most else shaping.draw(words, size, italic=italic)
        for glyph in line.glyphs:
            self._place(glyph, x, y, colour)
        return x + line.width

    def _place(self, glyph: Glyph, x: float, y: float, colour: str) -> None:
        form = self._forms.setdefault(glyph.path, len(self._forms))
        self._placed.append(Placed(form, x + glyph.x, y + glyph.y, glyph.scale, colour))

    def svg(self, height: int, title: str, description: str) -> str:
        """Return the picture as SVG."""
        context = {
            "width": self.width, "height": height, "theme": self.theme, "forms": self._forms, "placed": self._placed,
            "rules": self._rules, "title": _allowed(title), "description": _allowed(description),
        }  # fmt: skip
        return render_to_string("sharing/picture.svg", context)


def _fitting(words: str, size: float, italic: bool, most: float) -> Line:
    """Draw words so that they are no wider than `most`, cut at the end where they are."""
    line, end = shaping.draw(words, size, italic=italic), len(words)
    while line.width > most and end:
        end = min(end - 1, int(end * most / line.width))
        line = shaping.draw(words[:end].rstrip() + _CUT, size, italic=italic)
    return line


def wrap(words: str, size: float, most: float, lines: int) -> list[str]:
    """Break words into so many lines at most, none wider than `most`; the last one takes the rest, to be cut."""
    broken = [""]
    for word in words.split():
        longer = f"{broken[-1]} {word}".strip()
        if not broken[-1] or len(broken) == lines or shaping.draw(longer, size).width <= most:
            broken[-1] = longer
        else:
            broken.append(word)
    return broken


def _allowed(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


@lru_cache(maxsize=16)
def png(svg: str) -> bytes:
    """Return the picture as PNG. It takes a tenth of a second, so it is kept as long as the picture is the same."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=PNG_SCALE, skip_system_fonts=True))
