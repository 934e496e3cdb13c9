"""Layout of the list of names: entries packed into pages with fixed breaks. Pure: no models, no PDF.

Every entry takes a whole number of lines of one height, computed from the widths of its words as they are set. So we
set the page breaks, all baselines are on one grid, and each segment of pages depends only on its rows.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from declaration.fonts import NUMBERED_FIGURE
from declaration.shaping import Width
from signatories.identity.characters import is_mark, most_marks, with_few_marks, without_invisible

# The page, in points. `templates/pdf/edition.css` gets these values; they are defined only here.
LINE = 11.0
COLUMN_LINES = 61
COLUMN_WIDTH = 150.0
COLUMN_GAP = 18.0
COLUMNS = 3
HANG = 8.0  # indentation of continued lines and details
NAME_SIZE, DETAIL_SIZE = 9.4, 8.2

HEADING_LINES, HEADING_LINES_ON_TOP = 3, 2
SEGMENT_PAGES = 10
LEAST_SPLIT = 4  # pages; fewer are set before another process has started
# The form allows 200 characters; this bounds the page for any other input.
LONGEST = 240
# The typesetter rounds. Kerning is not in the quick measure of Latin words, which are shaped only where a line is full.
MARGIN, MARGIN_QUICK = 1.004, 1.02
# A space of the text face, and the least space between words of other faces, in em.
_SPACE, _WIDE_SPACE = 0.2, 0.27

_LOST = re.compile("[\ufffc\ufffd]+")  # they stand for what could not be read
_HYPHENS = re.compile(r"(?<=[^\W\d][-\u2010])(?=[^\W\d])")  # a line may end after them
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029 ]+")


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of the list. `number` is public, `letter` its heading ('A', 'Я', '中' or '#'),
    `detail` profession · affiliation, already translated, may be empty; `lang` BCP 47, the signer's."""

    number: int
    name: str
    name_latin: str
    detail: str
    letter: str
    lang: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A letter as the heading of the names after it."""

    letter: str
    lines: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its number of `lines`; the first `above` of them stay free for marks that rise, and the last
    `below` are of the detail.

    `broken` if a break before its last word keeps the number beside it. `clipped` if it does not fit into a column,
    which no name that the model allows does.
    """

    entry: ListEntry
    lines: int
    above: int
    below: int
    clipped: bool
    broken: bool = False


type Item = Heading | Placed


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its columns in order, each with headings and entries of at most COLUMN_LINES lines."""

    columns: tuple[tuple[Item, ...], ...]

    @property
    def entries(self) -> list[ListEntry]:
        """Return the entries in their order."""
        return [item.entry for column in self.columns for item in column if isinstance(item, Placed)]

    @property
    def letters(self) -> list[str]:
        """Return the letters whose heading is on the page."""
        return [item.letter for column in self.columns for item in column if isinstance(item, Heading)]


@dataclass(frozen=True, slots=True)
class Segment:
    """Pages that are rendered together."""

    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures text: two functions from a text to its width in em, upright and italic."""

    upright: Width
    italic: Width

    def lines(self, entry: ListEntry) -> int:
        """Return the lines to reserve for the text of `entry`: never fewer than it needs."""
        return sum(self.measured(entry)[:2])

    def measured(self, entry: ListEntry) -> tuple[int, int, bool]:
        """Return the lines of the name and those of the detail, and whether the last word of the name needs a break
        before it to stay with the number."""
        name, latin, detail = map(printable, (entry.name, entry.name_latin, entry.detail))
        parts = [(name, NAME_SIZE, self.upright), (latin, DETAIL_SIZE, self.italic)]
        number = NUMBERED_FIGURE * NAME_SIZE * len(str(entry.number))
        lines, broken = _lines(parts, number, COLUMN_WIDTH)
        below = _lines([(detail, DETAIL_SIZE, self.italic)], 0.0, COLUMN_WIDTH - HANG)[0] if detail else 0
        return lines, below, broken


