"""Layout of the list of names: entries packed into pages with fixed breaks. Pure: no models, no PDF.

Every entry takes a whole number of lines of one height, computed from the widths of its characters with a margin over
what the typesetter needs. So we set the page breaks, all baselines are on one grid, and each segment of pages depends
only on its rows.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from declaration.fonts import Advance
from signatories.identity.characters import is_mark, most_marks, with_few_marks, without_invisible

# The page, in points. `templates/pdf/edition.css` gets these values; they are defined only here.
LINE = 11.0
COLUMN_LINES = 61
COLUMN_WIDTH = 150.0
COLUMN_GAP = 18.0
COLUMNS = 3
HANG = 8.0  # indentation of continued lines and details
NAME_SIZE, DETAIL_SIZE, NUMBER_SIZE = 9.4, 8.2, 6.6

HEADING_LINES, HEADING_LINES_ON_TOP = 3, 2
SEGMENT_PAGES = 10
# The form allows 200 characters; this bounds the page for any other input.
LONGEST = 240
# Kerning and joining are not measured: widths are multiplied by this, by more where letters join or stack.
MARGIN, MARGIN_COMPLEX = 1.02, 1.2

_LOST = re.compile("[\ufffc\ufffd]+")  # they stand for what could not be read
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
    """An entry with its number of `lines`; the first `above` of them stay free for marks that rise.

    `clipped` if it does not fit into a column, which no name that the model allows does.
    """

    entry: ListEntry
    lines: int
    above: int
    clipped: bool


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

    @property
    def digest(self) -> str:
        """Return SHA-256 in hex of everything the segment shows, without style and fonts."""
        shown = [[[asdict(item) for item in column] for column in page.columns] for page in self.pages]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures text: two functions from a character to its width in em, upright and italic."""

    upright: Advance
    italic: Advance

    def lines(self, entry: ListEntry) -> int:
        """Return the lines to reserve for the text of `entry`: never fewer than it needs."""
        words = [(word, NAME_SIZE, self.upright) for word in printable(entry.name).split(" ")]
        words += [(word, DETAIL_SIZE, self.italic) for word in printable(entry.name_latin).split(" ") if word]
        words.append((str(entry.number), NUMBER_SIZE, _figure))
        lines = _wrapped([_widths(*word) for word in words], first=COLUMN_WIDTH)
        if detail := printable(entry.detail):
            words = [(word, DETAIL_SIZE, self.italic) for word in detail.split(" ")]
            lines += _wrapped([_widths(*word) for word in words], first=COLUMN_WIDTH - HANG)
        return lines


def printable(text: str) -> str:
    """Return `text` for print: NFC, one line, single spaces, no controls, bounded in marks and length."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return " ".join(text.split())
    text = with_few_marks(without_invisible(_LOST.sub("", _BREAKS.sub(" ", text))).strip())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def pack(entries: Iterable[ListEntry], ruler: Ruler) -> list[Page]:
    """Pack all `entries` into pages, in their order, under the headings of their letters.

    A heading is never the last item of a column. Takes linear time.
    """
    columns: list[tuple[Item, ...]] = []
    column: list[Item] = []
    used, letter = 0, None
    for placed in map(partial(_place, ruler), entries):
        heading = None if placed.entry.letter == letter else placed.entry.letter
        letter = placed.entry.letter
        needed = placed.lines + (HEADING_LINES if heading else 0)
        if column and used + needed > COLUMN_LINES:
            columns.append(tuple(column))
            column, used = [], 0
        if heading:
            column.append(Heading(heading, HEADING_LINES if column else HEADING_LINES_ON_TOP))
            used += column[-1].lines
        column.append(placed)
        used += placed.lines
    if column:
        columns.append(tuple(column))
    return [Page(tuple(columns[start : start + COLUMNS])) for start in range(0, len(columns), COLUMNS)]


def segments(pages: Sequence[Page]) -> list[Segment]:
    """Split the pages into segments of SEGMENT_PAGES."""
    return [Segment(tuple(pages[start : start + SEGMENT_PAGES])) for start in range(0, len(pages), SEGMENT_PAGES)]


def _place(ruler: Ruler, entry: ListEntry) -> Placed:
    above = 1 if most_marks(entry.name) > 2 else 0
    lines, most = ruler.lines(entry) + above, COLUMN_LINES - HEADING_LINES
    return Placed(entry, min(lines, most), above, clipped=lines > most)


def _wrapped(words: Sequence[Sequence[float]], *, first: float) -> int:
    """Count the lines of `words` (widths of their characters, points): broken at spaces, and inside a word only if it
    is longer than a line. `first` is the width of the first line; the others are indented."""
    lines, room, at_start = 1, first, True
    rest = COLUMN_WIDTH - HANG
    for word in words:
        width, space = sum(word), 0.0 if at_start else _SPACE
        if space + width <= room:
            room -= space + width
        else:
            if not at_start:
                lines, room = lines + 1, rest
            if width <= room:
                room -= width
            else:
                more, room = _broken(word, room)
                lines += more
        at_start = False
    return lines


def _broken(word: Sequence[float], room: float) -> tuple[int, float]:
    """Return the further lines of a word longer than a line that starts with `room` left, and the room on the last.

    Letters of one cluster move to the next line together, so the width of two wide letters stays free at each end.
    """
    lines, spare = 0, 2 * NAME_SIZE
    for width in word:
        if width > room - spare:
            lines, room = lines + 1, COLUMN_WIDTH - HANG
        room -= width
    return lines, room


_SPACE = 0.3 * NAME_SIZE


def _widths(word: str, size: float, advance: Advance) -> list[float]:
    factor = size * (MARGIN if word.isascii() or _is_simple(word) else MARGIN_COMPLEX)
    widths = [advance(character) * factor for character in word]
    if word and is_mark(word[0]):
        widths[0] = size  # a mark without a base is set on a dotted circle
    return widths


def _is_simple(word: str) -> bool:
    """Whether letters neither join nor stack: Latin, Greek, Cyrillic, Armenian, and the wide scripts of East Asia."""
    return all(character < "\u0590" or "\u1e00" <= character < "\u2000" or "\u2e80" <= character < "\ua000"
               or "\uac00" <= character < "\ud7a4" for character in word)  # fmt: skip


def _figure(_character: str) -> float:
    return 0.6
