"""Sets words into a box: in the largest of some sizes in which they fit, on even lines, and cut with … where none does.

Lines are broken where Unicode allows it (ICU, which also knows the words of Thai), inside a word only if it is too long
for the smallest size, and never inside what a reader sees as one letter.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import icu

from declaration import shaping

CUT = "…"
_LEFTWARD, _RIGHTWARD = "\N{RIGHT-TO-LEFT MARK}", "\N{LEFT-TO-RIGHT MARK}"
_HIGH, _DEEP = 0.68, 0.24  # of the text face above and below the baseline, in em; taller letters are measured
_CLEAR = 0.06  # between the ink of two lines, em
_HALVINGS = 6  # to find the width at which lines are even

type Width = Callable[[str], float]


class Box(NamedTuple):
    """Room for words, in px, and the sizes that they may have, the largest first."""

    width: float
    height: float
    sizes: tuple[int, ...]
    italic: bool = False
    leading: float = 1.14


class Block(NamedTuple):
    """Words that fit: their lines with the baseline of each, below the top of the block."""

    size: int
    lines: list[tuple[str, float]]
    height: float


def fit(words: str, box: Box) -> Block:
    """Set `words` into `box`. Empty words take no height."""
    words = " ".join(words.split())
    if not words:
        return Block(box.sizes[-1], [], 0.0)
    width = cache(lambda text: shaping.draw(text, 1, italic=box.italic).width)
    mark = _LEFTWARD if shaping.is_leftward(words) else _RIGHTWARD
    for inside_words in (False, True):
        for size in box.sizes:
            lines = _broken(words, width, box.width / size, inside_words=inside_words)
            if lines and (block := _stacked(lines, size, box, mark)).height <= box.height:
                even = _stacked(_even(words, width, box.width / size, lines), size, box, mark)
                return even if even.height <= box.height else block
    lines = _broken(words, width, box.width / box.sizes[-1], inside_words=True)
    return _cut(lines, width, box, mark)


def _broken(words: str, width: Width, most: float, *, inside_words: bool) -> list[str]:
    """Break words into lines no wider than `most` (em); no lines if a word is wider and may not be broken."""
    lines = [""]
    for piece in shaping.pieces(words, icu.BreakIterator.createLineInstance):
        if width((lines[-1] + piece).rstrip()) <= most:
            lines[-1] += piece
        elif width(piece.rstrip()) <= most:
            lines.append(piece)
        elif inside_words:
            lines += _chopped(piece, width, most)
        else:
            return []
    return [line.rstrip() for line in lines if line.strip()]


def _chopped(word: str, width: Width, most: float) -> list[str]:
    """Break a word between its letters, as readers see them."""
    parts = [""]
    for letter in shaping.pieces(word, icu.BreakIterator.createCharacterInstance):
        if parts[-1] and width(parts[-1] + letter) > most:
            parts.append("")
        parts[-1] += letter
    return parts


def _even(words: str, width: Width, most: float, lines: list[str]) -> list[str]:
    """Break into as many lines again, as even as can be: narrower ones, as long as there are not more of them."""
    narrow, wide = most / len(lines), most
    for _step in range(_HALVINGS if len(lines) > 1 else 0):
        middle = (narrow + wide) / 2
        tried = _broken(words, width, middle, inside_words=False)
        if tried and len(tried) == len(lines):
            wide, lines = middle, tried
        else:
            narrow = middle
    return lines


def _stacked(lines: list[str], size: int, box: Box, mark: str) -> Block:
    """Place lines below each other, further apart where letters are high or deep.

    Each begins with a mark of the direction of the whole, also where its own first letter has another one.
    """
    placed: list[tuple[str, float]] = []
    baseline = bottom = 0.0
    for line in lines:
        ink = shaping.extents(line)
        top, deep = max(ink[0], _HIGH) * size, max(ink[1], _DEEP) * size
        baseline = max(baseline + box.leading * size, bottom + _CLEAR * size + top) if placed else top
        placed.append((mark + line, baseline))
        bottom = baseline + deep
    return Block(size, placed, bottom)


def _cut(lines: list[str], width: Width, box: Box, mark: str) -> Block:
    """Keep as many lines as there is room for, and end the last one with …"""
    size = box.sizes[-1]
    kept = len(lines)
    while kept > 1 and _stacked(lines[:kept], size, box, mark).height > box.height:
        kept -= 1
    letters = list(shaping.pieces(lines[kept - 1], icu.BreakIterator.createCharacterInstance))
    while letters and width("".join(letters).rstrip() + CUT) > box.width / size:
        letters.pop()
    return _stacked([*lines[: kept - 1], "".join(letters).rstrip() + CUT], size, box, mark)
