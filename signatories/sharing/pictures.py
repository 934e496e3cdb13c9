"""Pictures of what others show: SVG with drawn letters, which looks the same without our faces, and PNG of it.

The words stand in the picture a second time, as its title and description, for those who hear it read.
"""

import re
from typing import NamedTuple

from django.utils.html import escape

from declaration import shaping
from declaration.shaping import Glyph, Line
from signatories.plots import figure

_CUT = "…"
# Most controls, halves of surrogates, and two that are no characters (XML 1.0, 2.2).
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Theme(NamedTuple):
    """The colours of the house."""

    paper: str
    ink: str
    faint: str
    red: str


THEMES = {
    name: Theme(paper=colours["paper"], ink=colours["ink"], faint=colours["faint"], red=colours["mark"])
    for name, colours in figure.THEMES.items()
}


class Picture:
    """A picture that grows downwards, line by line. The form of each glyph stands in it once.

    Places are told from the side at which lines begin: where a picture runs `leftward`, from the right.
    """

    def __init__(self, theme: Theme, width: int, *, leftward: bool = False) -> None:
        self.theme, self.width, self.leftward = theme, width, leftward
        self._forms: dict[str, int] = {}
        self._drawn: list[str] = []

    def rule(self, y: float, *, side: float = 0, thickness: float = 1, colour: str = "") -> None:
        """Draw a rule that leaves as much free at each side."""
        place = f'x="{side}" y="{y}" width="{self.width - 2 * side}" height="{thickness}"'
        self._drawn.append(f'<rect {place} fill="{colour or self.theme.ink}"/>')

    def words(
        self, words: str, x: float, y: float, size: float, colour: str, *, italic: bool = False, most: float = 0
    ) -> float:
        """Draw words of the picture's direction on a baseline, cut to the width `most` if there is one.

        Returns where they end.
        """
        line = _fitting(words, size, italic, most, self.leftward)
        return self._begin(line, x, y, colour)

    def title(self, words: str, x: float, y: float, size: float, colour: str, *, most: float) -> float:
        """Draw a title or a name, which has a direction of its own, in the same way."""
        return self._begin(_fitting(words, size, italic=False, most=most, leftward=None), x, y, colour)

    def _begin(self, line: Line, x: float, y: float, colour: str) -> float:
        self._place(line, self.width - x - line.width if self.leftward else x, y, colour)
        return x + line.width

    def centred(self, words: str, y: float, size: float, colour: str, *, italic: bool = False) -> None:
        """Draw words on a baseline, in the middle of the picture."""
        line = shaping.draw(words, size, italic=italic)
        self._place(line, (self.width - line.width) / 2, y, colour)

    def _place(self, line: Line, x: float, y: float, colour: str) -> None:
        uses = "".join(self._use(glyph, x, y) for glyph in line.glyphs)
        self._drawn.append(f'<g fill="{colour}">{uses}</g>')

    def _use(self, glyph: Glyph, x: float, y: float) -> str:
        form = self._forms.setdefault(glyph.path, len(self._forms))
        place = f"{glyph.scale:.5f} 0 0 {-glyph.scale:.5f} {x + glyph.x:.2f} {y + glyph.y:.2f}"
        return f'<use xlink:href="#g{form}" transform="matrix({place})"/>'

    def svg(self, height: int, title: str, description: str) -> str:
        """Return the picture as SVG; `title` and `description` are read aloud."""
        width, paper = self.width, self.theme.paper
        forms = "".join(f'<path id="g{form}" d="{path}"/>' for path, form in self._forms.items())
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f"<title>{_text(title)}</title><desc>{_text(description)}</desc><defs>{forms}</defs>"
            f'<rect width="{width}" height="{height}" fill="{paper}"/>{"".join(self._drawn)}</svg>'
        )


def _fitting(words: str, size: float, italic: bool, most: float, leftward: bool | None) -> Line:
    """Draw words so that they are no wider than `most`, unless that is 0; cut at the end where they are."""
    if leftward is None:
        leftward = shaping.is_leftward(words)
    line, end = shaping.draw(words, size, italic=italic, leftward=leftward), len(words)
    while line.width > most > 0 and end:
        end = min(end - 1, int(end * most / line.width))
        line = shaping.draw(words[:end].rstrip() + _CUT, size, italic=italic, leftward=leftward)
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


def _text(words: str) -> str:
    return escape(_NOT_IN_XML.sub("", words))
