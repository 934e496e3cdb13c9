"""Charts of counts of which each is part of the one before: bars inside each other, told apart by width and filling.

What is asked is an outline, in it what came of it, and the end of the way as a thin bar in the colour of the site: so
nothing depends on colour alone. Pure: numbers in, SVG out; classes in place of colours, as in charts.py.
"""

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from signatories.plots.charts import LABEL_SIZE, SVG, WIDTH, number, round_ticks

KEY_HEIGHT, COLUMNS_HEIGHT, AXIS_HEIGHT = 30, 170, 26
ROW_HEIGHT, LABEL_WIDTH, VALUE_WIDTH = 30, 172, 62
LONGEST_LABEL = 22  # letters; the table beside the chart has all of them
_LETTER = 7.4  # width at LABEL_SIZE, a little more than on average
_DASH = "–"


class Style(NamedTuple):
    """How the bars of one count look: share of the room of a bar, and the classes of its filling and its edge."""

    share: float
    fill: str
    stroke: str


# From the outside in.
STYLES = (Style(0.82, "", "faint"), Style(0.52, "hair", "faint"), Style(0.22, "mark", ""))


def columns(
    groups: Sequence[tuple[int, int, int]], labels: Sequence[tuple[int, str]], key: Sequence[str]
) -> ET.Element:
    """Draw a column for each group, oldest first. `labels` stand below some of them: (place, words)."""
    root = _root(KEY_HEIGHT + COLUMNS_HEIGHT + AXIS_HEIGHT)
    _write_key(root, key)
    ticks = round_ticks(max((max(group) for group in groups), default=0))
    left = _LETTER * len(number(ticks[-1])) + 8
    step, top, floor = (WIDTH - left) / max(len(groups), 1), KEY_HEIGHT + 8, KEY_HEIGHT + COLUMNS_HEIGHT
    scale = (floor - top) / max(ticks[-1], 1)
    for tick in ticks:
        y = floor - tick * scale
        _line(root, left, y, WIDTH, y, "hair")
        _text(root, number(tick), left - 8, y, "faint", anchor="end")
    for style, counts in zip(STYLES, zip(*groups, strict=True), strict=True):
        series = ET.SubElement(root, "g", {"class": "series"})
        for place, count in enumerate(counts):
            width, height = step * style.share, count * scale
            if count:
                _rect(series, left + step * place + (step - width) / 2, floor - height, width, height, style)
    for place, words in labels:
        x, half = left + step * (place + 0.5), len(words) * _LETTER / 2
        at_edge = x + half > WIDTH
        _text(root, words, WIDTH if at_edge else x, floor + 16, "faint", anchor="end" if at_edge else "middle")
    return root


def rows(groups: Sequence[tuple[str, int, int, int, int]], key: Sequence[str]) -> ET.Element:
    """Draw a row for each group: label, then four counts of a way; of the second only its end is marked."""
    root = _root(KEY_HEIGHT + ROW_HEIGHT * len(groups))
    _write_key(root, key)
    most = max((max(group[1:]) for group in groups), default=0)
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / max(most, 1)
    for place, (label, asked, marked, *inner) in enumerate(groups):
        middle = KEY_HEIGHT + ROW_HEIGHT * (place + 0.5)
        _text(root, _short(label), LABEL_WIDTH - 10, middle, "ink", anchor="end")
        for style, count in zip(STYLES, (asked, *inner), strict=True):
            height = ROW_HEIGHT * 0.85 * style.share
            if count:
                _rect(root, LABEL_WIDTH, middle - height / 2, count * scale, height, style)
        if marked:
            x = LABEL_WIDTH + marked * scale
            _line(root, x, middle - ROW_HEIGHT * 0.42, x, middle + ROW_HEIGHT * 0.42, "ink", width=2)
        share = f"{round(100 * inner[-1] / asked)} %" if asked else _DASH
        _text(root, share, WIDTH, middle, "ink", anchor="end")
    return root


def _root(height: float) -> ET.Element:
    size = {"width": str(WIDTH), "height": f"{height:g}", "viewBox": f"0 0 {WIDTH} {height:g}"}
    return ET.Element("svg", {"xmlns": SVG, "direction": "ltr"} | size)


def _write_key(root: ET.Element, key: Sequence[str]) -> None:
    """Write what each bar means, in a line above the chart; of four words the second is the one that is only marked."""
    styles: list[Style | None] = list(STYLES)
    if len(key) > len(STYLES):
        styles.insert(1, None)
    x, middle, size = 0.0, 10.0, 16.0
    for words, style in zip(key, styles, strict=True):
        if style is None:
            _line(root, x + 1, middle - size / 2, x + 1, middle + size / 2, "ink", width=2)
            x += 8
        else:
            width = max(size * style.share, 4)
            _rect(root, x, middle - size / 2, width, size, style)
            x += width + 6
        _text(root, words, x, middle, "faint")
        x += len(words) * _LETTER + 14


def _rect(parent: ET.Element, x: float, y: float, width: float, height: float, style: Style) -> None:
    """A bar; its filling and its edge are two elements, because each has one class, which becomes one colour."""
    box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    if style.fill:
        ET.SubElement(parent, "rect", box | {"class": f"{style.fill}-fill"})
    if style.stroke:
        ET.SubElement(parent, "rect", box | {"class": f"{style.stroke}-stroke", "fill": "none"})


def _line(parent: ET.Element, x: float, y: float, to_x: float, to_y: float, name: str, width: float = 1) -> None:
    ends = {"x1": f"{x:.1f}", "y1": f"{y:.1f}", "x2": f"{to_x:.1f}", "y2": f"{to_y:.1f}"}
    ET.SubElement(parent, "line", ends | {"class": f"{name}-stroke", "stroke-width": f"{width:g}"})


def _text(parent: ET.Element, words: str, x: float, y: float, name: str, anchor: str = "start") -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "dy": "0.32em", "text-anchor": anchor, "class": f"{name}-fill"}
    line = ET.SubElement(parent, "text", place | {"font-size": str(LABEL_SIZE), "font-family": "EB Garamond"})
    line.text = words


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
