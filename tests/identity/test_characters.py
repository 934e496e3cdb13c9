"""What nobody can see, judged once: the form leaves it out, and the edition prints none of it."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatories.editions import layout
from signatories.identity import characters, names

# What the edition left out when it had a list of its own.
FORMERLY = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff\u061c\U000e0000-\U000e007f]"
)
WHITE = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
# Names as they are typed, among characters that give trouble.
TROUBLE = st.sampled_from(
    [*"aé'-. \u0301\u0327\u0430中ม\u0e31می\u0915\u094d\u200c\u200d\u202e\u200b\xad\ufe0f\ue000\u2066"]
)
TYPED = st.text(st.one_of(TROUBLE, st.characters()), max_size=60)


@pytest.mark.parametrize(
    "c", "\0\x1b\u200b\u200e\u202e\u2066\ufeff\xad\u034f\ufe0f\u3164\ue000\ud800\U000e0041\U000e01ef"
)
def test_controls_formats_fillers_and_selectors_are_invisible(c: str) -> None:
    assert characters.is_invisible(c)
    assert characters.visible(f"a{c}b") == "ab"


@pytest.mark.parametrize("c", ["a", "é", "中", "\u0301", " ", "\n", "\xa0", "\u3000", characters.ZWJ, characters.ZWNJ])
def test_letters_marks_spaces_and_joiners_are_not(c: str) -> None:
    assert not characters.is_invisible(c)


def test_all_that_the_edition_left_out_before_is_invisible_to_all() -> None:
    every = "".join(map(chr, range(0x110000)))
    kept = {c for c in FORMERLY.findall(every) if not characters.is_invisible(c)}
    assert kept - set(WHITE) == {"\ufffc", "\ufffd"}  # they have a shape; forms refuse them, the edition drops them
    assert not any(c in layout.printable(f"a{c}b") for c in FORMERLY.findall(every) if c != " ")


@given(TYPED)
@example("می‌خواهم")
@example("क्‍ ")
def test_what_the_form_lets_through_is_printed_as_before(typed: str) -> None:
    try:
        name = names.tidy(typed)
    except names.NameRefused:
        return
    assert FORMERLY.sub("", name) == name
    assert layout.printable(name) == name


@given(TYPED)
def test_nothing_invisible_is_left_and_nothing_visible_is_lost(typed: str) -> None:
    left = characters.visible(typed)
    assert not any(map(characters.is_invisible, left))
    assert characters.visible(left) == left
    joiners = characters.ZWJ + characters.ZWNJ
    seen = [" " if c.isspace() else c for c in typed if not characters.is_invisible(c) and c not in joiners]
    assert [c for c in left if c not in joiners] == seen


@given(st.text(st.sampled_from("aé \u0301\u0302\u0327\u20dd"), max_size=40))
def test_marks_are_counted_and_bounded(text: str) -> None:
    few = characters.with_few_marks(text)
    most = characters.most_marks(text)
    assert most == max(map(len, re.findall("[\u0301\u0302\u0327\u20dd]+", text)), default=0)
    assert characters.most_marks(few) == min(most, characters.MOST_MARKS)
    assert (few == text) == (most <= characters.MOST_MARKS)
    assert [c for c in few if not characters.is_mark(c)] == [c for c in text if not characters.is_mark(c)]


def test_composed_letters_count_when_they_are_taken_apart() -> None:
    assert characters.most_marks("ệ") == 0
    assert characters.most_marks(unicodedata.normalize("NFD", "ệ")) == 2
