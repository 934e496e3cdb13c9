"""Names: tidied, never fixed; sorted, found and compared."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatories.identity import names
from signatories.identity.filing import guess_filing

REAL = [
    "O", "-M-", "will.i.am", "O'Brien", "Null", "None", "True", "Test", "Björn Åkesson", "Nguyễn Thị Ánh",
    "Gabriela Ximena de la Higuera y Sol Ñandubay Zarzamora", "محمد الرمّاني", "می‌نا باغستانی", "שָׁרָה לוטם",
    "प्रियांशी ऋतुराज", "欧阳墨竹", "星野原 花音", "선우 별하", "ก้องฟ้า ทองเมฆา", "Ọláńrewájú", "AC/DC", "Ｆｕｌｌ Ｗｉｄｔｈ",
    "Anne-Marie d'Aubrepierre Jr.", "b r i n e", "MÅNE", "Яна Барвинок", "Ωρίων Ψαροπούλα", "X" * 190, "P!nkish", "Ke$tra",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_names_stay_as_they_are(name: str) -> None:
    assert names.tidy_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann \t Vale ", "Ann Vale"),
        ("Ann\u202e Vale", "Ann Vale"),
        ("Ann\u200b Va\u2060le\ufeff", "Ann Vale"),
        ("Ann\u200d Vale", "Ann Vale"),  # joiners only where a script is spelt with them
        ("\u2067Ann\u2069", "Ann"),
        ("Ann\U000e0041", "Ann"),
        ("Ann\ue000\x07\x85", "Ann"),
        ("Bjo\u0308rn", "Björn"),
        ("Ann\r\nBcc: x", "Ann Bcc: x"),
    ],
)
def test_invisible_characters_go(typed: str, kept: str) -> None:
    assert names.tidy_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a" + "\u0301" * 500, "Z" + "\u0317" * 5, "<b>Ann</b>", "Ann &amp; Bob", "http://spam.example", "www.spam.example",
        "Win at spam.example/now", "javascript:alert(1)", "Ann 😀", "☃", "🇫🇷 Ann", "Ann ❤️", "Ann 1️⃣", "Ann 👩‍🎤", "Ann\ufffd", "X" * 201, "---",
        "\u0301",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(names.NameRefused) as refused:
        names.tidy_name(typed)
    assert len(str(refused.value.args[0])) > 10


@given(st.text(max_size=300))
def test_tidying_twice_changes_nothing_and_hides_nothing(typed: str) -> None:
    try:
        tidied = names.tidy(typed)
    except names.NameRefused:
        return
    assert names.tidy(tidied) == tidied == unicodedata.normalize("NFC", tidied)
    assert len(tidied) <= names.LONGEST_NAME
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in tidied)
    assert not set(tidied) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b")


@given(st.text(min_size=1, max_size=60))
@example("\ufdfa" * 200)
@example("".join(map(chr, range(0xFB60, 0xFBB0))))
def test_every_name_has_keys(typed: str) -> None:
    try:
        name = names.tidy_name(typed)
    except names.NameRefused:
        return
    if name:
        keys = names.keys(name=name)
        assert keys.sort_key
        assert 0 < len(keys.letter) <= 8
        assert len(keys.sort_key) <= names.LONGEST_KEY
        assert len(keys.skeleton.encode()) <= names.LONGEST_KEY
        assert "\0" not in keys.search_key + keys.skeleton


@pytest.mark.parametrize(
    ("name", "filing", "letter"),
    [
        ("Björn Åkesson", "Åkesson", "A"), ("-M-", "-M-", "M"), ("will.i.am", "will.i.am", "W"), ("Patrick O'Brien", "O'Brien", "O"),
        ("Яна Ђурић", "Ђурић", "Д"), ("Ζωή Ψαροπούλα", "Ψαροπούλα", "Ψ"), ("星野原花音", "星野原花音", "漢"), ("さくら 星", "さくら 星", "さ"),
        ("선우 별하", "선우 별하", "ㅅ"), ("4ever", "4ever", "#"), ("∆lt-Ja", "∆lt-Ja", "#"), ("ሰላም", "ሰላም", "ሰ"), ("గీత", "గీత", "గ"), ("བཀྲ", "བཀྲ", "ཀ"), ("پری", "پری", "پ"), ("Ann Vale !", "Vale", "V"),  ("נועם כלנית", "כלנית", "כ"), ("बदर शर्मा", "शर्मा", "श"),
    ],
)  # fmt: skip
def test_filing_and_letter(name: str, filing: str, letter: str) -> None:
    assert guess_filing(name) == filing
    assert names.keys(name=name).letter == letter


# Up to the compatibility forms, whose order among each other nobody relies on.
LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Lt", "Nd"], max_codepoint=0xFAFF)


@given(st.lists(st.text(LETTERS, min_size=1, max_size=3)))
@example(REAL)
@example(["ਅਮਰ", "గీత", "ሰላም", "ᏣᎳᎩ", "བཀྲ", "ދިވެހި", "ܐܒܐ", "4ever", "ꦗꦮ"])
def test_letters_follow_the_sort_order(found: list[str]) -> None:
    """Each letter stands once in the sorted list: no heading comes back."""
    tidied = {unicodedata.normalize("NFC", name) for name in found}
    ordered = sorted((names.keys(name=name) for name in tidied), key=lambda keys: keys.sort_key)
    letters = [keys.letter for keys in ordered]
    seen = [letter for n, letter in enumerate(letters) if n == 0 or letters[n - 1] != letter]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("name", "typed"), [("Björn", "bjorn"), ("Яна", "yana"), ("Łucja Źródło", "lucja zrodlo"), ("Þórdís", "thordis"), ("Nguyễn", "NGUYEN"), ("İpek", "ipek"), ("Gøril", "goril")])  # fmt: skip
def test_folding_finds_with_plain_letters(name: str, typed: str) -> None:
    assert names.fold(name) == names.fold(typed)


@pytest.mark.parametrize(
    "disguise",
    [
        "Cassius Moonwright", "CASSIUS MOONWRIGHT", "Саssius Mооnwright", "Cassius  Moonwright", "Cassius\u200b Moonwright",
        "Cássius Moonwright", "Dr. Cassius Moonwright", "Cassius Mo\u03bfnwright", "Ｃａｓｓｉｕｓ Moonwright",
        "Cassius Moonwriġht", "Cassius M00nwright", "cassius moonwright.",
    ],
)  # fmt: skip
def test_look_alikes_share_a_skeleton(disguise: str) -> None:
    assert names.skeleton(disguise) == names.skeleton("Cassius Moonwright")


def test_others_do_not() -> None:
    assert names.skeleton("Cassia Moonright") != names.skeleton("Cassius Moonwright")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(names.NameRefused):
        names.tidy_name("Ann\ud800")


@pytest.mark.parametrize("filler", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u17b4", "\u180b", "\u034f", "\U000e0041"])
def test_letters_nobody_can_see_go(filler: str) -> None:
    assert names.tidy_name(f"Ann{filler}a") == "Anna"
    assert names.tidy_name(filler) == ""


@pytest.mark.parametrize("name", ["മോഹന്‍", "മോഹന്‍ ലാല്‍", "می‌نا", "نازِ‌نین", "क्‍ष"])
def test_joiners_that_a_script_is_spelt_with_stay(name: str) -> None:
    assert names.tidy_name(name) == name


def test_a_pile_of_marks_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(names.NameRefused, match="at most 200"):
        names.tidy_name("a" + "\u0315\u0300" * 1_000_000)


@given(st.text(alphabet="abzAZ09 '-", max_size=250))
def test_plain_text_is_tidied_as_any_other(text: str) -> None:
    """What needs no look at each character comes out as if each had been looked at."""
    try:
        expected = names.tidy(text + "é")
    except names.NameRefused:
        with pytest.raises(names.NameRefused):
            names.tidy(text + "e")
    else:
        assert names.tidy(text + "e") == expected[:-1] + "e"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Łódź!", "LODZ", True), ("Κήποι", "ΚΗΠΟΙ", True), ("Straße", "STRASSE", True), ("KIZIL", "Kızıl", True),
        ("می‌نا", "مینا", True), ("!!!", "???", False), ("!!!", "", False), ("Anna Vale", "Anna Vаle", False),
        ("100", "100%", False), ("ก้อง", "กอง", False),
    ],
)  # fmt: skip
def test_a_spelling_leaves_out_capitals_accents_spaces_and_punctuation_only(one: str, other: str, same: bool) -> None:
    assert (names.spelling(one) == names.spelling(other)) is same