def printable(text: str) -> str:
    """Return `text` for print: NFC, one line, single spaces, no controls, bounded in marks and length."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return " ".join(text.split())
    text = with_few_marks(without_invisible(_LOST.sub("", _BREAKS.sub(" ", text))).strip())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def pack(entries: Iterable[ListEntry], ruler: Ruler) -> list[Page]:
    """Pack all `entries` into pages, in their order, under the headings of their letters.

    A heading has two of its entries below it, and the last entry of a letter does not stand alone, where the letter
    has two. The columns of the last page are equally long. Takes linear time.
    """
    rows = [_place(ruler, entry) for entry in entries]
    columns, starts = _filled(rows, 0, COLUMN_LINES)
    if columns:
        full = (len(columns) - 1) // COLUMNS * COLUMNS
        columns[full:] = _balanced(rows, starts[full])
    return [Page(tuple(columns[start : start + COLUMNS])) for start in range(0, len(columns), COLUMNS)]


def segments(pages: Sequence[Page]) -> list[Segment]:
    """Split the pages into segments of SEGMENT_PAGES; what would be a single one into halves, for two processes."""
    halves = LEAST_SPLIT <= len(pages) <= SEGMENT_PAGES
    size = math.ceil(len(pages) / 2) if halves else SEGMENT_PAGES
    return [Segment(tuple(pages[start : start + size])) for start in range(0, len(pages), size)]


def _place(ruler: Ruler, entry: ListEntry) -> Placed:
    above = 1 if most_marks(entry.name) > 2 else 0
    named, below, broken = ruler.measured(entry)
    lines, most = above + named + below, COLUMN_LINES - HEADING_LINES
    return Placed(entry, min(lines, most), above, below, clipped=lines > most, broken=broken)


def _filled(rows: Sequence[Placed], start: int, height: int) -> tuple[list[tuple[Item, ...]], list[int]]:
    """Fill columns of `height` lines with the rows from `start` on; returns them, and the first row of each."""
    columns: list[tuple[Item, ...]] = []
    starts: list[int] = []
    column: list[Item] = []
    used, until = 0, start
    for place in range(start, len(rows)):
        heading = _heads(rows, place)
        if place >= until:
            lines, until = _kept_together(rows, place)
            if column and used + lines > height:
                columns.append(tuple(column))
                column, used = [], 0
        if not column:
            starts.append(place)
        if heading:
            column.append(Heading(rows[place].entry.letter, HEADING_LINES if column else HEADING_LINES_ON_TOP))
            used += column[-1].lines
        column.append(rows[place])
        used += rows[place].lines
    if column:
        columns.append(tuple(column))
    return columns, starts


def _balanced(rows: Sequence[Placed], start: int) -> list[tuple[Item, ...]]:
    """Return the columns of the last page, which begins with row `start`, as short as they can be."""
    total = sum(row.lines for row in rows[start:])
    for height in range(-(-total // COLUMNS), COLUMN_LINES):
        columns, _starts = _filled(rows, start, height)
        if len(columns) <= COLUMNS and all(sum(item.lines for item in column) <= height for column in columns):
            return columns
    return _filled(rows, start, COLUMN_LINES)[0]


def _heads(rows: Sequence[Placed], place: int) -> bool:
    """Whether this row is the first of its letter."""
    return not place or rows[place - 1].entry.letter != rows[place].entry.letter


def _kept_together(rows: Sequence[Placed], place: int) -> tuple[int, int]:
    """Return the lines of what may not be divided from row `place` on, and the row after it: a heading and two entries,
    the last two of a letter. Where that is more than a column has, only heading and entry are kept."""
    heading = HEADING_LINES if _heads(rows, place) else 0
    least = lines = heading + rows[place].lines
    following = place + 1
    if heading and not _ends(rows, following):
        lines, following = lines + rows[following].lines, following + 1
    if not _ends(rows, following) and _ends(rows, following + 1):
        lines, following = lines + rows[following].lines, following + 1
    return (lines, following) if lines <= COLUMN_LINES else (least, place + 1)


def _ends(rows: Sequence[Placed], place: int) -> bool:
    """Whether the letter of the row before `place` ends with it."""
    return place >= len(rows) or _heads(rows, place)


type _Styled = tuple[str, float, Width]  # a text, its size in points, and what measures it


@dataclass(slots=True)
class _Word:
    """What is not divided where it fits on a line: its width, the space after it, and of its letters if long."""

    width: float
    space: float
    letters: list[float]


def _lines(parts: Sequence[_Styled], tail: float, room: float) -> tuple[int, bool]:
    """Count the lines of texts that follow each other, with a number of `tail` points after them; also tell whether
    the last word must be moved to the next line, to be beside the number.

    One line is the rule and is found out without shaping where all words are Latin.
    """
    if sum(_quick(*part) for part in parts if part[0]) + tail <= room:
        return 1, False
    words = [word for text, size, width in parts for word in _words(text, size, width)]
    return _wrapped(words, tail, room)


def _wrapped(words: Sequence[_Word], tail: float, first: float) -> tuple[int, bool]:
    """Count the lines of `words`, broken between them, and inside one only if it is longer than a line. `first` is the
    width of the first line; the others are indented."""
    lines, room, space = 1, first, 0.0
    rest = COLUMN_WIDTH - HANG
    alone = True  # whether the last word so far began its line
    for word in words:
        alone = False
        if space + word.width <= room:
            alone = room == (first if lines == 1 else rest)
            room -= space + word.width
        else:
            if room < first or lines > 1:
                lines, room, alone = lines + 1, rest, True
            if word.width <= room:
                room -= word.width
            else:
                more, room = _broken(word.letters, room)
                lines, alone = lines + more, True
        space = word.space
    if not tail or space + tail <= room:
        return lines, False
    return lines + 1, not alone


def _broken(letters: Sequence[float], room: float) -> tuple[int, float]:
    """Return the further lines of a word longer than a line that starts with `room` left, and the room on the last.

    Letters of one cluster move to the next line together, so the width of two wide letters stays free at each end.
    """
    lines, spare = 0, 2 * NAME_SIZE
    for width in letters:
        if width > room - spare:
            lines, room = lines + 1, COLUMN_WIDTH - HANG
        room -= width
    return lines, room


def _quick(text: str, size: float, width: Width) -> float:
    """Return the width of a text on one line and of a space after it, in points: if it is Latin, from letter to
    letter, which is little less than it needs or more."""
    if text.isascii() or _is_simple(text):
        return (sum(map(width, text)) + _SPACE) * size * MARGIN_QUICK
    return sum(word.width + word.space for word in _words(text, size, width))


def _words(text: str, size: float, width: Width) -> Iterator[_Word]:
    """Yield the words of a text, those with hyphens in parts. A mark without a base is set on a dotted circle."""
    scale = size * MARGIN
    simple = _is_simple(text)
    for word in text.split(" "):
        parts = _HYPHENS.split(word) if word else []
        for place, part in enumerate(parts, 1):
            wide = (width(part) + is_mark(part[0])) * scale
            letters = [width(letter) * scale for letter in part] if wide > COLUMN_WIDTH - HANG else [wide]
            space = _SPACE if simple else max(_WIDE_SPACE, width(f"{part[-1]} ") - width(part[-1]))
            yield _Word(wide, space * scale if place == len(parts) else 0.0, letters)


def _is_simple(text: str) -> bool:
    """Whether letters neither join nor stack, and the spaces are those of the text face: Latin, Greek, Cyrillic."""
    return all(character < "\u0530" or "\u1e00" <= character < "\u2000" for character in text)
