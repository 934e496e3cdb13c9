"""What a card looks like: any name that the form takes is drawn whole, within the frame, or cut with …"""

import pytest
from django.test import Client
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from declaration import shaping
from signatories.identity import names
from signatories.models import Signature
from signatories.plots.raster import png
from signatories.sharing import card_pictures
from signatories.sharing.fitting import CUT, Box, fit
from tests.sharing.cards import looked_at, with_card

SCRIPTS = {
    "Latin": "Nguyễn Thị Ánh", "Arabic": "محمد العَلي", "Hebrew": "משה בן־דוד", "Han": "風見坂奏太", "Kana": "かざみざか カナタ",
    "Hangul": "김하늘", "Thai": "สมชาย ใจดี", "Devanagari": "अनिका शर्मा", "Tibetan": "ནམ་མཁའ་", "Bengali": "বৃষ্টি সেন",
    "Cyrillic": "Яна Барвинок", "Greek": "Αριάδνη Θυμαρίου",
}  # fmt: skip
LONG = {
    "one word": "W" * 200,
    "many words": ("Maximiliana Theodora von und zu Hohenstaufen-Lichtenberg " * 4)[:200].strip(),
    "stacked marks": ("a\u0301\u0302\u0303\u0304 b\u0323\u0324\u0325\u0326 " * 20)[:200].strip(),
    "stacked marks, no break": ("A\u0301\u0302\u0303\u0304" * 40)[:200],
    "right to left with digits": ("نورس بن الرمّاني 123 " * 12)[:200].strip(),
    "right to left, digits first": "2026 " + ("משה בן־דוד 3 " * 15)[:190].strip(),
    "Thai without spaces": ("สมชายใจดีณอยุธยา" * 13)[:200],
    "Han": "風見坂奏太" * 40,
    "widest sign": "﷽" * 40,
    "Tibetan": ("ནམ་མཁའ་" * 30)[:200],
}  # fmt: skip
ALPHABET = st.one_of(
    st.sampled_from(
        "WMijfÄğالعربي123 משה สมชายกำ風の한अनिक्शर्मानམཁ' -.،﷽\u0301\u0302\u0327\u0323\u0e31\u0e48\u200d\u200c"
    ),
    st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Mc", "Nd", "Zs"]),
)
TITLE = "A Declaration on Music and Machines"


def card(name: str, beside: str = "Singer", title: str = TITLE) -> card_pictures.Card:
    return card_pictures.with_name(
        name=name, beside=beside, signed="has signed", title=title, address="declaration.example"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_the_longest_names_stay_within_the_frame(client: Client, name: str, theme: str) -> None:
    made = with_card(client)
    Signature.objects.update(name=name, profession="other", profession_other=name[:120])
    answer = client.get(f"/cards/{made.token}.png?theme={theme}")
    assert answer.status_code == 200
    looked_at(answer.content)


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_is_drawn(name: str) -> None:
    """Not with the empty box of the text face."""
    svg = card_pictures.svg(card(name), "light")
    (box,) = shaping.draw("\U0010fffd", 1).glyphs
    assert box.path not in svg
    looked_at(png(svg, scale=1))


def test_all_that_is_longest_fits_together() -> None:
    longest = card("W" * 200, "W" * 120, "A very long title of a declaration, " * 10)
    for theme in ("light", "dark"):
        looked_at(png(card_pictures.svg(longest, theme), scale=1))


@settings(max_examples=60, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=names.LONGEST_NAME))
@example("a" + "\u0301" * 4)
@example("1\u0627")
def test_any_name_that_the_form_takes_is_drawn(typed: str) -> None:
    try:
        name = names.tidy(typed)
    except names.NameRefused:
        assume(False)
    picture = looked_at(png(card_pictures.svg(card(name), "light"), scale=1))
    assert picture.crop((60, 60, 1140, 300)).getcolors(1) is None  # there are letters where the name stands


def in_em(text: str) -> float:
    return shaping.draw(text, 1).width


@settings(max_examples=60, deadline=None)
@given(st.text(ALPHABET, max_size=300), st.integers(200, 1000), st.integers(60, 200))
def test_words_fit_into_any_box(words: str, width: int, height: int) -> None:
    block = fit(words, Box(width, height, (40, 30, 20)))
    lines = [line[1:] for line, _baseline in block.lines]  # without the mark of its direction
    kept = "".join(lines).removesuffix(CUT)
    squeezed = "".join(words.split())
    assert squeezed.startswith("".join(kept.split()))
    if block.size > 20 or not "".join(lines).endswith(CUT):
        assert "".join("".join(lines).split()) == squeezed
    baselines = [baseline for _line, baseline in block.lines]
    assert baselines == sorted(baselines)
    assert all(in_em(line) * block.size <= width + 0.01 for line in lines if len(line) > 1)


def test_lines_are_broken_between_words_and_are_even() -> None:
    block = fit("A Declaration on Music and Machines", Box(600, 200, (70,)))
    assert [line[1:] for line, _baseline in block.lines] == ["A Declaration on", "Music and Machines"]
    thai = fit("สมชายใจดีณอยุธยา", Box(200, 200, (40,)))
    assert len(thai.lines) > 1
    assert all(line[1:][0] not in "\u0e31\u0e34\u0e35\u0e48" for line, _baseline in thai.lines)


def test_a_smaller_size_comes_before_a_broken_word_and_that_before_a_cut() -> None:
    assert fit("Hohenstaufen", Box(200, 100, (60, 30))).size == 30
    broken = fit("W" * 20, Box(200, 100, (60, 30)))
    assert broken.size == 60 or len(broken.lines) > 1
    cut = fit("W" * 200, Box(200, 100, (60, 30)))
    assert cut.lines[-1][0].endswith(CUT)
    assert cut.height <= 100


def test_each_line_of_a_name_from_right_to_left_runs_so() -> None:
    """Also a line that begins with a figure."""
    block = fit("محمد 1 محمد 2 محمد 3", Box(150, 300, (40,)))
    assert len(block.lines) > 1
    assert {line[0] for line, _baseline in block.lines} == {"\N{RIGHT-TO-LEFT MARK}"}
    assert {line[0] for line, _baseline in fit("Ann علي", Box(900, 90, (40,))).lines} == {"\N{LEFT-TO-RIGHT MARK}"}
