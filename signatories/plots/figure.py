"""A plot: a chart with title, source and the table behind it; in a page, and by itself as SVG, PNG and CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from xml.etree import ElementTree as ET

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext

from declaration import shaping
from declaration.joints import listed, told_of
from signatories.plots.charts import FAINT, HAIR, INK, LABEL_SIZE, MARK, SVG, WIDTH
from signatories.plots.raster import SCALE, png

SIDE, HEAD, FOOT = 40, 72, 56
MOST_PIXELS = 900_000  # of a PNG: how long it takes to draw follows them
TITLE_SIZE, SOURCE_SIZE = 24, 14
MOST_READ = 12  # rows that are read aloud in place of a printed chart
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # how much of a line stands before its place
# As static/style.css has them.
THEMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": {"paper": "#fbf8f0", "mark": MARK, "ink": INK, "faint": FAINT, "hair": HAIR},
        "dark": {"paper": "#171411", "mark": "#f0796b", "ink": "#ece5d8", "faint": "#b1a795", "hair": "#4a4339"},
    }
)


type Row = tuple[str, *tuple[int, ...]]  # a label and its counts, one for each heading after the first


@dataclass(frozen=True, kw_only=True)
class Plot:
    """`rows` are those of the table: with all there is, also where the chart shows the largest only.

    `source` is one line: whose numbers, as of when. `note` says what the chart leaves out, or is empty.
    """

    slug: str
    title: str | Promise
    source: str
    headings: Sequence[str | Promise]
    rows: Sequence[Row]
    chart: ET.Element
    note: str | Promise = ""

    @cached_property
    def inline(self) -> SafeString:
        """The chart for a page: named by its heading, coloured by the style sheet."""
        root = deepcopy(self.chart)
        root.set("role", "img")
        root.set("class", "plot")
        root.set("aria-labelledby", f"plot-{self.slug}")
        for size in ("width", "height"):
            del root.attrib[size]
        return mark_safe(ET.tostring(root, encoding="unicode"))  # noqa: S308 - ElementTree escapes all labels

    def picture(self, theme: str) -> str:
        """Return the plot by itself as SVG: paper, title, chart, source."""
        colours = THEMES[theme]
        left, top, _width, _height = self._view
        width, height = self.size
        root = ET.Element("svg", {"xmlns": SVG, "width": f"{width:g}", "height": f"{height:g}", "role": "img"})
        root.set("viewBox", f"0 0 {width:g} {height:g}")
        ET.SubElement(root, "title").text = str(self.title)
        ET.SubElement(root, "desc").text = self.source
        paper = {"width": "100%", "height": "100%", "fill": colours["paper"]}
        ET.SubElement(root, "rect", paper)
        _write(root, str(self.title), SIDE, TITLE_SIZE, colours["ink"])
        group = ET.SubElement(root, "g", {"transform": f"translate({SIDE - left:g} {HEAD - top:g})"})
        group.extend(deepcopy(list(self.chart)))
        _write(root, self.source, height - 22, SOURCE_SIZE, colours["faint"])
        _colour(root, colours)
        _outline(root)
        return ET.tostring(root, encoding="unicode")

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height of the plot by itself, in pixels of a page."""
        return WIDTH + 2 * SIDE, HEAD + self._view[3] + FOOT

    @property
    def _view(self) -> list[float]:
        return [float(part) for part in self.chart.get("viewBox", "").split()]

    @property
    def printed(self) -> SafeString:
        """The chart for a page of print: in ink, with drawn letters; its title is what is read aloud."""
        root = deepcopy(self.chart)
        title = ET.Element("title")
        title.text = told_of(str(self.title), listed(" ".join(map(str, row)) for row in self.rows[:MOST_READ]))
        root.insert(0, title)
        _colour(root, THEMES["light"])
        _outline(root)
        return mark_safe(ET.tostring(root, encoding="unicode"))  # noqa: S308 - ElementTree escapes all labels

    def png(self, theme: str) -> bytes:
        """Return the plot by itself as PNG, in SCALE times its size as far as MOST_PIXELS allow."""
        width, height = self.size
        return _rasterized(self.picture(theme), min(SCALE, (MOST_PIXELS / (width * height)) ** 0.5))

    def csv(self) -> str:
        """Return the table behind it, with the source in each row: a line above the table would break readers.

        It begins with a byte order mark, without which Excel takes it for Latin letters.
        """
        out = io.StringIO()
        written = csv.writer(out, lineterminator="\r\n")
        written.writerow([*(str(heading) for heading in self.headings), gettext("Source")])
        written.writerows([*row, self.source] for row in self.rows)
        return f"\ufeff{out.getvalue()}"


@lru_cache(maxsize=16)  # a picture stays the same for a minute, and drawing one takes about 0.1 s
def _rasterized(svg: str, scale: float) -> bytes:
    return png(svg, scale)


def _write(root: ET.Element, words: str, y: float, size: float, colour: str) -> None:
    """Write a line as wide as the chart at most, from the side at which the active language begins."""
    leftward = get_language_bidi()
    size = min(size, size * WIDTH / max(shaping.draw(words, size, leftward=leftward).width, 1))
    x, direction = (SIDE + WIDTH, "rtl") if leftward else (SIDE, "ltr")
    place = {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:.4g}", "direction": direction, "fill": colour}
    ET.SubElement(root, "text", place).text = words


def _colour(root: ET.Element, colours: Mapping[str, str]) -> None:
    """Write the colours of a theme in place of the classes."""
    for element in root.iter():
        name, _dash, attribute = element.get("class", "").partition("-")
        if name in colours and attribute in {"fill", "stroke"}:
            element.set(attribute, colours[name])
            del element.attrib["class"]


def _outline(root: ET.Element) -> None:
    """Draw the letters in place of the words: so the picture looks the same where our faces are missing."""
    for parent in root.iter():
        for place, child in enumerate(list(parent)):
            if child.tag == "text":
                parent[place] = _drawn(child)


def _drawn(words: ET.Element) -> ET.Element:
    """Return the outlines of a line of words, where it begins, ends or has its middle."""
    size = float(words.get("font-size", LABEL_SIZE))
    leftward = words.get("direction") == "rtl"
    line = shaping.draw(words.text or "", size, leftward=leftward)
    before = _BEFORE.get(words.get("text-anchor", "start"), 0)
    x = float(words.get("x", 0)) - line.width * (1 - before if leftward else before)
    y = float(words.get("y", 0)) + size * float(words.get("dy", "0em").removesuffix("em"))
    group = ET.Element("g", {"fill": words.get("fill", "")})
    for glyph in line.glyphs:
        matrix = f"{glyph.scale:.5f} 0 0 {-glyph.scale:.5f} {x + glyph.x:.2f} {y + glyph.y:.2f}"
        ET.SubElement(group, "path", {"d": glyph.path, "transform": f"matrix({matrix})"})
    return group
