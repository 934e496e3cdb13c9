"""The list is packed: nothing lost, nothing out of order, nothing too long for its column."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declaration import fonts, shaping
from signatories.editions import layout
from signatories.editions.layout import Heading, ListEntry, Placed, Ruler

PLAIN = Ruler(lambda text: 0.5 * len(text), lambda text: 0.45 * len(text))

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
letters = st.sampled_from(["A", "B", "Я", "中", "#"])


def an_entry(number: int = 1, name: str = "Ada Lovelace", detail: str = "pianist", letter: str = "A") -> ListEntry:
    return ListEntry(number, name, "", detail, letter, "en")


@st.composite
def lists(draw: st.DrawFn) -> list[ListEntry]:
    rows = draw(st.lists(st.tuples(letters, names, st.one_of(st.just(""), names)), max_size=120))
    return [an_entry(number, name, detail, letter) for number, (letter, name, detail) in enumerate(rows)]


@settings(deadline=None, max_examples=60)
@given(lists())
def test_packing_keeps_every_entry_in_order_and_fits_every_column(entries: list[ListEntry]) -> None:
    pages = layout.pack(entries, PLAIN)

    assert [entry for page in pages for entry in page.entries] == entries
    for page in pages:
        assert 1 <= len(page.columns) <= layout.COLUMNS
        for column in page.columns:
            assert sum(item.lines for item in column) <= layout.COLUMN_LINES
            assert isinstance(column[-1], Placed)


@given(lists())
@settings(deadline=None, max_examples=30)
def test_a_heading_stands_before_each_new_letter_and_nowhere_else(entries: list[ListEntry]) -> None:
    letter = None
    for page in layout.pack(entries, PLAIN):
        for item in (item for column in page.columns for item in column):
            if isinstance(item, Heading):
                assert item.letter != letter
                letter = item.letter
            else:
                assert item.entry.letter == letter


def test_segments_hold_every_page() -> None:
    entries = [an_entry(number) for number in range(2000)]
    pages = layout.pack(entries, PLAIN)
    parts = layout.segments(pages)

    assert [page for part in parts for page in part.pages] == pages
    assert len(parts[0].pages) == layout.SEGMENT_PAGES


@pytest.mark.parametrize(
    ("pages", "sizes"), [(1, [1]), (3, [3]), (4, [2, 2]), (7, [4, 3]), (10, [5, 5]), (11, [10, 1])]
)
def test_a_short_list_is_split_for_two_processes(pages: int, sizes: list[int]) -> None:
    """By its pages alone: the same list is the same file on every machine."""
    page = layout.pack([an_entry(1)], PLAIN)[0]

    assert [len(part.pages) for part in layout.segments([page] * pages)] == sizes


def test_an_empty_roll_has_no_pages() -> None:
    assert layout.pack([], PLAIN) == []
    assert layout.segments([]) == []


def test_a_longer_text_never_takes_fewer_lines() -> None:
    ruler = Ruler(shaping.widths(), shaping.widths(italic=True))
    lines = [ruler.lines(an_entry(name="Wm" * length)) for length in range(1, 101)]

    assert lines == sorted(lines)
    assert lines[0] == 2
    assert lines[-1] >= 12


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("O'Brien", "O'Brien"),
        ("-M-", "-M-"),
        (" a \t b\n\nc ", "a b c"),
        ("Zoe\u0308", "Zoë"),
        ("a\u202eb\u2066c\x00d\ud800", "abcd"),
        ("می‌خواهم", "می‌خواهم"),
        ("x" + "\u0301\u0302\u0303\u0304" + "\u0305" * 500, unicodedata.normalize("NFC", "x\u0301\u0302\u0303\u0304")),
        ("y" * 10_000, "y" * (layout.LONGEST - 1) + "…"),
    ],
)
def test_what_is_printed_is_bounded_and_otherwise_as_typed(typed: str, printed: str) -> None:
    assert layout.printable(typed) == printed


def test_marks_that_rise_have_a_line_above_them() -> None:
    [page] = layout.pack([an_entry(name="Ada"), an_entry(name="x\u0301\u0302\u0303")], PLAIN)
    plain, risen = [item for item in page.columns[0] if isinstance(item, Placed)]

    assert (plain.above, risen.above) == (0, 1)
    assert risen.lines == plain.lines + 1


def test_characters_without_a_glyph_are_named() -> None:
    assert fonts.missing_glyphs("Bjørkheïd, Яна, 中文 المغني\u200d\u202a") == set()
    assert fonts.missing_glyphs("a\U00030001") == {"\U00030001"}
