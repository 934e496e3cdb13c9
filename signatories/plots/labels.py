"""Labels beside bars: how wide they are in our faces, and where a long one is broken into two lines."""

import math
from functools import lru_cache

import icu

from declaration import shaping

SIZE = 16  # large enough to be read on a phone, where the chart is smaller
LEADING = 1.1  # between two lines, em
MOST_WIDTH = 190  # of a line that could be broken
# The reader's own face may be wider than ours. For Arabic the site brings none, and it is measured in Amiri:
# beside that, Noto Naskh needs 1.3 times the room, DejaVu Sans 1.6, Noto Kufi 1.75.
_SLACK, _ARABIC_SLACK = 1.12, 1.85


@lru_cache(maxsize=2048)  # countries, professions and languages are few, and each page has some
def width(words: str) -> float:
    """Return the room that words need on a line."""
    return shaping.draw(words, SIZE).width * (_ARABIC_SLACK if shaping.is_leftward(words) else _SLACK)


def broken(label: str) -> list[str]:
    """Return a label as one line, or as two where it is long and may be broken: wider ones rather than three."""
    pieces = list(shaping.pieces(label, icu.BreakIterator.createLineInstance))
    most = max(MOST_WIDTH, *(math.ceil(width(piece.rstrip())) for piece in pieces)) if pieces else MOST_WIDTH
    while len(lines := _lines(pieces, most)) > 2:
        most = math.ceil(most * 1.1)
    return lines


def _lines(pieces: list[str], most: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width((lines[-1] + piece).rstrip()) > most:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
